"""The whole of claim 1 on simulated studies: rare false findings in every null, power where there is an effect.

This is the fast part; ``python tests/calibration/full.py`` runs all of it and writes the tables of docs/calibration.md.
"""

import numpy as np
import pandas as pd
import pytest
from simulated_studies import (
    CELLS,
    DEFAULT,
    NOISES,
    SMALL,
    Cell,
    decided,
    draw,
    effects,
    mixed,
    naive,
    ours,
    simulate,
)

from weightscape.statistics.constants import LAYER_GROUPS, SIGNIFICANCE
from weightscape.statistics.cross_validated import cross_validated_inner
from weightscape.statistics.families import FEATURE_FAMILIES
from weightscape.statistics.features import within_condition_sd
from weightscape.statistics.many_studies import contrast_studies
from weightscape.statistics.plan import Plan
from weightscape.statistics.precision import detectable, equivalence_pvalue
from weightscape.statistics.presence import acting
from weightscape.statistics.spectral_contrast import claim_one_contrast, claim_one_fingerprints
from weightscape.statistics.study_tables import StudyTables
from weightscape.streams import stream

N_STUDIES = 400
BY_NAME = {cell.name: cell for cell in CELLS}
SKEWED = NOISES[2]


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.law)
@pytest.mark.parametrize(("layout", "seeds"), [(DEFAULT, 12), (SMALL, 8)], ids=["default", "small"])
@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.answer == "undetermined"], ids=lambda cell: cell.name)
def test_false_findings_are_rare_in_every_null(cell, layout, seeds, noise):
    """Of a series and of all together: verdicts, and T itself where it is 0, without the gate on V along dropout."""
    for pooled in (False, True):
        found = [ours(runs, pooled) for runs in simulate(cell, layout, noise, seeds, N_STUDIES)]
        assert np.mean([study for part in found for study in part.decided()]) <= 0.07
        if cell.contrast == 0:
            assert np.mean([p <= SIGNIFICANCE for part in found for p in part.pvalue]) <= 0.07


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.law)
@pytest.mark.parametrize(("name", "power"), [("T = 3", 0.85), ("T = 2", 0.65), ("T = 3, and learning", 0.8)])
def test_power_of_the_default_study(name, power, noise):
    assert decided(BY_NAME[name], DEFAULT, noise, 12, N_STUDIES) >= power
    assert decided(BY_NAME[name], DEFAULT, noise, 12, N_STUDIES, pooled=True) >= power


def test_the_usual_analysis_finds_similarity_where_there_is_none():
    """What ours is for: a bootstrap of ordinary cosines decides many studies in which only weight decay acts."""
    cell = BY_NAME["only weight decay and early stopping act"]
    runs = next(simulate(cell, DEFAULT, NOISES[0], 12, 200))
    assert naive(*effects(runs)[:3]).mean() > 0.3
    assert ours(runs).decided().mean() < 0.05


def test_diversity_that_is_only_learning_would_be_like_dropout_if_nothing_were_removed():
    cell = BY_NAME["only learning, dropout and decay learn less and more"]
    assert decided(cell, DEFAULT, NOISES[0], 12, 200, removed=False) > 0.9
    assert decided(cell, DEFAULT, NOISES[0], 12, 200) < 0.07


def test_units_from_the_baselines_alone_would_decide_orthogonal_studies():
    """Why units are pooled over all conditions: those of the two baselines hold the noise that all effects share."""
    cell = Cell("orthogonal, decay far", (0, 0, 12, 0), (6, 0, 0, 0), (0, 24, 0, 0))
    runs = np.concatenate(list(simulate(cell, DEFAULT, SKEWED, 8, 500)))
    of_baselines = effects(runs, units=within_condition_sd(runs[:, :2]))[:3]
    assert (contrast_studies(of_baselines).pvalue <= SIGNIFICANCE).mean() > 0.15
    assert (ours(runs, removed=False).pvalue <= SIGNIFICANCE).mean() <= 0.07


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.law)
def test_the_test_of_presence_keeps_its_level_with_estimated_units(noise):
    """For a second baseline, and for a mean of four conditions, which is less noisy than the baseline."""
    runs = draw(noise, (1500, DEFAULT.n_conditions, 8, noise.n_features), stream("presence calibration", noise.name))
    differences = (runs[:, 1:] - runs[:, :1]) / within_condition_sd(runs)[:, None, None]
    for effect in (differences[:, 0], differences[:, 1:5].mean(axis=1)):
        assert acting(effect).mean() <= 0.08


