"""Conditions: what one group of training runs does differently from the baseline.

A condition is a family of interventions at one dose. A *series* of the study's config lists the doses of one family;
each dose becomes the condition ``<series>-<dose>``. A new family is one entry in `FAMILIES`, plus the code in
`weightscape.training` that acts on its `Treatment`. No script imports this module, so a new family retrains nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from weightscape.training.treatment import Treatment

CONTROL_SEED_OFFSET = 1000


@dataclass(frozen=True)
class Range:
    """The doses a family allows: numbers from `low` to `high`; an open end is excluded."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False
    integer: bool = False

    def __contains__(self, dose: float) -> bool:
        above = dose > self.low if self.low_open else dose >= self.low
        below = dose < self.high if self.high_open else dose <= self.high
        return above and below and (not self.integer or dose == int(dose))

    def __str__(self) -> str:
        kind = "a whole number" if self.integer else "a number"
        return f"{kind} in {'(' if self.low_open else '['}{self.low:g}, {self.high:g}{')' if self.high_open else ']'}"


@dataclass(frozen=True)
class Family:
    """A kind of intervention.

    Attributes
    ----------
    doses
        Range of the dose, or a function of the series' options that returns it.
    treatment
        From a dose and the series' options to the changed fields of `Treatment`.
    options
        The options a series of this family must give: allowed values by name, or a range.
    dose_meaning
        What the dose is, for axes and messages.
    """

    doses: Range | Callable[[Mapping[str, Any]], Range]
    treatment: Callable[[float, Mapping[str, Any]], dict[str, Any]]
    dose_meaning: str
    options: Mapping[str, tuple[str, ...] | Range]

    def dose_range(self, options: Mapping[str, Any]) -> Range:
        """Return the range of doses for a series with these options."""
        return self.doses if isinstance(self.doses, Range) else self.doses(options)


AUGMENTATIONS: dict[str, tuple[Range, str]] = {
    "randaugment": (Range(1, 30, integer=True), "magnitude of 30"),
    "trivialaugment": (Range(0, 1, low_open=True), "probability per image"),
    "augmix": (Range(1, 10, integer=True), "severity of 10"),
    "crop": (Range(0, 0.5, low_open=True), "shift, share of the width"),
    "erasing": (Range(0, 1, low_open=True), "probability per image"),
    "affine": (Range(0, 1, low_open=True), "strength: 1 is 30°, 20 % shift, 30 % scale"),
}

FAMILIES: dict[str, Family] = {
    "dropout": Family(
        Range(0, 1, low_open=True, high_open=True), lambda dose, _: {"dropout": dose}, "dropout probability", {}
    ),
    "weight_decay": Family(
        Range(0, 10, low_open=True),
        lambda dose, options: {"weight_decay": dose, "weight_decay_mode": options["mode"]},
        "weight decay",
        {"mode": ("decoupled", "l2")},
    ),
    "noise": Family(Range(0, 1, low_open=True), lambda dose, _: {"noise": dose}, "noise standard deviation", {}),
    "augment": Family(
        lambda options: AUGMENTATIONS[options["policy"]][0],
        lambda dose, options: {"augmentation": options["policy"], "augmentation_strength": dose},
        "augmentation strength",
        {"policy": tuple(AUGMENTATIONS)},
    ),
    "synthetic": Family(
        lambda options: Range(0, 1 if options["mode"] == "replace" else 10, low_open=True),
        lambda dose, options: {
            "synthetic_ratio": dose,
            "synthetic_mode": options["mode"],
            "guidance_scale": float(options["guidance_scale"]),
        },
        "synthetic images per real image",
        {"mode": ("replace", "add"), "guidance_scale": Range(0, 20)},
    ),
    "more_real": Family(Range(1, 100, low_open=True), lambda dose, _: {"real_factor": dose}, "times the images", {}),
    "duplicate": Family(Range(2, 100, integer=True), lambda dose, _: {"copies": int(dose)}, "copies of each image", {}),
    "early_stop": Family(
        Range(0, 1, low_open=True, high_open=True), lambda dose, _: {"stop_after": dose}, "share of the steps", {}
    ),
}


@dataclass(frozen=True)
class Condition:
    """One condition of a study: a series of a family at one dose."""

    name: str
    series: str
    family: str
    dose: float | None
    treatment: Treatment
    seed_offset: int = 0

    def columns(self) -> dict[str, Any]:
        """Return the columns that name this condition in every table."""
        return {"condition": self.name, "series": self.series, "family": self.family, "dose": self.dose}

    def settings(self) -> dict[str, Any]:
        """Return the treatment as a sorted dictionary of plain values: what a rerun of the condition depends on."""
        return dict(sorted(asdict(self.treatment).items()))

    def stream_seed(self, seed: int) -> int:
        """Return the seed that names the random streams of the run with paired index `seed`."""
        return seed + self.seed_offset


BASELINE = Condition("baseline", "baseline", "baseline", None, Treatment())
# A second set of baseline seeds: whatever the analysis finds between the two baselines is noise.
BASELINE_B = Condition("baseline_b", "baseline_b", "baseline", None, Treatment(), CONTROL_SEED_OFFSET)


def expand_series(name: str, series: Mapping[str, Any]) -> list[Condition]:
    """Return the conditions of one validated series of the config, one per dose, in the order given."""
    family = FAMILIES[series["family"]]
    return [
        Condition(
            name=f"{name}-{dose:g}",
            series=name,
            family=series["family"],
            dose=float(dose),
            treatment=Treatment(**family.treatment(dose, series)),
        )
        for dose in series["doses"]
    ]
