"""Several finished studies side by side, to see whether a claim holds over backbones and data."""
