"""The gate of claim 2: whether synthetic images are recognised by a classifier of real ones."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from weightscape.statistics.claim import Finding
from weightscape.statistics.facts import Facts
from weightscape.statistics.recognised_share import OUTCOMES, REAL
from weightscape.statistics.study_tables import StudyTables


@dataclass(frozen=True)
class Recognition(Facts):
    """The check of one pool of synthetic images; `outcome` is one of `OUTCOMES`, and only the first one passes.

    `accuracy` and `accuracy_real` are those of the classifier on the pool and on unseen real images; `share` is the
    first over the second, both above `chance`, and `low` its lower bound. `learnt_from` says which real images the
    generator has seen (`weightscape.generator.generator.Origin`).
    """

    pool: str
    learnt_from: str
    accuracy: float
    accuracy_real: float
    chance: float
    share: float
    low: float
    threshold: float
    outcome: str

    @property
    def passed(self) -> bool:
        """Whether the images are recognised."""
        return self.outcome == OUTCOMES[0]


@dataclass(frozen=True)
class FromGenerator(Facts):
    """A finding on synthetic images, and the checks of their pools: where one fails, the verdict is withheld."""

    finding: Facts
    checks: tuple[Recognition, ...]

    @property
    def failed(self) -> tuple[Recognition, ...]:
        """The checks that do not pass."""
        return tuple(check for check in self.checks if not check.passed)


def recognitions(quality: pd.DataFrame) -> dict[str, Recognition]:
    """Return the check of each pool of the quality table, by its name; the row `REAL` is what they are held against."""
    real = quality.loc[quality["pool"] == REAL, "classifier_accuracy"].iloc[0]
    return {
        str(row.pool): Recognition(
            str(row.pool),
            str(row.learnt_from),
            float(row.classifier_accuracy),
            float(real),
            float(row.chance),
            float(row.recognised_share),
            float(row.recognised_share_low),
            float(row.threshold),
            str(row.outcome),
        )
        for row in quality[quality["pool"] != REAL].itertuples()
    }


def gated(finding: Finding, tables: StudyTables, conditions: Iterable[str]) -> Finding:
    """Return a finding with what its synthetic images are, without verdict where some are not recognised.

    Parameters
    ----------
    finding
        What was found.
    tables
        The study.
    conditions
        The conditions that the finding is about; the pools of images that any of them trains on must pass.
    """
    checks = checks_of_conditions(tables, conditions)
    if not checks:
        return finding
    facts = FromGenerator(finding.facts, checks)
    return replace(finding, verdict="undetermined" if facts.failed else finding.verdict, facts=facts)


def checks_of_conditions(tables: StudyTables, conditions: Iterable[str]) -> tuple[Recognition, ...]:
    """Return the checks of the pools that conditions train on; none in a study whose images were not measured."""
    if tables.quality is None:
        return ()
    wanted = {tables.pools[name] for name in conditions if name in tables.pools}
    return tuple(check for name, check in recognitions(tables.quality).items() if name in wanted)
