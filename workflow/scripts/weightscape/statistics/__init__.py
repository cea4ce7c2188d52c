"""Inference of a study: training runs are the units, seeds the blocks, layers and images are never replicates.

The public functions are found here by name and imported on first use, because the check of a study's config asks this
package for `MINIMUM_SEEDS` each time Snakemake starts and must not wait for SciPy.
"""

from importlib import import_module
from typing import Any

from weightscape.statistics.constants import MINIMUM_SEEDS

__all__ = [
    "MINIMUM_SEEDS",
    "cross_validated_cosine",
    "cross_validated_inner",
    "family_contrast",
    "holm",
    "paired_effect",
    "sign_flip_test",
]

_HOME = {
    "cross_validated_cosine": "cross_validated",
    "cross_validated_inner": "cross_validated",
    "family_contrast": "contrast",
    "holm": "multiplicity",
    "paired_effect": "paired",
    "sign_flip_test": "sign_flip",
}


def __getattr__(name: str) -> Any:
    """Import a public function on first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
