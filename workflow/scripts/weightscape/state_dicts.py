"""State dicts as frameworks write them."""

from collections.abc import Mapping
from typing import TypeVar

Value = TypeVar("Value")

FRAMEWORK_PREFIXES = ("module.", "_orig_mod.")
"""What PyTorch's ``DataParallel`` and ``torch.compile`` put before every name."""


def without_framework_prefixes(tensors: Mapping[str, Value]) -> dict[str, Value]:
    """Return the tensors without the prefixes of frameworks that all their names have, in whatever order they stand."""
    bare = dict(tensors)
    while bare and (prefix := next((p for p in FRAMEWORK_PREFIXES if all(n.startswith(p) for n in bare)), None)):
        bare = {name.removeprefix(prefix): value for name, value in bare.items()}
    return bare
