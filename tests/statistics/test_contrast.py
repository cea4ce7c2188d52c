"""The contrast of claim 1 on effects whose truth is known."""

import re

import numpy as np
import pytest
from scipy import stats

from weightscape.statistics import family_contrast
from weightscape.statistics.contrast import Roles
from weightscape.streams import stream
from weightscape.words.reasons import words as sentence

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
    assert result.statistic.value == pytest.approx(statistic, rel=1e-12)
    assert result.statistic.high - result.statistic.value == pytest.approx(
        stats.t(5).ppf(0.975) * standard_error, rel=1e-9
    )
    assert result.statistic.pvalue == pytest.approx(2 * stats.t(5).sf(abs(statistic) / standard_error), rel=1e-9)


def test_estimates_the_difference_of_the_parts_along_both_directions():
    """v·d/|d| − v·w/|w| = 2 − 0.5, whatever the strengths of d and w."""
    V, D, W = differences(np.array([2.0, 0.5, 1.0, 0.0]), D_TRUE, W_TRUE, "parts", noise=0.02)
    assert family_contrast(V, D, W).statistic.value == pytest.approx(1.5, abs=0.05)
    assert family_contrast(V, 10 * D, W / 3).statistic.value == pytest.approx(
        family_contrast(V, D, W).statistic.value, rel=1e-9
    )


@pytest.mark.parametrize(
    ("v", "verdict", "words"),
    [
        (np.array([2.0, 0.0, 0.0, 0.0]), "supported", "further along dropout than along weight decay"),
        (np.array([0.0, 2.0, 0.0, 0.0]), "contradicted", "further along weight decay than along dropout"),
        (np.array([2.0, 2.0, 0.0, 0.0]), "undetermined", "not shown to be nearer"),
        (np.zeros(4), "undetermined", "diversity itself is not shown to act"),
        (np.array([0.0, -2.0, 0.0, 0.0]), "undetermined", "not shown to reach along dropout at all"),
        (np.array([2.0, -2.0, 0.0, 0.0]), "supported", "and is opposed to weight decay ("),
        (np.array([-2.0, 0.0, 0.0, 0.0]), "contradicted", "and is opposed to dropout ("),
    ],
)
def test_verdict_follows_the_truth(v, verdict, words):
    result = family_contrast(*differences(v, D_TRUE, W_TRUE, "verdict"))
    assert result.verdict == verdict
    assert words in sentence(result.facts)


@pytest.mark.parametrize(
    ("d", "w", "absent"), [(0, 1, "dropout is"), (1, 0, "weight decay is"), (0, 0, "dropout and weight decay are")]
)
def test_a_direction_that_is_not_there_makes_it_undetermined_and_is_named(d, w, absent):
    result = family_contrast(*differences(D_TRUE, d * D_TRUE, w * W_TRUE, "gate-5"))
    assert result.verdict == "undetermined"
    assert f": {absent} not shown to act" in sentence(result.facts)
    assert np.isnan(
        [result.statistic.value, result.statistic.low, result.statistic.high, result.statistic.pvalue]
    ).all()
    assert np.isfinite(result.cosine_vd.value) == bool(d)
    assert np.isfinite(result.cosine_vw.value) == bool(w)


def test_an_effect_that_is_only_opposed_to_weight_decay_is_not_like_dropout():
    """T > 0 with a small p, but nothing along dropout: the reason says what drives T."""
    result = family_contrast(*differences(np.array([0.0, -2.0, 0.0, 0.0]), D_TRUE, W_TRUE, "verdict"))
    assert result.statistic.low > 0
    assert result.along_w.high < 0
    assert "is opposed to weight decay" in sentence(result.facts)
    assert result.along_d.low < 0 < result.along_d.high


def test_parts_along_both_directions_have_their_own_jackknife():
    V, D, W = differences(np.array([2.0, 0.5, 1.0, 0.0]), D_TRUE, W_TRUE, "along")
    result = family_contrast(V, D, W)

    def along(V, D):
        products = V @ D.T, D @ D.T
        inner, square = (p.sum() - np.trace(p) for p in products)
        return inner / np.sqrt(square * len(V) * (len(V) - 1))

    deleted = [along(np.delete(V, s, 0), np.delete(D, s, 0)) for s in range(len(V))]
    assert result.along_d.value == pytest.approx(along(V, D))
    assert result.along_d.standard_error == pytest.approx(np.std(deleted) * np.sqrt(len(V) - 1))
    assert result.statistic.value == pytest.approx(result.along_d.value - result.along_w.value)


def test_deletions_in_units_of_their_own_make_the_interval():
    """The value is that of all seeds; the standard error that of the deletions that were handed over."""
    V, D, W = differences(np.array([1.0, 0.5, 0.2, 0.0]), D_TRUE, W_TRUE, "hand", seeds=6)
    unit = 1 + 0.1 * np.arange(6)
    deleted = [np.stack([np.delete(A, s, 0) / unit[s] for s in range(6)]) for A in (V, D, W)]
    result = family_contrast(V, D, W, deleted=deleted)
    values = [by_hand(*(array[s] for array in deleted)) for s in range(6)]
    assert result.statistic.value == pytest.approx(by_hand(V, D, W))
    half = stats.t(5).ppf(0.975) * np.std(values) * np.sqrt(5)
    assert result.statistic.high == pytest.approx(result.statistic.value + half)


def test_lengths_are_roots_of_the_squared_ones():
    result = family_contrast(*differences(np.zeros(4), D_TRUE, W_TRUE, "lengths", noise=0.02))
    assert result.presence_d.length.low < 3 < result.presence_d.length.high
    assert result.presence_w.length.value == pytest.approx(np.sqrt(result.presence_w.squared_norm.value))
    assert result.presence_v.length.low == 0


