"""Figure: effect of every condition on every outcome, as a heat map."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from weightscape.condition_rows import ConditionRow
from weightscape.figures.heat_map import ColumnGroup, draw_heat_map
from weightscape.figures.registry import Inputs
from weightscape.figures.style import condition_order
from weightscape.words.names import SETS, condition_label, metric_label

CATEGORY = "Effects"
SECTION = ("fingerprints", 1)
TABLES = ("effects",)
PARAMS = ("conditions", "claims")


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    return draw_effects(inputs.table("effects"), inputs.conditions, inputs.claims["shape"], inputs.claims["scale"])


KINDS = ("test", "ood", "corruption")


def draw_effects(
    effects: pd.DataFrame, conditions: Sequence[ConditionRow], shape: Sequence[str], scale: Sequence[str]
) -> Figure:
    """Draw the effects table's condition level: rows are conditions, columns are outcomes.

    Parameters
    ----------
    effects
        The effects table.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    shape, scale
        Spectral metrics of the two feature families.
    """
    table = effects[effects["level"] == "condition"]
    present = set(table["condition"])
    rows = [name for name in condition_order(conditions) if name in present]
    by_name = {condition["condition"]: condition for condition in conditions}
    labels = [condition_label(by_name[name]["series"], by_name[name]["dose"]) for name in rows]
    return draw_heat_map(table, rows, labels, column_groups(shape, scale))


def column_groups(shape: Sequence[str], scale: Sequence[str]) -> list[ColumnGroup]:
    """Return the columns of the effect heat map: spectra, accuracy, calibration, diversity."""
    sets = [SETS[kind] for kind in KINDS]
    return [
        ColumnGroup("shape of spectra", [f"spectra/{m}" for m in shape], [metric_label(m) for m in shape]),
        ColumnGroup("scale", [f"spectra/{m}" for m in scale], [metric_label(m) for m in scale]),
        ColumnGroup("accuracy", [f"evaluation/{kind}/accuracy" for kind in KINDS], sets),
        ColumnGroup("ECE", [f"evaluation/{kind}/ece" for kind in KINDS], sets),
        ColumnGroup("Vendi score", ["diversity/pixel/vendi_1", "diversity/embedding/vendi_1"], ["pixels", "embedding"]),
    ]
