"""Whether an effect is there: against enumeration, exact under the hypothesis, and equal for one study and for many."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from weightscape.statistics import family_contrast
from weightscape.statistics.constants import SEEDS_FOR_SIGN_FLIP, SIGNIFICANCE
from weightscape.statistics.many_studies import contrast_studies
from weightscape.statistics.presence import acting, presence, presence_pvalues, sign_patterns
from weightscape.streams import stream


@settings(deadline=None, max_examples=50)
@given(arrays(float, st.tuples(st.integers(3, 7), st.integers(1, 4)), elements=st.integers(-9, 9).map(float)))
def test_p_is_the_share_of_all_sign_patterns_that_reach_the_length(A):
    """Whole numbers, so that ties are exact."""
    flipped = [A * np.array(signs)[:, None] for signs in product((1, -1), repeat=len(A))]
    lengths = [(B.sum(axis=0) ** 2).sum() - (B**2).sum() for B in flipped]
    assert presence_pvalues(A) == pytest.approx(np.mean(np.array(lengths) >= lengths[0]))


def test_smallest_p_decides_how_many_seeds_the_test_needs():
    smallest = {n: float(presence_pvalues(np.ones((n, 2)))) for n in (5, 6)}
    assert smallest == {5: 1 / 16, 6: 1 / 32}
    assert smallest[SEEDS_FOR_SIGN_FLIP] <= SIGNIFICANCE < smallest[SEEDS_FOR_SIGN_FLIP - 1]


def test_is_exact_under_the_hypothesis_with_heavy_tails_and_correlated_features():
    rng = stream("presence null")
    runs = rng.standard_t(3, size=(2, 3000, 7, 1)) + 0.5 * rng.standard_t(3, size=(2, 3000, 7, 12))
    rate = acting(runs[0] - runs[1]).mean()
    assert abs(rate - 3 / 64) < 3 * np.sqrt(0.05 / 3000)


def test_finds_an_effect_as_long_as_the_noise_of_a_run():
    rng = stream("presence power")
    noise = rng.normal(size=(2, 500, 8, 40)) / np.sqrt(40)
    assert acting(noise[0] - noise[1] + 1 / np.sqrt(40)).mean() > 0.95


def test_few_seeds_use_the_interval_and_can_still_find_a_clear_effect():
    noise = stream("three seeds").normal(size=(3, 5))
    clear, nothing = presence(noise + 100), presence(noise - noise.mean(axis=0))
    assert clear.acts
    assert clear.pvalue == 1 / 4
    assert not nothing.acts


def test_many_seeds_use_a_sample_of_patterns_with_the_unchanged_one():
    patterns = sign_patterns(40, 64)
    assert patterns.shape == (64, 40)
    assert (patterns[0] == 1).all()
    assert presence_pvalues(np.ones((40, 2)), 64) == 1 / 64


@pytest.mark.parametrize("learning", [False, True], ids=["nothing removed", "without learning"])
@pytest.mark.parametrize("seeds", [3, 5, 6, 9])
def test_many_studies_at_once_equal_one_by_one(seeds, learning):
    rng = stream("many studies", seeds)
    truth = np.array([[5.0, 0, 0, 0], [5.0, 0, 2.0, 0], [0, 5.0, 0, 0], [0, 0, 5.0, 0]])[:, None, None]
    effects = np.linspace(0, 12 / seeds, 40)[:, None, None] * truth + rng.normal(size=(4, 40, seeds, 4))
    effects = effects[: 3 + learning]
    together = contrast_studies(effects)
    one_by_one = [family_contrast(*arrays) for arrays in np.moveaxis(effects, 1, 0)]
    for field in ("value", "standard_error", "pvalue"):
        expected = [getattr(result.statistic, field) for result in one_by_one]
        found = together.statistic if field == "value" else getattr(together, field)
        np.testing.assert_allclose(found, expected, rtol=1e-8)
    verdicts = np.array([result.verdict for result in one_by_one])
    np.testing.assert_array_equal(together.supported(), verdicts == "supported")
    np.testing.assert_array_equal(together.decided(), verdicts != "undetermined")
    assert together.decided().any() or (seeds == 3 and learning)
    assert not together.decided().all()
