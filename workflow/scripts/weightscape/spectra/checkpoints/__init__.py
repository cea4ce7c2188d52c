"""Weights from anyone's checkpoint, one array at a time; `read_checkpoint` is the way in, each format one module."""

from weightscape.spectra.checkpoints.read import Checkpoint, read_checkpoint

__all__ = ["Checkpoint", "read_checkpoint"]
