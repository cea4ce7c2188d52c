"""Spectral analysis of weight matrices, each module one part of it; the way in is `analyze`, imported on first use."""

from importlib import import_module
from typing import Any

__all__ = ["analyze"]


def __getattr__(name: str) -> Any:
    """Import the public function on first use (PEP 562), so that no rule depends on it by importing a part."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.analysis"), name)
