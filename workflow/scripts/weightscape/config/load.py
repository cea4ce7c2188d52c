"""From the parsed YAML to a checked study."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from weightscape.config.checks import check_study
from weightscape.config.messages import ConfigError, explain
from weightscape.config.study import Study
from weightscape.config.yaml_file import read_yaml


def load_study(config: Mapping[str, Any], file: str) -> Study:
    """Check the whole configuration and return the study.

    Parameters
    ----------
    config
        The parsed YAML.
    file
        Where it came from, for messages.

    Raises
    ------
    ConfigError
        At the first value that is not allowed.
    """
    try:
        study = Study.model_validate(config)
        check_study(study)
    except ValidationError as error:
        raise ConfigError(f"{file}: {explain(error, config)}") from None
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from None
    return study


def read_study(path: str | Path) -> Study:
    """Read and check a config file; ConfigError as `read_yaml` and `load_study`."""
    return load_study(read_yaml(path), str(path))
