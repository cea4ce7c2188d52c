"""Corruptions, one module each; see `weightscape.data.corruption`."""
