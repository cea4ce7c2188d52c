"""What figures and the report are told of a condition."""

import math
from typing import NotRequired, TypedDict

PRETRAINED = "pretrained"
"""Condition of the rows about the pre-trained weights, where all runs start from them."""

INITIAL = "initial"
"""Condition of the rows about a seed's own initialisation, where runs start from that."""

KIN = {
    "head_dropout": "dropout",
    "drop_path": "dropout",
    "l2_sp": "weight_decay",
    "mixup": "augment",
    "cutmix": "augment",
}
"""Families that are variants of another one: they share its colours in figures, and are not its rivals in controls."""


class ConditionRow(TypedDict):
    """The columns that name a condition in every table, and what its dose is in words.

    The dose is None for a baseline and a combination; `parts` are the conditions that a combination is made of.
    """

    condition: str
    series: str
    family: str
    dose: float | None
    dose_label: str
    parts: NotRequired[list[str]]


def dose_order(row: ConditionRow) -> float:
    """Return a key that sorts the conditions of a series by dose, those without a dose first."""
    return -math.inf if row["dose"] is None else row["dose"]


def kin(family: str) -> str:
    """Return the family that a family is a variant of, or itself."""
    return KIN.get(family, family)
