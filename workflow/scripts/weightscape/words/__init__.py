"""Numbers, names and sentences: everything that is said in figures, reports and commands."""
