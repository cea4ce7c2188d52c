"""The contrast of claim 1 on effects whose truth is known."""

import numpy as np
import pytest
from scipy import stats

from weightscape.statistics import family_contrast
from weightscape.streams import stream

D_TRUE = np.array([3.0, 0.0, 0.0, 0.0])
W_TRUE = np.array([0.0, 5.0, 0.0, 0.0])


def differences(v, d, w, name, seeds=8, noise=0.3):
    """Effects v, d and w with noise of their own and the noise of one shared baseline."""
    rng = stream("contrast", name)
    own, baseline = noise * rng.normal(size=(3, seeds, len(v))), noise * rng.normal(size=(seeds, len(v)))
    return [effect + x - baseline for effect, x in zip((v, d, w), own, strict=True)]


def by_hand(V, D, W):
    def inner(A, B):
        return np.mean([A[s] @ B[t] for s in range(len(A)) for t in range(len(A)) if s != t])

    return inner(V, D) / np.sqrt(inner(D, D)) - inner(V, W) / np.sqrt(inner(W, W))


def test_equals_the_definition_with_a_jackknife_by_hand():
    V, D, W = differences(np.array([1.0, 0.5, 0.2, 0.0]), D_TRUE, W_TRUE, "hand", seeds=6)
    result = family_contrast(V, D, W)
    statistic = by_hand(V, D, W)
    deleted = np.array([by_hand(*(np.delete(array, s, 0) for array in (V, D, W))) for s in range(6)])
    pseudo_values = 6 * statistic - 5 * deleted
    standard_error = pseudo_values.std(ddof=1) / np.sqrt(6)
    assert result.statistic == pytest.approx(statistic, rel=1e-12)
    assert result.high - result.statistic == pytest.approx(stats.t(5).ppf(0.975) * standard_error, rel=1e-9)
    assert result.pvalue == pytest.approx(2 * stats.t(5).sf(abs(statistic) / standard_error), rel=1e-9)


def test_estimates_the_difference_of_the_parts_along_both_directions():
    """v·d/|d| − v·w/|w| = 2 − 0.5, whatever the strengths of d and w."""
    V, D, W = differences(np.array([2.0, 0.5, 1.0, 0.0]), D_TRUE, W_TRUE, "parts", noise=0.02)
    assert family_contrast(V, D, W).statistic == pytest.approx(1.5, abs=0.05)
    assert family_contrast(V, 10 * D, W / 3).statistic == pytest.approx(family_contrast(V, D, W).statistic, rel=1e-9)


@pytest.mark.parametrize(
    ("v", "verdict", "words"),
    [
        (np.array([2.0, 0.0, 0.0, 0.0]), "supported", "further along dropout than along weight decay"),
        (np.array([0.0, 2.0, 0.0, 0.0]), "contradicted", "further along weight decay than along dropout"),
        (np.array([2.0, 2.0, 0.0, 0.0]), "undetermined", "not shown to be nearer"),
        (np.zeros(4), "undetermined", "diversity itself did not act"),
    ],
)
def test_verdict_follows_the_truth(v, verdict, words):
    result = family_contrast(*differences(v, D_TRUE, W_TRUE, "verdict"))
    assert result.verdict == verdict
    assert words in result.reason


@pytest.mark.parametrize(
    ("d", "w", "absent"), [(0, 1, "dropout"), (1, 0, "weight decay"), (0, 0, "dropout and weight decay")]
)
def test_a_direction_that_is_not_there_makes_it_undetermined_and_is_named(d, w, absent):
    result = family_contrast(*differences(D_TRUE, d * D_TRUE, w * W_TRUE, "gate-5"))
    assert result.verdict == "undetermined"
    assert f": {absent} did not act" in result.reason
    assert np.isnan([result.statistic, result.low, result.high, result.pvalue]).all()
    assert np.isfinite(result.cosine_vd.value) == bool(d)
    assert np.isfinite(result.cosine_vw.value) == bool(w)


def test_exchanging_the_two_directions_changes_the_sign():
    V, D, W = differences(np.array([2.0, 0.5, 1.0, 0.0]), D_TRUE, W_TRUE, "swap")
    one, other = family_contrast(V, D, W), family_contrast(V, W, D)
    assert one.statistic == pytest.approx(-other.statistic)
    assert one.low == pytest.approx(-other.high)


@pytest.mark.parametrize("shape", [(2, 4), (8, 0)])
def test_too_little_data_is_undetermined_not_an_error(shape):
    result = family_contrast(*[np.ones(shape)] * 3)
    assert result.verdict == "undetermined"
    assert "too few" in result.reason or "no feature" in result.reason


def test_three_seeds_are_enough_for_a_number():
    result = family_contrast(*differences(D_TRUE, D_TRUE, W_TRUE, "three", seeds=3, noise=0.05))
    assert result.verdict == "supported"


def test_bad_arrays_are_refused():
    good = np.ones((4, 3))
    with pytest.raises(ValueError, match="share one shape"):
        family_contrast(good, good, good[:3])
    with pytest.raises(ValueError, match="finite"):
        family_contrast(good, good, np.where(np.eye(4, 3) == 1, np.nan, good))
