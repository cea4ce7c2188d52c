"""Each figure shows what its table holds: panels, points, empty and hatched cells, in studies large and tiny."""

from itertools import combinations, pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from scipy.special import ndtri
from simulated_study import SimulatedStudy, trajectory_table

from weightscape.figures.alpha_depth import draw_alpha_depth
from weightscape.figures.claims import draw_claims
from weightscape.figures.contrast import draw_contrast
from weightscape.figures.corruptions import draw_corruptions
from weightscape.figures.diversity import draw_diversity
from weightscape.figures.diversity_curve import draw_diversity_curve
from weightscape.figures.dose_response import draw_dose_response
from weightscape.figures.effects import draw_effects
from weightscape.figures.esd import choose_layers, draw_esd, layer_spectrum
from weightscape.figures.fingerprints import draw_fingerprints
from weightscape.figures.generator_quality import PANELS, draw_generator_quality
from weightscape.figures.positions import draw_positions
from weightscape.figures.samples import contact_sheet, draw_samples
from weightscape.figures.similarity import draw_similarity
from weightscape.figures.stability import OTHER, draw_stability
from weightscape.figures.style import series_styles
from weightscape.figures.training import draw_training
from weightscape.figures.trajectory import draw_trajectory
from weightscape.figures.values import paired_differences, run_values
from weightscape.spectra import analyze
from weightscape.spectra.matrices import layers_of
from weightscape.statistics.claims.effective_robustness import EffectiveRobustness
from weightscape.statistics.plan import Plan
from weightscape.statistics.series import conditions_of_series
from weightscape.words.names import metric_label
from weightscape.words.reasons import change_words


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(plt.Text)]


def values_of(study: SimulatedStudy):
    tables, plan = study.tables, Plan.from_mapping(study.claims_config)
    return run_values(tables["spectra"], tables["evaluation"], tables["diversity"], plan)


def compared(study: SimulatedStudy) -> list[str]:
    return [*study.claims_config["augmentation"], *study.claims_config["synthetic"]]


def test_claims_about_all_series_have_a_row_each_with_the_verdict_in_words(large: SimulatedStudy) -> None:
    claims = large.tables["claims"]
    rows = claims[claims["series"] == ""]
    figure = draw_claims(claims)
    assert len(figure.axes) == len(rows) + rows["statistic"].notna().sum()  # no axis where nothing is estimated
    words = " ".join(texts(figure))
    for verdict in rows["verdict"]:
        assert f"{verdict}:" in words


def test_an_undecided_claim_is_hollow_and_a_decided_one_filled(large: SimulatedStudy) -> None:
    claims = large.tables["claims"].head(4).assign(series="", statistic=[float("nan"), 1.0, 1.0, 1.0])
    claims["verdict"] = ["undetermined", "mixed", "contradicted", "supported"]
    points = [[line for line in ax.lines if line.get_marker() == "o"] for ax in draw_claims(claims).axes]
    faces = [to_hex(mark.get_markerfacecolor()) for marks in points for mark in marks]
    assert len(faces) == 3
    assert faces[0] == "#ffffff"
    assert faces[1] == faces[2] != "#ffffff"


def test_curves_of_diversity_end_at_the_scores_of_the_whole_sets(large: SimulatedStudy) -> None:
    curve, diversity = (large.tables[name] for name in ("diversity_curve", "diversity"))
    figure = draw_diversity_curve(curve, large.conditions)
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["pixels", "frozen embedding"]
    whole = diversity[(diversity["class_name"] == "all") & (diversity["space"] == "pixel")]
    ends = [line.get_ydata()[-1] for line in figure.axes[0].lines]
    np.testing.assert_allclose(sorted(ends), sorted(whole.groupby("series")["vendi_1"].mean()))
    assert all(line.get_xdata().tolist() == [500, 1000] for line in figure.axes[0].lines)
    nothing = draw_diversity_curve(curve[:0], large.conditions)
    assert "not measured" in " ".join(texts(nothing))


