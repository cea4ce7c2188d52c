"""Names of timm's architectures, read from its source: importing timm would take seconds of every planning."""

import difflib
import importlib.util
import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

_REGISTERED = re.compile(r"^@register_model\s+def (\w+)", re.MULTILINE)
_RENAMED = re.compile(r"^register_model_deprecations\((.*?)^}", re.MULTILINE | re.DOTALL)
_KEY = re.compile(r"""['"]([\w.]+)['"]\s*:""")


def check_architecture(name: str) -> str | None:
    """Return what is wrong with ``architecture``, None if timm has it or if that can't be told here.

    Parameters
    ----------
    name
        An architecture, perhaps with the tag of pre-trained weights after a dot, such as ``resnet18.a1_in1k``.
    """
    architectures, tagged = _names()
    architecture, dot, tag = name.partition(".")
    if not architectures or ":" in name:  # timm is not installed here, or is to ask a server
        return None
    given = f"architecture = {name[:60]!r}"
    if architecture not in architectures:
        return f"{given}{_suggested(architecture, architectures)}; allowed: a name of timm.list_models()"
    tags = {key.partition(".")[2] for key in tagged if key.startswith(f"{architecture}.")}
    if dot and tags and tag not in tags:
        return f"{given}{_suggested(tag, tags)}; allowed after the dot: {', '.join(sorted(tags))}"
    return None


def timm_file(architecture: str) -> str | None:
    """Return the name of timm's file of models that has this architecture, None if that can't be told here."""
    return _names()[0].get(architecture)


@cache
def _names() -> tuple[Mapping[str, str], frozenset[str]]:
    """Return the file of each architecture and the names with tags, as far as the source spells them."""
    spec = importlib.util.find_spec("timm")
    if spec is None or spec.origin is None:
        return {}, frozenset()
    files: dict[str, str] = {}
    tagged: set[str] = set()
    for path in sorted((Path(spec.origin).parent / "models").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        renamed = (name for table in _RENAMED.findall(source) for name in _KEY.findall(table))
        files |= dict.fromkeys([*_REGISTERED.findall(source), *renamed], path.stem)
        tagged |= {key for key in _KEY.findall(source) if "." in key}
    return files, frozenset(tagged)


def _suggested(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word[:60], sorted(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
