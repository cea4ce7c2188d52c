"""The configuration of a study: checked as a whole before any job starts, then used as typed objects."""