def test_effects_print_the_effect_size_of_every_condition_and_outcome(large: SimulatedStudy) -> None:
    claims = large.claims_config
    figure = draw_effects(large.tables["effects"], large.conditions, Plan.from_mapping(claims))
    effects = large.tables["effects"]
    row = effects[(effects["condition"] == "weight_decay-1") & (effects["outcome"] == "spectra/log_norm")].iloc[0]
    assert f"{row['d_z']:.0f}".replace("-", "−") in texts(figure)
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert rows[0] == "baseline b"
    assert len(rows) == len(large.conditions) - 1
    without_spread = effects.assign(d_z=effects["d_z"].where(effects.index != row.name, -np.inf))
    again = draw_effects(without_spread, large.conditions, Plan.from_mapping(claims))
    assert texts(again).count("−∞") == 1


def test_effects_are_bold_only_where_the_interval_excludes_zero(large: SimulatedStudy) -> None:
    effects = large.tables["effects"].copy()
    for bold in (True, False):
        effects["low"], effects["high"] = (0.5, 1.5) if bold else (-0.5, 1.5)
        figure = draw_effects(effects, large.conditions, Plan.from_mapping({"shape": ["alpha"]}))
        cells = [text for text in figure.axes[0].texts if text.get_text()[-1:].isdigit()]
        assert {text.get_fontweight() for text in cells} == {"bold" if bold else "normal"}


def test_fingerprints_have_a_row_per_series_and_a_column_per_layer_group(large: SimulatedStudy) -> None:
    figure = draw_fingerprints(
        large.tables["effects"], large.conditions, Plan.from_mapping({"shape": ["alpha", "entropy"]})
    )
    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["stem", "early", "middle", "late"] * 2
    assert len(ax.get_yticklabels()) == len({c["series"] for c in large.conditions}) - 1


def overlapping(texts) -> list[tuple[str, str]]:
    """Return the pairs of texts of a drawn figure that cover each other."""
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    return [(one, other) for (one, a), (other, b) in combinations(boxes, 2) if a.overlaps(b)]


def test_headings_of_many_columns_do_not_cover_each_other(large: SimulatedStudy) -> None:
    claims = large.claims_config | {"change": ["log_norm", "stable_rank", "effective_rank", "entropy"]}
    figure = draw_fingerprints(large.tables["effects"], large.conditions, Plan.from_mapping(claims))
    figure.draw_without_rendering()
    headings = [text for text in figure.axes[0].texts if "shape" in text.get_text() or "change" in text.get_text()]
    assert len(headings) == 8
    assert not overlapping(headings)


def test_titles_of_the_similarities_do_not_cover_each_other(large: SimulatedStudy) -> None:
    few = {"dropout", "weight_decay", "noise", "early_stop"}
    table = large.tables["similarity"]
    table = table[table["series_a"].isin(few) & table["series_b"].isin(few)]
    figure = draw_similarity(table, large.conditions)
    figure.draw_without_rendering()
    titles = figure.findobj(lambda artist: isinstance(artist, Text) and "weights' " in artist.get_text())
    assert len(titles) == 3
    assert not overlapping(titles)


def test_similarity_hatches_what_is_undetermined_and_prints_the_rest(large: SimulatedStudy) -> None:
    similarity = large.tables["similarity"]
    figure = draw_similarity(similarity, large.conditions)
    series = {c["series"] for c in large.conditions} - {"baseline"}
    for ax, family in zip(figure.axes, ("change", "shape", "scale"), strict=False):
        pairs = similarity[(similarity["feature_family"] == family) & (similarity["series_a"] < similarity["series_b"])]
        hatched = [patch for patch in ax.patches if patch.get_hatch()]
        assert len(ax.patches) == len(series) * (len(series) - 1) / 2
        assert len(hatched) == (~pairs["determined"]).sum()


def test_contrast_has_a_panel_per_family_with_directions_and_a_mark_per_series(large: SimulatedStudy) -> None:
    positions = large.tables["positions"]
    figure = draw_contrast(positions, large.conditions, 1.0)
    (ax,) = figure.axes  # shape and scale have no direction of weight decay beside that of stopping early
    drawn = [line.get_xdata()[0] for line in ax.lines if line.get_marker() not in ("None", None)]
    rows = positions[(positions["role"] == "diversity") & (positions["feature_family"] == "change")]
    assert sorted(drawn) == sorted(rows["contrast"])
    (band,) = ax.patches
    assert (band.get_x(), band.get_x() + band.get_width()) == (-1.0, 1.0)


