"""Data sets, one module each; see `weightscape.data.source`."""
