"""Figure: spectral fingerprint of every series by layer group, as a heat map."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from weightscape.condition_rows import ConditionRow
from weightscape.figures.heat_map import ColumnGroup, draw_heat_map
from weightscape.figures.registry import Inputs
from weightscape.figures.style import series_order
from weightscape.statistics.constants import LAYER_GROUPS
from weightscape.words.names import metric_label, plain

CATEGORY = "Effects"
SECTION = ("fingerprints", 2)
TABLES = ("effects",)
PARAMS = ("conditions", "claims")


def draw(inputs: Inputs) -> Figure:
    """Draw the figure of a study."""
    metrics = [*inputs.claims["shape"], *inputs.claims["scale"]]
    return draw_fingerprints(inputs.table("effects"), inputs.conditions, metrics)


def draw_fingerprints(effects: pd.DataFrame, conditions: Sequence[ConditionRow], metrics: Sequence[str]) -> Figure:
    """Draw the effects table's series level: rows are series, columns are layer groups within each metric.

    Parameters
    ----------
    effects
        The effects table; outcomes ``spectra/<layer group>/<metric>``.
    conditions
        The study's conditions (``condition``, ``series``, ``family``, ``dose``).
    metrics
        Spectral metrics, each a group of columns.
    """
    table = effects[effects["level"] == "series"]
    present = set(table["condition"])
    rows = [series for series in series_order(conditions) if series in present]
    groups = [
        ColumnGroup(metric_label(metric), [f"spectra/{group}/{metric}" for group in LAYER_GROUPS], LAYER_GROUPS)
        for metric in metrics
    ]
    return draw_heat_map(table, rows, [plain(series) for series in rows], groups)
