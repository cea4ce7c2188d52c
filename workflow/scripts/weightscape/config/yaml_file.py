"""Reading a study's YAML: nothing is dropped, and nothing is read as something else than it looks.

YAML 1.1, which PyYAML and Snakemake read, has surprises: ``no`` is false, ``010`` is 8, ``1:30`` is 90, ``1e-3`` is
text, and of two equal keys the last one wins. Each of these is refused here with what to write instead.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from weightscape.config.messages import ConfigError, shown, suggestion

_INT, _BOOL, _TEXT = (f"tag:yaml.org,2002:{kind}" for kind in ("int", "bool", "str"))


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which refuses what YAML would read in a surprising way."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        if isinstance(node, yaml.MappingNode):
            seen: set[Any] = set()
            for key_node, _ in node.value:
                if key_node.tag == "tag:yaml.org,2002:merge":
                    continue
                key = self.construct_object(key_node, deep=True)
                if not isinstance(key, str | int | float | bool | None):
                    raise _refused(key_node, f"the key {shown(key)} is not text")
                if key in seen:
                    raise _refused(key_node, f"the key {shown(key)} appears twice")
                seen.add(key)
        return super().construct_mapping(node, deep)

    def construct_scalar(self, node: yaml.ScalarNode) -> Any:
        if isinstance(node, yaml.ScalarNode) and node.style is None:
            self._check_plain(node)
        return super().construct_scalar(node)

    @staticmethod
    def _check_plain(node: yaml.ScalarNode) -> None:
        """Refuse a value without quotes that is not read as it looks."""
        text, tag = node.value, node.tag
        if tag == _INT and not re.fullmatch(r"[-+]?(0|[1-9][0-9]*)", text):
            raise _refused(
                node, f"{text} is read as the number {yaml.safe_load(text)}: write that, or put it in quotes"
            )
        if tag == _BOOL and text.lower() not in ("true", "false"):
            meant = text.lower() in ("yes", "on", "y")
            raise _refused(node, f"{text} is read as {str(meant).lower()}: write that, or put it in quotes")
        if tag == _TEXT and re.fullmatch(r"[-+]?[0-9][0-9_]*(\.[0-9]*)?[eE][-+]?[0-9]+", text):
            raise _refused(node, f"{text} is read as text: write {float(text.replace('_', ''))!r}, or put it in quotes")
        if tag == "tag:yaml.org,2002:timestamp":
            raise _refused(node, f"{text} is read as a date: put it in quotes")


def _refused(node: yaml.Node, problem: str) -> ConfigError:
    return ConfigError(f"line {node.start_mark.line + 1}: {problem}")


def read_yaml(path: str | Path) -> dict[str, Any]:
    """Read a YAML file that holds one mapping.

    Raises
    ------
    ConfigError
        If there is no such file, it is not YAML, holds a key twice, or a value that YAML reads as something else
        than it looks. The message is one line that starts with the file's name.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        close = suggestion(Path(path).name, [other.name for other in Path(path).parent.glob("*.yaml")])
        raise ConfigError(f"{path}: {error.strerror}{close}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not a text file in UTF-8") from None
    try:
        config = yaml.load(text, Loader=_Loader)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not a YAML file: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(config, dict):
        raise ConfigError(f"{path}: {shown(config)} found; allowed: a mapping with the keys of a study")
    return config
