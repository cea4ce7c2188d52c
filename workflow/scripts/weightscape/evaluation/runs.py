"""What the tables of the evaluation are made of: runs with their logits, and sets with their labels."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

KINDS = ("validation", "test", "ood", "corruption")


@dataclass(frozen=True)
class LabelledSet:
    """A set of images that networks are evaluated on.

    Parameters
    ----------
    name
        Name of the set's folder, such as ``test`` or ``test-blur-3``.
    kind
        One of `KINDS`.
    labels
        int, shape (n,).
    corruption
        Name of the corruption; empty where there is none.
    severity
        Severity of the corruption; None where there is none.
    """

    name: str
    kind: str
    labels: np.ndarray
    corruption: str = ""
    severity: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"evaluation set {self.name}: kind must be one of {KINDS}, got {self.kind!r}")

    def columns(self) -> dict[str, Any]:
        """Return the columns that name the set in a table."""
        return {"set": self.name, "kind": self.kind, "corruption": self.corruption, "severity": self.severity}


@dataclass(frozen=True)
class Run:
    """What identifies a training run, with its logits.

    Parameters
    ----------
    condition, series, family
        Names of the condition, of its series and of its family.
    dose
        Dose of the intervention; None where it has none.
    seed
        Paired seed index.
    logits
        For each evaluation set's name, float of shape (n, classes).
    corruptions_seen
        Corruptions that the run was trained on.
    """

    condition: str
    series: str
    family: str
    dose: float | None
    seed: int
    logits: Mapping[str, np.ndarray]
    corruptions_seen: Collection[str] = ()

    def columns(self) -> dict[str, Any]:
        """Return the columns that name the run in a table."""
        return {
            "condition": self.condition,
            "series": self.series,
            "family": self.family,
            "dose": self.dose,
            "seed": self.seed,
        }

    def on(self, entry: LabelledSet) -> np.ndarray:
        """Return the logits on a set; KeyError if there are none."""
        if entry.name not in self.logits:
            raise KeyError(
                f"{self.condition}, seed {self.seed}: no logits for the set {entry.name}; there are {[*self.logits]}"
            )
        return self.logits[entry.name]
