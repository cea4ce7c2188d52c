"""Figure: effect of every condition on every outcome, as a heat map."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from weightscape.condition_rows import ConditionRow
from weightscape.figures.heat_map import ColumnGroup, draw_heat_map
from weightscape.figures.registry import Inputs
from weightscape.figures.style import condition_order
from weightscape.statistics.families import FEATURE_FAMILIES, FeatureFamily
from weightscape.statistics.plan import Plan
from weightscape.words.names import SETS, condition_label, metric_label

CATEGORY = "Effects"
SECTION = ("fingerprints", 1)
TABLES = ("effects",)
PARAMS = ("conditions", "claims")


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    return draw_effects(inputs.table("effects"), inputs.conditions, Plan.from_mapping(inputs.claims))


KINDS = ("test", "ood", "corruption")


def draw_effects(effects: pd.DataFrame, conditions: Sequence[ConditionRow], plan: Plan) -> Figure:
    """Draw the effects table's condition level: rows are conditions, columns are outcomes.

    Parameters
    ----------
    effects
        The effects table.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    plan
        Names the metrics of the feature families.
    """
    table = effects[effects["level"] == "condition"]
    present = set(table["condition"])
    rows = [name for name in condition_order(conditions) if name in present]
    by_name = {condition["condition"]: condition for condition in conditions}
    labels = [condition_label(by_name[name]["series"], by_name[name]["dose"]) for name in rows]
    return draw_heat_map(table, rows, labels, column_groups(plan))


def column_groups(plan: Plan) -> list[ColumnGroup]:
    """Return the columns of the effect heat map: spectra, accuracy, calibration, diversity."""
    sets = [SETS[kind] for kind in KINDS]
    return [
        *(_feature_columns(family, plan.metrics(family.name)) for family in FEATURE_FAMILIES),
        ColumnGroup("accuracy", [f"evaluation/{kind}/accuracy" for kind in KINDS], sets),
        ColumnGroup("ECE", [f"evaluation/{kind}/ece" for kind in KINDS], sets),
        ColumnGroup("Vendi score", ["diversity/pixel/vendi_1", "diversity/embedding/vendi_1"], ["pixels", "embedding"]),
    ]


def _feature_columns(family: FeatureFamily, metrics: Sequence[str]) -> ColumnGroup:
    outcomes = [f"{family.outcomes}/{metric}" for metric in metrics]
    return ColumnGroup(family.name, outcomes, [metric_label(metric) for metric in metrics])
