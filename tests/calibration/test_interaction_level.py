"""Interactions on simulated studies: rare false findings where effects add up, power where they do not."""

import numpy as np
import pytest
from interactions import LAWS, interaction_pvalues
from scipy import stats

from weightscape.statistics.effects import interaction
from weightscape.statistics.multiplicity import holm
from weightscape.statistics.sign_flip import sign_flip_test
from weightscape.streams import stream


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("seeds", [6, 8, 12])
def test_false_findings_are_rare_where_effects_add_up(law, seeds):
    assert (interaction_pvalues(law, seeds, 0.0) <= 0.05).mean() <= 0.06


@pytest.mark.parametrize("law", LAWS)
def test_two_baselines_leave_the_level_as_it_is(law):
    """Their mean is less noisy than a run, so that the noise of an interaction is symmetric only if a run's is."""
    assert (interaction_pvalues(law, 8, 0.0, baselines=2) <= 0.05).mean() <= 0.06


def test_holm_holds_the_level_over_the_combinations_of_a_study():
    """Nine combinations that share the baseline and their parts: any false finding in at most 5 % of studies."""
    rng = stream("interactions", "grid")
    baseline, first, second = (rng.normal(size=(n, 12, 1000)) for n in (1, 3, 3))
    both = rng.normal(size=(3, 3, 12, 1000))
    found = np.stack(
        [
            sign_flip_test(interaction(baseline[0], both[i, j], np.stack([first[i], second[j]]))).pvalue
            for i in range(3)
            for j in range(3)
        ]
    )
    adjusted = np.apply_along_axis(holm, 0, found)
    assert (adjusted <= 0.05).any(axis=0).mean() <= 0.06


@pytest.mark.parametrize("law", LAWS)
def test_power_is_that_of_a_difference_of_four_runs(law):
    """With 12 seeds an interaction of 2.5 SDs of a run; the paired t test of a difference of SD 2 has power .98."""
    df, shift = 11, 2.5 / (2 / np.sqrt(12))
    assert 1 - stats.nct.cdf(stats.t.ppf(0.975, df), df, shift) == pytest.approx(0.98, abs=0.01)
    assert (interaction_pvalues(law, 12, 2.5) <= 0.05).mean() >= 0.93