def test_opposite_directions_are_seen():
    result = family_contrast(*differences(D_TRUE, D_TRUE, -D_TRUE, "opposite"))
    assert result.cosine_dw.value == pytest.approx(-1, abs=0.05)


def test_exchanging_the_two_directions_changes_the_sign():
    V, D, W = differences(np.array([2.0, 0.5, 1.0, 0.0]), D_TRUE, W_TRUE, "swap")
    one, other = family_contrast(V, D, W), family_contrast(V, W, D)
    assert one.statistic.value == pytest.approx(-other.statistic.value)
    assert one.statistic.low == pytest.approx(-other.statistic.high)


@pytest.mark.parametrize("shape", [(2, 4), (8, 0)])
def test_too_little_data_is_undetermined_not_an_error(shape):
    result = family_contrast(*[np.ones(shape)] * 3)
    assert result.verdict == "undetermined"
    assert re.match("Too few seeds|No feature", sentence(result.facts))


def test_three_seeds_are_enough_for_a_number():
    result = family_contrast(*differences(D_TRUE, D_TRUE, W_TRUE, "three", seeds=3, noise=0.05))
    assert result.verdict == "supported"


def test_bad_arrays_are_refused():
    good = np.ones((4, 3))
    with pytest.raises(ValueError, match="share one shape"):
        family_contrast(good, good, good[:3])
    with pytest.raises(ValueError, match="finite"):
        family_contrast(good, good, np.where(np.eye(4, 3) == 1, np.nan, good))


E_TRUE = np.array([0.0, 0.0, 4.0, 0.0])


def with_learning(v, d, w, name, seeds=8, noise=0.3):
    """Effects v, d, w and the effect of stopping early, which share one baseline."""
    rng = stream("learning", name)
    own, baseline = noise * rng.normal(size=(4, seeds, 4)), noise * rng.normal(size=(seeds, 4))
    return [effect + x - baseline for effect, x in zip((v, d, w, E_TRUE), own, strict=True)]


def without_direction(A, B, E):
    """⟨A,B⟩ − ⟨A,E⟩⟨B,E⟩/⟨E,E⟩, summed over pairs of different seeds one by one."""

    def inner(X, Y):
        return np.mean([X[s] @ Y[t] for s in range(len(X)) for t in range(len(X)) if s != t])

    return inner(A, B) - inner(A, E) * inner(B, E) / inner(E, E)


def test_without_early_stopping_equals_the_definition_with_a_jackknife_by_hand():
    effects = with_learning(np.array([1.0, 0.5, 2.0, 0.0]), D_TRUE + E_TRUE / 2, W_TRUE, "hand", seeds=6)

    def statistic(V, D, W, E):
        along_d, along_w = (without_direction(V, X, E) / np.sqrt(without_direction(X, X, E)) for X in (D, W))
        return along_d - along_w

    deleted = [statistic(*(np.delete(array, s, 0) for array in effects)) for s in range(6)]
    result = family_contrast(*effects)
    assert result.statistic.value == pytest.approx(statistic(*effects), rel=1e-10)
    assert result.statistic.standard_error == pytest.approx(np.std(deleted) * np.sqrt(5), rel=1e-8)


def test_removing_a_direction_is_projecting_it_out_where_there_is_no_noise():
    """Each seed the same: the products are those of the parts orthogonal to E."""
    v, d, w = np.array([2.0, 0.5, 3.0, 0.0]), D_TRUE + E_TRUE, W_TRUE - E_TRUE
    effects = [np.tile(effect, (6, 1)) + 1e-9 * stream("tiny", i).normal(size=(6, 4))
               for i, effect in enumerate((v, d, w, E_TRUE))]  # fmt: skip
    result = family_contrast(*effects)
    assert result.along_d.value == pytest.approx(2.0, rel=1e-6)
    assert result.along_w.value == pytest.approx(0.5, rel=1e-6)
    assert result.along_e.value == pytest.approx(3.0, rel=1e-6)


def test_diversity_that_is_only_more_or_less_learning_is_not_like_dropout():
    """V lies along early stopping, and so does a part of dropout: T needs the direction to be removed."""
    V, D, W, E = with_learning(2 * E_TRUE, D_TRUE + E_TRUE, W_TRUE, "only learning")
    assert family_contrast(V, D, W).verdict == "supported"
    result = family_contrast(V, D, W, E)
    assert result.verdict == "undetermined"
    assert result.statistic.low < 0 < result.statistic.high
    assert result.along_e.value == pytest.approx(8, abs=0.5)


def test_dropout_that_is_nothing_but_less_learning_gives_no_direction():
    V, D, W, E = with_learning(D_TRUE, 2 * E_TRUE, W_TRUE, "nothing left")
    roles = Roles(("noise",), ("dropout",), ("weight_decay",), ("early_stop",))
    result = family_contrast(V, D, W, E, roles=roles)
    assert result.verdict == "undetermined"
    assert np.isnan(result.statistic.value)
    assert "not shown that dropout moves the spectra other than along early stop" in sentence(result.facts)


def test_early_stopping_that_does_not_act_makes_it_undetermined_and_is_named():
    V, D, W, E = with_learning(D_TRUE, D_TRUE, W_TRUE, "no learning")
    roles = Roles(("noise",), ("dropout",), ("weight_decay",), ("early_stop",))
    result = family_contrast(V, D, W, E - E_TRUE, roles=roles)
    assert result.verdict == "undetermined"
    assert ": early stop is not shown to act" in sentence(result.facts)