def test_dose_response_has_a_panel_per_series_and_outcome_with_all_seeds(large: SimulatedStudy) -> None:
    outcomes = ["spectra/alpha", "evaluation/ood/accuracy", "spectra/not_there"]
    values = values_of(large)
    figure = draw_dose_response(large.tables["effects"], values, large.conditions, outcomes)
    one_dose = {"baseline", "baseline_b", "synthetic_sharp", "more_real", "early_stop"}
    dosed = [name for name in series_styles(large.conditions) if name not in one_dose]
    assert len(figure.axes) == 2 * len(dosed)
    panel = figure.axes[dosed.index("dropout")]
    drawn = panel.lines[1].get_ydata()
    expected = paired_differences(values, "spectra/alpha")[["dropout-0.02", "dropout-0.05", "dropout-0.1"]]
    np.testing.assert_allclose(drawn[np.isfinite(drawn)], expected.to_numpy().ravel())
    assert to_hex(panel.lines[1].get_color()) == series_styles(large.conditions)["dropout"].color


def test_seed_points_agree_with_the_effects_table(large: SimulatedStudy) -> None:
    values, effects = values_of(large), large.tables["effects"]
    for outcome in ("spectra/stable_rank", "evaluation/ood/accuracy", "diversity/embedding/vendi_1"):
        means = paired_differences(values, outcome).mean()
        rows = effects[(effects["level"] == "condition") & (effects["outcome"] == outcome)].set_index("condition")
        np.testing.assert_allclose(means[rows.index], rows["mean"].astype(float), rtol=1e-9, atol=1e-12)


def test_alpha_by_depth_has_a_panel_per_series_and_a_mark_per_layer(large: SimulatedStudy) -> None:
    figure = draw_alpha_depth(large.tables["spectra"], large.conditions)
    series = {c["series"] for c in large.conditions} - {"baseline"}
    assert len(figure.axes) == 1 + len(series)
    assert {len(ax.lines[-1].get_xdata()) for ax in figure.axes} == {7}


def test_alpha_by_depth_passes_over_layers_without_a_fit(large: SimulatedStudy) -> None:
    spectra = large.tables["spectra"].copy()
    spectra.loc[spectra["layer"] == "blocks.3.conv", "alpha"] = np.nan
    figure = draw_alpha_depth(spectra, large.conditions)
    assert {len(ax.lines[-1].get_xdata()) for ax in figure.axes} == {6}


def test_diversity_shows_only_conditions_that_have_a_score(large: SimulatedStudy) -> None:
    figure = draw_diversity(large.tables["evaluation"], large.tables["diversity"], large.conditions, compared(large))
    assert len(figure.axes) == 3
    colors = {to_hex(line.get_color()) for line in figure.axes[0].lines if len(line.get_xdata())}
    styles = series_styles(large.conditions)
    assert styles["affine"].color in colors
    assert styles["dropout"].color not in colors


def test_the_dashed_line_is_that_of_claim_2c(large: SimulatedStudy) -> None:
    evaluation = large.tables["evaluation"]
    figure = draw_diversity(evaluation, large.tables["diversity"], large.conditions, compared(large))
    (line,) = [line for line in figure.axes[-1].lines if line.get_linestyle() == "--"]
    x, y = ndtri(line.get_xdata()), ndtri(line.get_ydata())
    slope = (y[1] - y[0]) / (x[1] - x[0])
    plan = Plan.from_mapping(large.claims_config)
    finding = EffectiveRobustness().compare(evaluation, conditions_of_series(large.tables["runs"]), plan)
    assert finding.facts.comparison.slope.value == pytest.approx(slope, rel=1e-6)


def test_too_few_conditions_have_no_line(small: SimulatedStudy) -> None:
    figure = draw_diversity(small.tables["evaluation"], small.tables["diversity"], small.conditions, compared(small))
    assert not [line for line in figure.axes[-1].lines if line.get_linestyle() == "--"]


def test_robustness_has_a_panel_per_corruption_and_starts_at_the_clean_set(large: SimulatedStudy) -> None:
    figure = draw_corruptions(large.tables["evaluation"], large.conditions)
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["gaussian noise", "rotation"]
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels[0] == "0\n0.95"
    assert [label[0] for label in labels] == ["0", "1", "3", "5"]


