"""Pictures of spectra: what they show, and that they show it at any scale."""

import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matrices_for_tests import matrix

from weightscape.figures.layer_spectrum import LONGEST_NAME, SPIKES, TAIL, draw_layer, shortened
from weightscape.figures.layers_by_depth import ALPHA_TOP, draw_change, draw_overview
from weightscape.spectra import analyze


def drawn(weight: np.ndarray, name: str = "fc"):
    """Return the figure of one layer, its three axes and its row; a warning is an error."""
    seen = []
    analyze({f"{name}.weight": weight}, on_layer=lambda *found: seen.append(found))
    ((layer, eigenvalues, row),) = seen
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = draw_layer(layer, eigenvalues, row)
        figure.draw_without_rendering()
    return figure, figure.axes, row, eigenvalues


def lines(ax, color: str, style: str = "-"):
    return [line for line in ax.get_lines() if to_hex(line.get_color()) == color and line.get_linestyle() == style]


def legend(figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.fixture(scope="module")
def heavy():
    return np.random.default_rng(0).standard_t(2.5, (300, 200))


@pytest.mark.parametrize("panel", [0, 1])
def test_the_power_law_has_the_tails_share_of_the_density(heavy, panel):
    _, axes, row, eigenvalues = drawn(heavy)
    (curve,) = lines(axes[panel], TAIL)
    x, y = curve.get_data()
    bars = axes[panel].patches[0].get_data()
    measure = np.log10 if panel else np.asarray
    total = np.sum(bars.values * np.diff(measure(bars.edges)))
    area = np.trapezoid(y, measure(x)) / total
    expected = np.mean(eigenvalues >= row["xmin"]) * (1 - (row["xmax"] / row["xmin"]) ** (1 - row["alpha"]))
    assert area == pytest.approx(expected, rel=0.01)


def test_every_spike_has_a_mark(heavy):
    figure, axes, row, _ = drawn(heavy)
    assert row["robust_num_spikes"] > 5
    for ax in axes[:2]:
        (marks,) = lines(ax, SPIKES, "None")
        assert len(marks.get_xdata()) == row["robust_num_spikes"]
    assert f"{row['robust_num_spikes']} spikes" in legend(figure)


@pytest.mark.parametrize("scale", [1e-130, 1e-6, 1.0, 1e130])
def test_weights_of_any_scale_look_alike(heavy, scale):
    _, axes, *_ = drawn(scale * heavy)
    for ax in axes[:2]:
        bars = ax.patches[0].get_data()
        assert bars.values.max() == pytest.approx(1)
        assert 1 < ax.get_ylim()[1] < 2
        low, high = ax.get_xlim()
        assert low <= bars.edges[0]
        assert 0.001 < high < 10_000


def test_the_bulk_is_drawn_to_its_edge_beyond_the_last_eigenvalue():
    narrow = np.linalg.qr(matrix((200, 100), 1))[0]
    _, axes, row, eigenvalues = drawn(narrow)
    assert row["robust_bulk_max"] > 2 * eigenvalues[-1]
    for ax in axes[:2]:
        (curve,) = [line for line in ax.get_lines() if line.get_linestyle() == "--"]
        assert curve.get_xdata()[-1] == pytest.approx(row["robust_bulk_max"], rel=0.001)
        assert ax.get_xlim()[1] >= row["robust_bulk_max"]


def test_a_layer_without_fits_is_drawn_without_their_entries():
    figure, *_ = drawn(matrix((40, 1), 1))
    assert legend(figure) == ["eigenvalues"]
    assert "1 eigenvalue" in figure.texts[0].get_text()
    assert "1 eigenvalues" not in figure.texts[0].get_text()


def test_zero_eigenvalues_are_counted_in_words_and_shares():
    figure, axes, *_ = drawn(matrix((60, 9), 1).astype(float) @ matrix((9, 40), 2).astype(float))
    assert "40 eigenvalues, 31 of them zero" in figure.texts[0].get_text()
    assert max(axes[2].get_lines()[0].get_ydata()) == pytest.approx(9 / 40)


def test_a_bulk_beside_a_few_zeros_has_their_share_left_out():
    dead = matrix((200, 100), 1)
    dead[:, :5] = 0
    _, axes, row, _ = drawn(dead)
    assert row["robust_num_spikes"] == 0
    (curve,) = [line for line in axes[0].get_lines() if line.get_linestyle() == "--"]
    bars = axes[0].patches[0].get_data()
    area = np.trapezoid(curve.get_ydata(), curve.get_xdata()) / np.sum(bars.values * np.diff(bars.edges))
    assert area == pytest.approx(1, rel=0.01)


def test_no_text_leaves_the_picture_or_covers_a_panel():
    figure, axes, *_ = drawn(matrix((64, 32), 1), "backbone." + "encoder_layer_with_adapters." * 9 + "q")
    frame = figure.bbox
    for artist in (*figure.texts, *figure.legends):
        box = artist.get_window_extent()
        assert frame.x0 <= box.x0 <= box.x1 <= frame.x1
        assert not any(box.overlaps(ax.get_window_extent()) for ax in axes)
    assert "64 × 32" in figure.texts[0].get_text()


def test_a_long_name_keeps_its_beginning_and_end():
    name = "encoder." * 20 + "query"
    short = shortened(name, LONGEST_NAME)
    assert len(short) == LONGEST_NAME
    assert short.startswith("encoder.")
    assert short.endswith("query")
    assert shortened("fc", LONGEST_NAME) == "fc"


@pytest.fixture
def table() -> pd.DataFrame:
    weights = {f"{name}.weight": matrix((60, 20), seed) for seed, name in enumerate("abcd")}
    before = {name: value + 0.1 * matrix(value.shape, 9) for name, value in weights.items()}
    return analyze(weights, before=before)


def test_an_alpha_above_the_axis_is_a_triangle_at_its_edge(table):
    table["alpha"] = [3.0, 40.0, 5.0, 13.0]
    table["alpha_valid"] = [True, False, True, True]
    figure = draw_overview(table)
    ax = figure.axes[0]
    triangles = [line for line in ax.get_lines() if line.get_marker() == "^"]
    assert sorted(x for line in triangles for x in line.get_xdata()) == [1, 3]
    assert {y for line in triangles for y in line.get_ydata()} == {ALPHA_TOP}
    assert max(max(line.get_ydata(), default=0) for line in ax.get_lines()) < ax.get_ylim()[1]
    assert "at the edge: α > 12" in legend(figure)
    assert "hollow: α is flagged" in legend(figure)
    assert any("WeightWatcher" in entry for entry in legend(figure))


def test_the_overviews_legend_has_only_what_is_drawn(table):
    table["alpha"], table["alpha_valid"] = 3.0, True
    assert len(legend(draw_overview(table))) == 2
    table.loc[0, "layer_type"] = "depthwise"
    assert "grouped, depthwise" in legend(draw_overview(table))


def test_the_overviews_legend_covers_no_panel(table):
    figure = draw_overview(table)
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert not any(box.overlaps(ax.get_window_extent()) for ax in figure.axes)


@pytest.mark.parametrize("spikes", [[0, 0, 0, 0], [0, 1, 0, 2], [0, 155, pd.NA, 3]])
def test_counts_have_whole_ticks_from_zero(table, spikes):
    table["robust_num_spikes"] = pd.array(spikes, "Int64")
    figure = draw_overview(table)
    figure.draw_without_rendering()
    low, high = figure.axes[3].get_ylim()
    ticks = [tick for tick in figure.axes[3].get_yticks() if low <= tick <= high]
    assert ticks[0] == 0
    assert all(tick == int(tick) for tick in ticks)


def test_the_change_is_drawn_by_depth(table):
    assert [ax.get_ylabel() for ax in draw_change(table).axes] == [
        "relative change of W",
        "overlap of 10 vectors",
        "intruders of 10",
    ]


def test_columns_that_no_layer_has_are_left_out(table):
    assert len(draw_overview(table.drop(columns="alpha").assign(entropy=np.nan)).axes) == 2
    nothing = draw_overview(table[["layer_id", "layer_type"]])
    assert "No layer has any of these" in nothing.axes[0].texts[0].get_text()
