"""Inference of a study: training runs are the units, seeds the blocks, layers and images are never replicates.

The public functions (those of `_HOME`) are found here by name and imported on first use.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "cross_validated_cosine": "cross_validated",
    "cross_validated_inner": "cross_validated",
    "family_contrast": "contrast",
    "holm": "multiplicity",
    "paired_effect": "paired",
    "sign_flip_test": "sign_flip",
}

__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    """Import a public function on first use (PEP 562), so that no rule depends on it by importing a part."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