def test_a_series_that_was_trained_on_a_corruption_is_dashed_there(large: SimulatedStudy) -> None:
    evaluation = large.tables["evaluation"].copy()
    evaluation["seen"] = (evaluation["corruption"] == "rotation") & (evaluation["series"] == "affine")
    noise, rotation = draw_corruptions(evaluation, large.conditions).axes
    assert [line.get_linestyle() for line in noise.lines].count("--") == 0
    assert [line.get_linestyle() for line in rotation.lines].count("--") == 1
    legend = draw_corruptions(evaluation, large.conditions).legends[0]
    assert "trained on this corruption" in [text.get_text() for text in legend.get_texts()]
    assert len(draw_corruptions(large.tables["evaluation"], large.conditions).legends[0].get_texts()) < len(
        legend.get_texts()
    )


def test_training_has_a_column_per_series(large: SimulatedStudy) -> None:
    figure = draw_training(large.histories, large.conditions)
    assert len(figure.axes) == 2 * len({c["series"] for c in large.conditions})


def test_samples_are_the_first_of_each_class() -> None:
    images = np.arange(6 * 2 * 2 * 3, dtype=np.uint8).reshape(6, 2, 2, 3)
    sheet = contact_sheet(images, np.array([1, 0, 1, 0, 1, 2]), classes=3, rows=2)
    assert sheet.shape == (4, 6, 3)
    np.testing.assert_array_equal(sheet[:2, :2], images[1])
    np.testing.assert_array_equal(sheet[2:, 2:4], images[2])
    assert (sheet[2:, 4:] == 255).all()  # class 2 has one image only


def test_the_sample_sheet_has_a_band_per_pool() -> None:
    images = np.zeros((4, 8, 8, 3), dtype=np.uint8), np.array([0, 1, 0, 1])
    figure = draw_samples(images, {"guidance 0": images, "guidance 1.5": images}, ["zero", "one"])
    assert [ax.get_ylabel() for ax in figure.axes] == ["real", "guidance 0", "guidance 1.5"]


CLASS_NAMES = {
    "digits": [str(digit) for digit in range(10)],
    "emoji": ["Activities", "Animals & Nature", "Flags", "Food & Drink", "Objects", "People & Body",
              "Smileys & Emotion", "Symbols", "Travel & Places"],
    "one long word": ["a", "incomprehensibilities", *"bcdefghijk"],
    "a hundred": [f"sweet_pepper_{index}" for index in range(100)],
}  # fmt: skip


@pytest.mark.parametrize("names", CLASS_NAMES.values(), ids=list(CLASS_NAMES))
def test_class_names_of_any_length_do_not_overlap_on_the_sample_sheet(names: list[str]) -> None:
    labels = np.arange(len(names))
    images = np.zeros((len(names), 8, 8, 3), dtype=np.uint8), labels
    figure = draw_samples(images, {"guidance 1.5, prompts 12, strength 0.25": images}, names)
    figure.draw_without_rendering()
    page = figure.bbox
    boxes = [label.get_window_extent() for label in figure.axes[0].get_xticklabels()]
    for left, right in pairwise(boxes):
        assert left.x1 < right.x0
    for box in [*boxes, *(ax.yaxis.label.get_window_extent() for ax in figure.axes)]:
        assert box.y1 <= page.y1
        assert box.x0 >= page.x0
    assert all(box.y0 > figure.axes[0].get_window_extent().y1 for box in boxes)


def test_the_quality_figure_has_a_point_per_pool_and_one_of_real_images(large: SimulatedStudy) -> None:
    quality = large.tables["generator_quality"]
    styles = series_styles(large.conditions)
    figure = draw_generator_quality(quality, styles["synthetic"], styles["baseline"])
    for ax, (across, up, *_) in zip(figure.axes, PANELS, strict=True):
        pools, real = ax.lines[0].get_xydata(), ax.lines[1].get_xydata()
        np.testing.assert_allclose(pools, quality.loc[1:, [across, up]])
        np.testing.assert_allclose(real, quality.loc[:0, [across, up]])
        assert [text.get_text() for text in ax.texts] == ["guidance 0", "guidance 1.5", "guidance 4"]


def network(seed: int = 0) -> tuple[dict[str, np.ndarray], dict[str, dict]]:
    generator = np.random.Generator(np.random.PCG64(seed))
    weights = {f"layer{i}.weight": generator.normal(size=(20 + 10 * i, 60)) for i in range(6)}
    weights["tiny.weight"] = generator.normal(size=(3, 4))
    return weights, {name: {"kind": "dense", "groups": 1, "depth": i} for i, name in enumerate(weights)}