def test_inner_products_are_nearly_unbiased_with_estimated_units():
    """Two of nine conditions in which nothing acts: the ordinary product is 12/8 too large, ours hardly."""
    runs = draw(NOISES[0], (4000, DEFAULT.n_conditions, 8, 12), stream("bias"))
    A, B = np.moveaxis((runs[:, 2:4] - runs[:, :1]) / within_condition_sd(runs)[:, None, None], 1, 0)
    assert (A.mean(axis=1) * B.mean(axis=1)).sum(axis=-1).mean() == pytest.approx(1.5, rel=0.1)
    assert abs(cross_validated_inner(A, B).mean()) < 0.1


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.law)
@pytest.mark.parametrize("extra", [(0, 0, 0, 0), (0, 0, 4, 4)], ids=["alone", "with other parts"])
def test_a_contrast_at_the_margin_is_rarely_called_negligible(noise, extra):
    """T = 1 in truth, and a margin of 1."""
    cell = Cell(f"at the margin {extra}", (1 + extra[0], *extra[1:]))
    found = np.concatenate([negligible(ours(runs), 11) for runs in simulate(cell, DEFAULT, noise, 12, N_STUDIES)])
    assert found.mean() <= 0.07


def negligible(contrasts, df, margin=1.0):
    """Return which contrasts are shown to be smaller than the margin."""
    return equivalence_pvalue(contrasts.statistic, contrasts.standard_error, df, margin) <= SIGNIFICANCE


def test_a_contrast_of_0_is_called_negligible_where_the_study_is_precise():
    runs = next(simulate(BY_NAME["diversity does nothing"], DEFAULT, NOISES[0], 40, 200))
    assert negligible(ours(runs), 39).mean() > 0.75


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.law)
@pytest.mark.parametrize(
    "series",
    [
        [(0, 0, 0, 0)] * 4,
        [(3, 0, 0, 0), (0, 3, 0, 0), (0, 0, 3, 0), (2, 2, 0, 0)],
        [(3, 0, 0, 6), (0, 3, 0, -6), (0, 0, 3, 0)],
    ],
    ids=["nothing", "orthogonal", "opposed in learning alone"],
)
def test_series_that_are_not_opposed_are_rarely_called_mixed(noise, series):
    assert mixed(series, noise, 12, 250) <= 0.05


def test_series_that_are_opposed_are_called_mixed():
    assert mixed([(3, 0, 0, 0), (-3, 0, 0, 0), (0, 0, 3, 0)], NOISES[0], 12, 100) >= 0.95


def test_the_smallest_detectable_contrast_is_found_with_power_80():
    """The noncentral t with the jackknife's standard error, against studies simulated at that contrast."""
    far = np.concatenate(
        [ours(runs).standard_error for runs in simulate(BY_NAME["T = 2"], DEFAULT, NOISES[0], 12, 200)]
    )
    smallest = detectable(float(np.sqrt(np.mean(far**2))), 11, SIGNIFICANCE)
    cell = Cell("detectable", (smallest, 0, 0, 0))
    runs = simulate(cell, DEFAULT, NOISES[0], 12, 600)
    assert np.mean([p <= SIGNIFICANCE for part in runs for p in ours(part).pvalue]) == pytest.approx(0.8, abs=0.08)


def test_simulated_noise_has_the_unit_that_effects_are_measured_in():
    for noise in NOISES:
        values = draw(noise, (2000, 8, noise.n_features), stream("length", noise.name))
        assert values.std() == pytest.approx(1, rel=0.05)
        assert abs(values.mean()) < 0.02


def study_of(runs: np.ndarray) -> tuple[StudyTables, Plan]:
    """Return one study's runs (conditions, seeds, features) as tables with a layer per group, and its plan."""
    series = [f"diversity_{i}" for i in range(len(runs) - 5)]
    conditions = ["baseline", "baseline_b", "dropout", "decay", "early", *series]
    metrics = ["stable_rank", "effective_rank", "entropy"]
    rows = [
        {"condition": condition, "series": condition, "family": "x", "dose": 1.0, "seed": seed, "of": "delta"}
        | {"layer": group, "group": group}
        | dict(zip(metrics, values, strict=True))
        for condition, of_condition in zip(conditions, runs, strict=True)
        for seed, of_run in enumerate(of_condition)
        for group, values in zip(LAYER_GROUPS, of_run.reshape(len(LAYER_GROUPS), -1), strict=True)
    ]
    spectra, nothing = pd.DataFrame(rows), pd.DataFrame()
    tables = StudyTables(spectra.drop_duplicates(["condition", "seed"]), nothing, nothing, spectra)
    plan = Plan(("dropout",), ("decay",), tuple(series), (), (), tuple(metrics), (), (), early_stop=("early",))
    return tables, plan


@pytest.mark.parametrize("layout", [DEFAULT, SMALL], ids=["default", "small"])
def test_simulated_studies_go_the_way_of_real_ones(layout):
    """From a spectra table through fingerprints to the verdict of claim 1: the same numbers as in the simulation."""
    runs = next(simulate(BY_NAME["T = 3, and learning"], layout, NOISES[1], 8, 6))
    together = ours(runs, pooled=True)
    for study, statistic, pvalue, supported in zip(
        runs, together.statistic, together.pvalue, together.supported(), strict=True
    ):
        tables, plan = study_of(study)
        prints = claim_one_fingerprints(tables, FEATURE_FAMILIES[0], plan)
        result = claim_one_contrast(prints, tables.series, plan)
        found = result.statistic.value, result.statistic.pvalue
        assert found == pytest.approx((statistic, pvalue), nan_ok=True)
        assert (result.verdict == "supported") == supported
    assert together.supported().any()
