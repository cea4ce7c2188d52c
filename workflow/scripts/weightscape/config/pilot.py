"""The pilot of a study: the same study with a ladder of doses, under a name of its own and with few seeds."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from weightscape.config.series import Series
from weightscape.config.study import Study
from weightscape.section import Range
from weightscape.training.datasets import recipe_of

MATCHED_ROLES = ("dropout", "weight_decay", "diversity")
"""Keys of `claims` whose series claim 1 compares."""


def pilot_name(study: str) -> str:
    """Return the name of a study's pilot.

    Every random stream is named by its study first (`weightscape.streams`), and by the second baseline's offset too: no
    seed of the pilot is one of the study, whatever their numbers.
    """
    return f"{study}_pilot"


def pilot_config(config: Mapping[str, Any], study: Study, seeds: int, factors: Sequence[float]) -> dict[str, Any]:
    """Return the config of a study's pilot.

    Parameters
    ----------
    config, study
        The study's config as its file gives it, and checked.
    seeds
        Seeds of the pilot.
    factors
        The ladder: what each dose of the study is multiplied by; doses that are not allowed are left out.
    """
    matched = matched_series(study)
    pilot = deepcopy({key: value for key, value in config.items() if key not in ("amendments", "pilot")})
    pilot |= {
        "study": pilot_name(study.name),
        "title": f"Pilot of {study.name} with a ladder of doses",
        "seeds": {"count": seeds, "per_job": seeds},
        "conditions": {name: {**config["conditions"][name], "doses": ladder(study, name, factors)} for name in matched},
    }
    pilot["claims"].pop("early_stop", None)
    for role in ("augmentation", "synthetic"):
        pilot["claims"][role] = [name for name in pilot["claims"][role] if name in matched]
    return pilot


def matched_series(study: Study) -> list[str]:
    """Return the series that claim 1 compares, in the order of the config."""
    names = {name for role in MATCHED_ROLES for name in getattr(study.claims, role)}
    return [name for name in study.plain_series if name in names]


def ladder(study: Study, name: str, factors: Sequence[float]) -> list[float]:
    """Return the doses of a series times each of the factors, ascending, without those that the study cannot have."""
    series = study.plain_series[name]
    doses = {rounded_dose(series, dose * factor) for dose in series.doses for factor in factors}
    return sorted(dose for dose in doses if _allowed(study, series, dose))


def rounded_dose(series: Series, dose: float) -> float:
    """Return a dose with two digits, or the nearest whole number where a family has whole doses only."""
    limits = series.intervention.model_fields["dose"].metadata
    return round(dose) if any(isinstance(limit, Range) and limit.integer for limit in limits) else float(f"{dose:.2g}")


def _allowed(study: Study, series: Series, dose: float) -> bool:
    options = series.model_dump(exclude={"doses"}, exclude_unset=True)
    try:
        recipe = recipe_of([series.intervention.model_validate({**options, "dose": dose})], study.training.images)
    except ValidationError:
        return False
    images = study.generator.images if study.generator else 0
    return recipe.real <= study.data.splits.train and recipe.synthetic <= images