def test_spectra_are_drawn_of_the_largest_layer_of_each_third() -> None:
    weights, layers = network()
    assert choose_layers(weights, layers) == ["layer2.weight", "layer4.weight", "layer5.weight"]
    layers["layer5.weight"]["groups"] = 70
    assert "layer5.weight" not in choose_layers(weights, layers)


def test_a_spike_and_the_bulk_of_a_random_matrix_are_found() -> None:
    weights, _ = network()
    random = weights["layer5.weight"]
    spiked = random + 40 * np.outer(np.ones(70) / np.sqrt(70), np.ones(60) / np.sqrt(60))
    spectra = [layer_spectrum(next(layers_of("x.weight", weight))) for weight in (random, spiked)]
    assert [spectrum.bulk.spikes for spectrum in spectra] == [0, 1]
    assert spectra[0].bulk.variance == pytest.approx(70, rel=0.1)


@pytest.mark.parametrize("dead", [0, 5, 12])
def test_the_fits_are_those_of_the_table_dead_columns_included(dead: int) -> None:
    """With more than a tenth of zero eigenvalues the table has no bulk, and so must the figure."""
    weight = np.random.default_rng(0).normal(size=(200, 100))
    weight[:, :dead] = 0
    spectrum = layer_spectrum(next(layers_of("x.weight", weight)))
    row = analyze({"x.weight": weight}).iloc[0]
    assert spectrum.size == row["num_evals"] == 100
    assert len(spectrum.values) == 100 - dead
    assert (spectrum.bulk is None) == np.isnan(row["robust_sigma"]) == (dead > 10)
    if spectrum.bulk is not None:
        assert spectrum.bulk.upper == row["robust_bulk_max"]
        assert spectrum.bulk.variance == pytest.approx(200 * row["robust_sigma"] ** 2, rel=1e-12)
    assert (spectrum.tail.alpha, spectrum.tail.xmin) == (row["alpha"], row["xmin"])


def test_esd_has_a_column_before_after_and_of_the_change() -> None:
    (before, layers), (noise, _) = network(), network(1)
    after = {name: weight + 0.1 * noise[name] for name, weight in before.items()}
    figure = draw_esd(before, after, layers, choose_layers(before, layers))
    assert len(figure.axes) == 9
    assert [ax.get_title(loc="left") for ax in figure.axes[:3]] == [
        "before (pre-trained)",
        "after fine-tuning",
        "change ΔW = after − before",
    ]


def test_weights_too_few_for_a_fit_are_drawn_without_one() -> None:
    weights, layers = network()
    figure = draw_esd(weights, weights | {"tiny.weight": 2 * weights["tiny.weight"]}, layers, ["tiny.weight"])
    assert len(figure.axes) == 3


def test_a_tiny_undetermined_study_draws(small: SimulatedStudy) -> None:
    claims, tables = small.claims_config, small.tables
    figures = [
        draw_claims(tables["claims"]),
        draw_contrast(tables["positions"], small.conditions, claims["margin"]),
        draw_positions(tables["positions"], small.conditions),
        draw_effects(tables["effects"], small.conditions, Plan.from_mapping(claims)),
        draw_fingerprints(tables["effects"], small.conditions, Plan.from_mapping(claims)),
        draw_similarity(tables["similarity"], small.conditions),
        draw_dose_response(tables["effects"], values_of(small), small.conditions, ["spectra/alpha"]),
        draw_alpha_depth(tables["spectra"], small.conditions),
        draw_diversity(tables["evaluation"], tables["diversity"], small.conditions, compared(small)),
        draw_corruptions(tables["evaluation"], small.conditions),
        draw_training(small.histories, small.conditions),
    ]
    assert all(figure.axes for figure in figures)


def test_a_study_without_ood_sets_says_so(small: SimulatedStudy) -> None:
    evaluation = small.tables["evaluation"]
    inside = evaluation[evaluation["kind"].isin(["test", "validation"])]
    for figure in (
        draw_diversity(inside, small.tables["diversity"], small.conditions, compared(small)),
        draw_corruptions(inside, small.conditions),
    ):
        assert any("The study has no" in text for text in texts(figure))


