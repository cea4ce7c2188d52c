"""The look is fixed: one colour per series, the same order everywhere, the same bytes for the same figure."""

import re
from itertools import combinations
from pathlib import Path

import matplotlib
import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from simulated_study import SimulatedStudy

from weightscape.figures.claims import draw_claims
from weightscape.figures.style import (
    FAMILY_COLORS,
    INK,
    LINE,
    PAPER,
    SOFT,
    THEME,
    condition_order,
    save_figure,
    series_order,
    series_styles,
    series_title,
    text_width,
    themed,
)
from weightscape.words.names import METRICS, condition_label, outcome_label
from weightscape.words.numbers import change


def luminance(color: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_series_stand_in_the_order_of_their_families(large: SimulatedStudy) -> None:
    order = series_order(large.conditions)
    assert order[:4] == ["baseline", "baseline_b", "dropout", "weight_decay"]
    assert order == list(series_styles(large.conditions))
    assert series_order(large.conditions[::-1])[2] == "dropout"


def test_conditions_stand_in_the_order_of_their_doses(large: SimulatedStudy) -> None:
    order = [name for name in condition_order(large.conditions) if name.startswith("dropout")]
    assert order == ["dropout-0.02", "dropout-0.05", "dropout-0.1"]


def test_a_series_has_one_style_of_its_own(large: SimulatedStudy) -> None:
    styles = series_styles(large.conditions)
    looks = {(style.color, style.marker) for style in styles.values()}
    assert len(looks) == len({(style.color, style.marker, style.family) for style in styles.values()})
    assert len({style.color for style in styles.values()}) == len(styles)


def test_a_series_keeps_its_color_when_another_family_joins(large: SimulatedStudy, small: SimulatedStudy) -> None:
    assert series_styles(small.conditions)["dropout"] == series_styles(large.conditions)["dropout"]


def test_a_family_that_nobody_foresaw_gets_a_color(small: SimulatedStudy) -> None:
    conditions = [*small.conditions, {"condition": "sam-1", "series": "sam", "family": "sam", "dose": 1.0}]
    styles = series_styles(conditions)
    assert styles["sam"].color not in {style.color for name, style in styles.items() if name != "sam"}


def test_variants_of_a_family_follow_it_and_leave_its_color_as_it_is(small: SimulatedStudy) -> None:
    variant = {"condition": "h-0.1", "series": "h", "family": "head_dropout", "dose": 0.1, "dose_label": ""}
    conditions = [variant, *small.conditions]
    assert series_order(conditions)[-2:] == ["dropout", "h"]
    styles = series_styles(conditions)
    assert styles["dropout"] == series_styles(small.conditions)["dropout"]
    assert styles["h"].color == FAMILY_COLORS["dropout"][1]


def test_more_series_than_colors_still_differ() -> None:
    conditions = [{"condition": f"a{i}-1", "series": f"a{i}", "family": "augment", "dose": 1.0} for i in range(9)]
    styles = series_styles(conditions)
    assert len({(style.color, style.marker) for style in styles.values()}) == 9


@pytest.mark.parametrize("page", ["#ffffff", "#15191f"])
def test_colors_stand_out_on_light_and_dark_pages(page: str) -> None:
    for family, palette in FAMILY_COLORS.items():
        assert contrast(palette[0], page) >= 2.5, family


def test_families_that_claims_compare_differ_for_the_color_blind() -> None:
    """Dropout, weight decay, augmentation and synthetic data differ after removal of the red–green axis."""
    # Viénot, Brettel & Mollon (1999): what a deuteranope sees, in linear RGB.
    matrix = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])
    seen = {
        family: (matrix @ np.array(to_rgb(FAMILY_COLORS[family][0])) ** 2.2).clip(0, 1) ** (1 / 2.2)
        for family in ("dropout", "weight_decay", "augment", "synthetic")
    }
    for a, b in combinations(seen, 2):
        assert np.abs(seen[a] - seen[b]).max() > 0.15, (a, b)


