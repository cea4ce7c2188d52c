"""The report of a study: one self-contained HTML page and the same in plain text, every sentence from the tables."""
