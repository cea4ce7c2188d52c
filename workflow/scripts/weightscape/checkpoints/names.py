"""The order of the layers, as far as the names of their tensors tell it."""

import re
from collections.abc import Iterable

_STEM, _BODY, _LAST_CONVOLUTION, _HEAD = range(4)
_PLACES = (
    dict.fromkeys(("stem", "conv_stem", "conv_proj", "patch_embed", "patch_embeddings", "feature_extractor"), _STEM)
    | dict.fromkeys(("embeddings", "embed_tokens", "wte", "wpe"), _STEM)
    | dict.fromkeys(("conv_head",), _LAST_CONVOLUTION)
    | dict.fromkeys(("head", "heads", "head_dist", "classifier", "lm_head", "embed_out", "score"), _HEAD)
)
_PLACES_AT_THE_TOP = {"conv1": _STEM, "conv_in": _STEM, "shared": _STEM, "fc": _HEAD, "conv_out": _HEAD}


def in_depth_order(names: Iterable[str]) -> list[str]:
    """Return names in the order of the layers, as far as names tell it.

    Numbers count as numbers (block 2 before block 10). Stems come first and heads last: names with a part that says so
    before the number of any block.

    Examples
    --------
    >>> in_depth_order(["blocks.10.fc", "blocks.2.fc", "head.weight", "patch_embed.proj"])
    ['patch_embed.proj', 'blocks.2.fc', 'blocks.10.fc', 'head.weight']
    """
    return sorted(names, key=lambda name: (_place(name), _natural(name)))


def _place(name: str) -> int:
    parts = re.split(r"[./]", name)
    block = next((index for index, part in enumerate(parts) if re.search(r"\d", part)), len(parts))
    places = [_PLACES[part] for part in parts[:block] if part in _PLACES]
    return places[0] if places else _PLACES_AT_THE_TOP.get(parts[0], _BODY)


def _natural(name: str) -> list[tuple[str, int]]:
    """Return a sort key in which runs of digits are compared as numbers."""
    return [(text, int(digits or -1)) for text, digits in re.findall(r"(\D*)(\d*)", name)]
