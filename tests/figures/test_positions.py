"""The map of positions: points at the table's values, hollow where not more diverse, labels apart, far values shown."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.transforms import Bbox
from simulated_study import SimulatedStudy

from weightscape.figures.far_values import bend_of
from weightscape.figures.labels import label_points
from weightscape.figures.positions import AXES, draw_positions


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture
def rows(large: SimulatedStudy) -> pd.DataFrame:
    positions = large.tables["positions"]
    return positions[(positions["feature_family"] == "change") & (positions["role"] == "diversity")]


def marks(ax: plt.Axes) -> dict[tuple[float, float], str]:
    """Return the face of each mark by its place."""
    drawn = [line for line in ax.lines if line.get_marker() not in ("None", None)]
    return {(line.get_xdata()[0], line.get_ydata()[0]): line.get_markerfacecolor() for line in drawn}


def test_each_series_is_where_the_table_says_with_its_intervals(large: SimulatedStudy, rows: pd.DataFrame) -> None:
    (ax,) = draw_positions(large.tables["positions"], large.conditions).axes
    assert set(marks(ax)) == set(zip(*(rows[name] for name in AXES), strict=True))
    ends = {tuple(line.get_xdata()) for line in ax.lines} | {tuple(line.get_ydata()) for line in ax.lines}
    for name in AXES:
        assert set(zip(rows[f"{name}_low"], rows[f"{name}_high"], strict=True)) <= ends
    assert ax.get_xlim() == ax.get_ylim()  # so that the diagonal is where both are equal


def test_a_series_that_is_not_more_diverse_is_hollow(large: SimulatedStudy, rows: pd.DataFrame) -> None:
    positions = large.tables["positions"].copy()
    positions.loc[rows.index[0], "manipulation"] = "less diverse"
    figure = draw_positions(positions, large.conditions)
    faces = marks(figure.axes[0])
    assert [face == "#ffffff" for face in faces.values()] == [True] + [False] * (len(rows) - 1)
    assert "not shown to be more diverse" in [text.get_text() for text in figure.legends[0].get_texts()]


def test_one_series_far_away_does_not_flatten_the_others(large: SimulatedStudy, rows: pd.DataFrame) -> None:
    positions = large.tables["positions"].copy()
    shift = -100 - positions.loc[rows.index[0], AXES[0]]
    columns = [f"{AXES[0]}{end}" for end in ("", "_low", "_high")]
    positions.loc[rows.index[0], columns] += shift
    (ax,) = draw_positions(positions, large.conditions).axes
    places = ax.transAxes.inverted().transform(ax.transData.transform([[0.0, 0.0], [2.0, 2.0], [-100.0, 0.0]]))
    assert places[1, 0] - places[0, 0] > 0.1
    assert places[2, 0] > 0


def test_without_directions_it_says_so(large: SimulatedStudy) -> None:
    positions = large.tables["positions"].assign(along_weight_decay=np.nan)
    (text,) = draw_positions(positions, large.conditions).axes[0].texts
    assert "no direction" in text.get_text()


@pytest.mark.parametrize(
    ("values", "half", "bends"),
    [([0.5, 1.0, 2.0], 0.2, False), ([0.5, 1.0, -30.0], 0.2, True), ([0.01, 0.02, 0.5], 0.4, False)],
)
def test_axes_bend_for_values_beyond_the_others_and_their_intervals(values, half, bends) -> None:
    assert (bend_of(np.array(values), np.full(3, half)) is not None) == bends


def test_labels_of_points_in_one_place_do_not_touch() -> None:
    figure, ax = plt.subplots(figsize=(5, 5))
    ax.set(xlim=(-1, 1), ylim=(-1, 1))
    points = np.random.Generator(np.random.PCG64(1)).normal(0, 0.01, (6, 2))
    label_points(ax, points, [f"a long name {i}" for i in range(6)], ["#000000"] * 6)
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [text.get_window_extent(renderer) for text in ax.texts if text.get_text()]
    assert len(boxes) == 6
    for i, box in enumerate(boxes):
        assert all(Bbox.intersection(box, other) is None for other in boxes[i + 1 :])
        assert ax.get_window_extent().contains(*box.min)
        assert ax.get_window_extent().contains(*box.max)
