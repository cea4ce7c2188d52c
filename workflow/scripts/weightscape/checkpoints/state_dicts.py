"""State dicts as training code keeps them: below a wrapper, with the prefixes of frameworks."""

from collections.abc import Mapping
from typing import Any, TypeVar

Value = TypeVar("Value")

WRAPPERS = ("state_dict", "model_state_dict", "model", "module")
"""Keys under which training code keeps the state dict."""

FRAMEWORK_PREFIXES = ("module.", "_orig_mod.")
"""What PyTorch's ``DataParallel`` and ``torch.compile`` put before every name."""


def without_wrappers(content: Any) -> Any:
    """Return the dict that a file's content keeps under one of `WRAPPERS`, or else the content itself."""
    for wrapper in WRAPPERS:
        if isinstance(content, dict) and isinstance(content.get(wrapper), dict):
            content = content[wrapper]
    return content


def without_framework_prefixes(tensors: Mapping[str, Value]) -> dict[str, Value]:
    """Return the tensors without the prefixes of frameworks that all their names have, in whatever order they stand."""
    bare = dict(tensors)
    while bare and (prefix := next((p for p in FRAMEWORK_PREFIXES if all(n.startswith(p) for n in bare)), None)):
        bare = {name.removeprefix(prefix): value for name, value in bare.items()}
    return bare
