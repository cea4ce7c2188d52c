"""Figure: spectral fingerprint of every series by layer group, as a heat map."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from weightscape.condition_rows import ConditionRow
from weightscape.figures.heat_map import ColumnGroup, draw_heat_map
from weightscape.figures.registry import Inputs
from weightscape.figures.style import series_order
from weightscape.statistics.constants import LAYER_GROUPS
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.statistics.plan import Plan
from weightscape.words.names import metric_label, plain

CATEGORY = "Effects"
SECTION = ("fingerprints", 2)
TABLES = ("effects",)
PARAMS = ("conditions", "claims")
SHOWN = ("change", "shape")
"""The feature families shown: more columns could not be read."""


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    return draw_fingerprints(inputs.table("effects"), inputs.conditions, Plan.from_mapping(inputs.claims))


def draw_fingerprints(effects: pd.DataFrame, conditions: Sequence[ConditionRow], plan: Plan) -> Figure:
    """Draw the effects table's series level: rows are series, columns are layer groups within metrics.

    Only metrics of the families `SHOWN` have columns.

    Parameters
    ----------
    effects
        The effects table; outcomes ``<prefix>/<layer group>/<metric>``.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    plan
        Names the metrics of the feature families.
    """
    table = effects[effects["level"] == "series"]
    present = set(table["condition"])
    rows = [series for series in series_order(conditions) if series in present]
    groups = [
        ColumnGroup(
            f"{metric_label(metric)}, {family.name}",
            [f"{family.outcomes}/{group}/{metric}" for group in LAYER_GROUPS],
            LAYER_GROUPS,
        )
        for family in FEATURE_FAMILIES
        for metric in plan.metrics(family.name)
        if family.name in SHOWN
    ]
    return draw_heat_map(table, rows, [plain(series) for series in rows], groups)