def test_panels_of_corruptions_hold_all_their_lines(large: SimulatedStudy) -> None:
    evaluation = large.tables["evaluation"].copy()
    last = (evaluation["corruption"] == "rotation") & (evaluation["series"] == "dropout")
    evaluation.loc[last, "accuracy"] = 0.999
    for ax in draw_corruptions(evaluation, large.conditions).axes:
        low, high = ax.get_ylim()
        for line in ax.lines:
            assert low <= np.min(line.get_ydata())
            assert np.max(line.get_ydata()) <= high


def test_stability_has_a_row_for_each_analysis_and_marks_other_verdicts(large: SimulatedStudy) -> None:
    robustness, claims = large.tables["robustness"], large.tables["claims"]
    table = robustness[robustness["claim"].isin(["2a", "2b"])].assign(verdict="supported", same_verdict=True)
    calm = draw_stability(table, claims)
    assert [ax.get_title(loc="left") for ax in calm.axes] == ["Claim 2a", "Claim 2b"]
    labels = [text.get_text() for text in calm.axes[0].get_yticklabels()]
    assert labels == [change_words(facts) for facts in table.loc[table["claim"] == "2a", "facts"]]
    assert "without affine 1" in labels
    assert not [line for ax in calm.axes for line in ax.lines if line.get_color() == OTHER]
    first = table.index[table["kind"] != "plan"][0]
    loud = table.copy()
    loud.loc[first, ["verdict", "same_verdict"]] = ["undetermined", False]
    marks = [line for line in draw_stability(loud, claims).axes[0].lines if line.get_color() == OTHER]
    assert {to_hex(line.get_markerfacecolor()) for line in marks if line.get_marker() == "o"} == {"#ffffff"}


def test_stability_cuts_only_intervals_far_longer_than_the_others(large: SimulatedStudy) -> None:
    robustness, claims = large.tables["robustness"], large.tables["claims"]
    table = robustness[robustness["claim"] == "2a"].assign(statistic=1.0, low=0.5, high=1.5)
    table.loc[table.index[-1], ["low", "high"]] = [-1000.0, 1000.0]
    low, high = draw_stability(table, claims).axes[0].get_xlim()
    assert low < 0 < 1.5 < high < 10


@pytest.mark.parametrize("sign", [-1, 1])
def test_stability_shows_zero_however_far_the_estimates_are(large: SimulatedStudy, sign: int) -> None:
    robustness, claims = large.tables["robustness"], large.tables["claims"]
    far = robustness[robustness["claim"] == "2a"].assign(statistic=5.0 * sign, low=5.0 * sign - 1, high=5.0 * sign + 1)
    low, high = draw_stability(far, claims).axes[0].get_xlim()
    assert low < 0 < high


def test_stability_without_an_estimate_says_so(large: SimulatedStudy) -> None:
    nothing = large.tables["robustness"].assign(statistic=np.nan)
    assert "No claim could be estimated" in " ".join(texts(draw_stability(nothing, large.tables["claims"])))


def test_the_trajectory_has_a_panel_per_metric_and_ends_at_the_mean_of_the_seeds(large: SimulatedStudy) -> None:
    plan = Plan.from_mapping(large.claims_config)
    table = trajectory_table(large.tables["spectra"])
    figure = draw_trajectory(table, large.conditions, plan)
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles[:3] == [f"{metric_label(metric)} of ΔW" for metric in plan.change]
    assert titles[3:] == [f"{metric_label(metric)} of W" for metric in (*plan.shape, *plan.scale)]
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert {"baseline", "dropout 0.1", "weight decay 1"} <= set(lines)
    assert "dropout 0.02" not in lines
    last = table.query("condition == 'dropout-0.1' and of == 'delta' and step == 16")
    assert lines["dropout 0.1"].get_ydata()[-1] == pytest.approx(last["stable_rank"].mean())
    assert lines["baseline"].get_linestyle() == "--"


def test_the_trajectory_says_in_how_many_layers_a_metric_exists(large: SimulatedStudy) -> None:
    table = trajectory_table(large.tables["spectra"])
    table["alpha_valid"] = (table["layer"] != "blocks.2.conv").astype(float)
    figure = draw_trajectory(table, large.conditions, Plan.from_mapping(large.claims_config))
    assert "power-law α of W\n6 of 7 layers" in [ax.get_title(loc="left") for ax in figure.axes]
