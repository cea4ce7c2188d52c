"""Readers of files of weights: `weightscape.checkpoints.read` is the way in, each format is one module."""
