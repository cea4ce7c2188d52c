"""From the parsed YAML to a checked study."""

from collections.abc import Mapping
from typing import Any

from weightscape.conditions import BASELINE, BASELINE_B, expand_series
from weightscape.config.checks import check_study
from weightscape.config.errors import ConfigError
from weightscape.config.schema import check_structure
from weightscape.config.series import check_series
from weightscape.config.sources import class_names
from weightscape.config.study import Study
from weightscape.training.settings import TrainingSettings


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
        check_structure(config)
        study = _build(config)
        check_study(study)
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from None
    return study


def _build(config: Mapping[str, Any]) -> Study:
    series = config["conditions"]
    for name, settings in series.items():
        check_series(name, settings)
    training = dict(config["training"])
    device = training.pop("device", "cpu")
    generator = dict(config.get("generator", {}))
    synthetic_images = generator.pop("images", 0)
    return Study(
        name=config["study"],
        title=config["title"],
        data=config["data"],
        backbone=config["backbone"],
        generator=generator,
        synthetic_images=synthetic_images,
        training=TrainingSettings(**training),
        device=device,
        seed_count=config["seeds"]["count"],
        seeds_per_job=config["seeds"]["per_job"],
        conditions=(
            BASELINE,
            BASELINE_B,
            *(condition for name, settings in series.items() for condition in expand_series(name, settings)),
        ),
        class_names=class_names(config["data"]),
        claims=config["claims"],
    )
