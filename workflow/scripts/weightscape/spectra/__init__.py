"""Spectral analysis of weight matrices; `analyze` is the way in, each module one part of it."""

from weightscape.spectra.analyze import analyze

__all__ = ["analyze"]
