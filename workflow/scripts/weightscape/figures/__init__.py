"""Figures of a study: one module per figure, each a function from tables to a Matplotlib figure, and one style."""
