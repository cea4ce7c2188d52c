"""The data tables of a study, as all claims read them."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from weightscape.statistics.facts import ConditionName
from weightscape.statistics.series import Series, conditions_of_series

T = TypeVar("T")


@dataclass(frozen=True)
class StudyTables:
    """The data tables of a study.

    Attributes
    ----------
    runs, evaluation, diversity, spectra
        One row per run; per run, set and calibration; per run, space and class; per run and layer. The column `dose`
        is float64, NaN where a condition has none.
    images
        Per condition whether each natural out-of-distribution image was classified rightly, (seeds, images). None
        without such a set or without the networks' answers.
    combinations
        Of each condition that combines others, the conditions that it is made of.
    quality
        A row per pool of synthetic images, and one of real ones; None without a generator.
    pools
        The pool of synthetic images that each condition trains on, by the names of both.
    """

    runs: pd.DataFrame
    evaluation: pd.DataFrame
    diversity: pd.DataFrame
    spectra: pd.DataFrame
    images: Mapping[str, np.ndarray] | None = None
    combinations: Mapping[str, Sequence[str]] = field(default_factory=dict)
    quality: pd.DataFrame | None = None
    pools: Mapping[str, str] = field(default_factory=dict)
    _known: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returned when it was first asked for under this key: many claims share what is costly."""
        if key not in self._known:
            self._known[key] = make()
        found: T = self._known[key]
        return found

    @cached_property
    def series(self) -> Series:
        """The conditions of each series."""
        return conditions_of_series(self.runs)

    @cached_property
    def conditions(self) -> dict[str, ConditionName]:
        """What each condition is made of, by name."""
        rows = self.runs.drop_duplicates("condition")
        return {
            str(row.condition): ConditionName(str(row.condition), str(row.series), float(row.dose))
            for row in rows.itertuples()
        }

    @cached_property
    def families(self) -> dict[str, str]:
        """The family of each series."""
        return {str(row.series): str(row.family) for row in self.runs.drop_duplicates("series").itertuples()}