def test_no_series_has_a_color_that_dark_mode_replaces(large: SimulatedStudy) -> None:
    replaced = {INK, SOFT, LINE, PAPER}
    assert not replaced & {style.color for style in series_styles(large.conditions).values()}


def test_the_same_figure_has_the_same_bytes(large: SimulatedStudy, tmp_path) -> None:
    for name in ("one", "two"):
        figure = draw_claims(large.tables["claims"])
        save_figure(figure, {kind: tmp_path / f"{name}.{kind}" for kind in ("png", "svg", "pdf")})
    for kind in ("png", "svg", "pdf"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()
    assert not re.search(r"\d{4}-\d\d-\d\dT", (tmp_path / "one.svg").read_text())


def test_the_last_digits_of_a_layout_do_not_show(tmp_path: Path) -> None:
    """The layout's solver gives other last digits in another process, from which an SVG's identifiers follow."""
    texts = []
    for shift in (0.0, 1e-9):
        figure, ax = plt.subplots()
        ax.set_position((0.2 + shift, 0.2, 0.6 - shift, 0.6))
        ax.plot([0, 2], [0, 2])
        ax.set(xlim=(0, 1), ylim=(0, 1))
        save_figure(figure, {"svg": tmp_path / "figure.svg"})
        texts.append((tmp_path / "figure.svg").read_text())
    assert texts[0] == texts[1]
    assert "clip-path" in texts[0]


def test_drawing_leaves_the_global_settings_alone(large: SimulatedStudy) -> None:
    before = dict(matplotlib.rcParams)
    matplotlib.pyplot.close(draw_claims(large.tables["claims"]))
    assert dict(matplotlib.rcParams) == before


def test_labels_are_words() -> None:
    assert outcome_label("spectra/late/alpha") == "power-law α, late"
    assert outcome_label("evaluation/ood/accuracy") == "OOD accuracy"
    assert outcome_label("spectra/some_metric") == "some metric"
    assert condition_label("weight_decay", 0.1) == "weight decay 0.1"
    assert condition_label("baseline_b", None) == "baseline b"


def test_every_metric_has_a_label_of_its_own() -> None:
    assert len(set(METRICS.values())) == len(METRICS)


@pytest.mark.parametrize("name", ["affine", "weight decay", "trivialaugment", "a_very_long_name_without_a_space"])
def test_a_series_name_stays_above_its_panel_and_legible(name: str) -> None:
    _, ax = plt.subplots()
    series_title(ax, name, width=0.85)
    title = ax.get_title(loc="center") or ax.get_title(loc="left")
    size = next(text.get_fontsize() for text in ax.findobj(plt.Text) if text.get_text() == title)
    assert title.replace("-\n", "").replace("\n", " ") == name
    assert size >= 7
    assert max(text_width(line, size) for line in title.split("\n")) <= 72 * 0.85
    plt.close("all")


def test_a_change_is_rounded_by_its_interval() -> None:
    row = {"mean": 0.06091, "low": 0.0583, "high": 0.0634}
    assert change(row).replace("\N{NO-BREAK SPACE}", " ") == "+0.0609 (95 % interval 0.0583 to 0.0634)"
    assert change({"mean": -2.0, "low": float("nan"), "high": float("nan")}) == "−2.00"


def test_letters_are_as_wide_as_the_layout_took_them_for(tmp_path: Path) -> None:
    """The layout is solved at the figure's own resolution, the files are drawn at others."""

    @themed
    def draw() -> Figure:
        figure, axes = plt.subplots(figsize=(3, 1), layout="constrained")
        axes.set_yticks([0], ["most diverse dose of each series"], fontsize=7.5)
        return figure

    save_figure(draw(), {"png": tmp_path / "label.png"})
    image = matplotlib.image.imread(tmp_path / "label.png")[..., :3]
    columns = np.flatnonzero((image < 0.5).any(axis=(0, 2)))
    padding = matplotlib.rcParams["figure.constrained_layout.w_pad"] * THEME["savefig.dpi"]
    assert columns[0] == pytest.approx(padding, abs=3)
