"""Conditions: groups of training runs that differ from the baseline in the same way.

A *series* of the study's config lists the doses of one family of interventions; each dose becomes the condition
``<series>-<dose>``. A *combination* lists conditions or series whose interventions act together; each becomes the
condition ``<combination>-<dose>-<dose>…``, a series of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from weightscape.condition_rows import INITIAL, PRETRAINED, ConditionRow
from weightscape.generator.pool import Pool
from weightscape.section import meaning
from weightscape.training.intervention import Intervention

CONTROL_SEED_OFFSET = 1000
RESERVED_SERIES = ("baseline", "baseline_b", PRETRAINED, INITIAL)
"""Names of series that are always there."""
COMBINATION = "combination"
"""The family of conditions that are made of others."""


@dataclass(frozen=True)
class Condition:
    """One condition of a study.

    Attributes
    ----------
    name, series, family, dose
        Its names, and its dose (None for the baselines).
    treatment
        The interventions by which it differs from the baseline.
    seed_offset
        Added to a run's paired seed to name its random streams.
    replicate
        Which of the baseline's replicates it is: those of a seed share everything but the order of the batches.
    parts
        Names of the conditions that it combines, none for all others.
    """

    name: str
    series: str
    family: str
    dose: float | None
    treatment: tuple[Intervention, ...] = ()
    seed_offset: int = 0
    replicate: int = 1
    parts: tuple[str, ...] = ()

    def columns(self) -> dict[str, Any]:
        """Return the columns that name this condition in every table."""
        return {"condition": self.name, "series": self.series, "family": self.family, "dose": self.dose}

    def described(self) -> ConditionRow:
        """Return `columns` and what the dose is, in words: what figures and the report are told of a condition."""
        words = " + ".join(meaning(type(part), part.dose_field) for part in self.treatment)
        row = ConditionRow(
            condition=self.name, series=self.series, family=self.family, dose=self.dose, dose_label=words
        )
        return row | {"parts": list(self.parts)} if self.parts else row

    def settings(self) -> list[dict[str, Any]]:
        """Return the interventions as plain values: what a rerun of the condition depends on."""
        return [intervention.given() for intervention in self.treatment]

    @property
    def modules(self) -> list[str]:
        """The modules of its interventions, for digests."""
        return [intervention.module for intervention in self.treatment]

    @property
    def pool(self) -> Pool | None:
        """The pool of the synthetic images that its runs train on, None if there are none."""
        return next((pool for part in self.treatment if (pool := part.pool()) is not None), None)

    @property
    def changes_data(self) -> bool:
        """Whether the images that training sees differ from the baseline's."""
        return any(intervention.changes_data() for intervention in self.treatment)

    @property
    def corruptions_seen(self) -> list[str]:
        """Corruptions of test images that its training sees already."""
        return sorted({name for intervention in self.treatment for name in intervention.corruptions_seen})

    def stream_seed(self, seed: int) -> int:
        """Return the seed that names the random streams of the run with paired index `seed`."""
        return seed + self.seed_offset


BASELINE = Condition("baseline", "baseline", "baseline", None)
# A second set of baseline seeds: whatever the analysis finds between the two baselines is noise.
BASELINE_B = Condition("baseline_b", "baseline_b", "baseline", None, seed_offset=CONTROL_SEED_OFFSET)


def baseline_replicates(count: int) -> list[Condition]:
    """Return the baseline and its replicates, `count` conditions in all; they are one series."""
    return [BASELINE, *(replace(BASELINE, name=f"baseline_{n}", replicate=n) for n in range(2, count + 1))]


def expand_series(name: str, doses: Iterable[Intervention]) -> list[Condition]:
    """Return the conditions of one series of the config, one per dose, in the order given."""
    return [
        Condition(f"{name}-{dose.dose:g}", name, dose.family, float(dose.dose), treatment=(dose,)) for dose in doses
    ]


def expand_combination(name: str, parts: Iterable[Sequence[Condition]]) -> list[Condition]:
    """Return the conditions of one combination of the config: each choice of one condition from every part.

    Their interventions are applied in the order of the parts. Each is a series of its own, since combinations have no
    dose in whose order they could stand: one called `name` if it is the only one.
    """
    choices = list(product(*parts))
    combined = []
    for chosen in choices:
        own = "-".join([name, *(f"{part.dose:g}" for part in chosen)])
        treatment = tuple(intervention for part in chosen for intervention in part.treatment)
        names = tuple(part.name for part in chosen)
        series = own if len(choices) > 1 else name
        combined.append(Condition(own, series, COMBINATION, None, treatment, parts=names))
    return combined
