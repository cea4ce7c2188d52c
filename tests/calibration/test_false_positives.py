"""The whole of claim 1 on simulated studies: rare false findings in every null, power where there is an effect.

This is the fast part; ``python tests/calibration/full.py`` runs all of it and writes the tables of docs/statistics.md.
"""

import numpy as np
import pandas as pd
import pytest
from simulated_studies import (
    CELLS,
    DEFAULT,
    NOISES,
    SMALL,
    Layout,
    decided,
    draw,
    effects,
    naive,
    ours,
    simulate,
)

from weightscape.statistics.constants import LAYER_GROUPS, SIGNIFICANCE
from weightscape.statistics.cross_validated import cross_validated_inner
from weightscape.statistics.features import within_condition_sd
from weightscape.statistics.many_studies import contrast_studies
from weightscape.statistics.plan import Plan
from weightscape.statistics.presence import acting
from weightscape.statistics.spectral_contrast import claim_one_contrast, claim_one_fingerprints
from weightscape.streams import stream

N_STUDIES = 400
BY_NAME = {cell.name: cell for cell in CELLS}
SKEWED = NOISES[2]


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.law)
@pytest.mark.parametrize(("layout", "seeds"), [(DEFAULT, 8), (SMALL, 6)], ids=["default", "small"])
@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.answer == "undetermined"], ids=lambda cell: cell.name)
def test_false_findings_are_rare_in_every_null(cell, layout, seeds, noise):
    """Verdicts, and T itself where it is 0 in truth: it must not need the gate of claim 1 to keep its level."""
    found = [ours(runs, layout) for runs in simulate(cell, layout, noise, seeds, N_STUDIES)]
    assert np.mean([study for part in found for study in part.decided()]) <= 0.07
    if cell.v[0] == cell.v[1]:
        assert np.mean([p <= SIGNIFICANCE for part in found for p in part.pvalue]) <= 0.07


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.law)
@pytest.mark.parametrize(("name", "power"), [("like dropout, 1", 0.95), ("like dropout, .5", 0.7)])
def test_power_with_eight_seeds(name, power, noise):
    assert decided(BY_NAME[name], DEFAULT, noise, 8, N_STUDIES) >= power


def test_the_usual_analysis_finds_similarity_where_there_is_none():
    """What ours is for: a bootstrap of ordinary cosines decides many studies in which only weight decay acts."""
    cell = BY_NAME["only weight decay acts, strongly"]
    runs = next(simulate(cell, DEFAULT, NOISES[0], 8, 200))
    assert naive(*effects(runs, DEFAULT)).mean() > 0.4
    assert ours(runs, DEFAULT).decided().mean() < 0.05


def test_units_from_the_baselines_alone_would_decide_orthogonal_studies():
    """Why units are pooled over all conditions: those of the two baselines hold the noise that all effects share."""
    runs = next(simulate(BY_NAME["orthogonal, unmatched"], DEFAULT, SKEWED, 8, 250))
    of_baselines = effects(runs, DEFAULT, units=within_condition_sd(runs[:, :2]))
    assert (contrast_studies(*of_baselines).pvalue <= SIGNIFICANCE).mean() > 0.12
    assert (ours(runs, DEFAULT).pvalue <= SIGNIFICANCE).mean() <= 0.07


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.law)
def test_the_test_of_presence_keeps_its_level_with_estimated_units(noise):
    """For a second baseline, and for a mean of four conditions, which is less noisy than the baseline."""
    runs = draw(noise, (1500, DEFAULT.n_conditions, 8, noise.n_features), stream("presence calibration", noise.name))
    differences = (runs[:, 1:] - runs[:, :1]) / within_condition_sd(runs)[:, None, None]
    for effect in (differences[:, 0], differences[:, 1:5].mean(axis=1)):
        assert acting(effect).mean() <= 0.07


def test_inner_products_are_nearly_unbiased_with_estimated_units():
    """Two of twelve conditions in which nothing acts: the ordinary product is 40/8 too large, ours hardly."""
    runs = draw(NOISES[0], (4000, DEFAULT.n_conditions, 8, 40), stream("bias"))
    A, B = np.moveaxis((runs[:, 2:4] - runs[:, :1]) / within_condition_sd(runs)[:, None, None], 1, 0)
    assert (A.mean(axis=1) * B.mean(axis=1)).sum(axis=-1).mean() == pytest.approx(5, rel=0.1)
    assert abs(cross_validated_inner(A, B).mean()) < 0.2


def test_simulated_noise_has_the_length_that_effects_are_measured_in():
    """A run of pure noise is one length long, whatever its law; features are divided by an SD of about 1/√p."""
    for noise in NOISES:
        values = draw(noise, (2000, 8, noise.n_features), stream("length", noise.name))
        assert (values**2).sum(axis=-1).mean() == pytest.approx(1, rel=0.1)
        assert abs(values.mean()) < 0.01


def spectra_of(runs: np.ndarray, layout: Layout) -> tuple[pd.DataFrame, dict[str, list[str]], Plan]:
    """Return one study's runs (conditions, seeds, features) as a spectra table, with its series and plan."""
    names = [*(f"diversity {i}" for i in range(len(layout.diversity))), "dropout", "decay"]
    series = {name: [f"{name}-{c}" for c in places] for name, places in zip(names, layout.series, strict=True)}
    conditions = ["baseline", "baseline_b", *(c for members in series.values() for c in members)]
    metrics = [f"m{i}" for i in range(runs.shape[-1] // len(LAYER_GROUPS))]
    rows = [
        {"condition": condition, "seed": seed, "of": "after", "layer": group, "group": group}
        | dict(zip(metrics, values, strict=True))
        for condition, of_condition in zip(conditions, runs, strict=True)
        for seed, of_run in enumerate(of_condition)
        for group, values in zip(LAYER_GROUPS, of_run.reshape(len(LAYER_GROUPS), -1), strict=True)
    ]
    diversity = tuple(name for name in names if name.startswith("diversity"))
    plan = Plan(("dropout",), ("decay",), diversity, (), (), tuple(metrics), ())
    return pd.DataFrame(rows), series, plan


@pytest.mark.parametrize("layout", [DEFAULT, SMALL], ids=["default", "small"])
def test_simulated_studies_go_the_way_of_real_ones(layout):
    """From a spectra table through fingerprints to the verdict of claim 1: the same numbers as in the simulation."""
    runs = next(simulate(BY_NAME["like dropout, .5"], layout, SKEWED, 8, 6))
    together = ours(runs, layout)
    for study, statistic, pvalue, supported in zip(
        runs, together.statistic, together.pvalue, together.supported(), strict=True
    ):
        spectra, series, plan = spectra_of(study, layout)
        prints = claim_one_fingerprints(spectra, "shape", series, plan)
        result = claim_one_contrast(prints, series, plan)
        assert (result.statistic, result.pvalue) == pytest.approx((statistic, pvalue), nan_ok=True)
        assert (result.verdict == "supported") == supported
    assert together.supported().any()
