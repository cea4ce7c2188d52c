import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prdc import compute_prdc

from weightscape.diversity import prdc
from weightscape.diversity.prdc import manifold_metrics


@pytest.mark.parametrize(("n", "m", "d", "k"), [(40, 60, 3, 5), (30, 30, 50, 1), (25, 12, 2, 3)])
@pytest.mark.parametrize("shift", [0, 0.7])
def test_the_four_agree_with_the_prdc_package(n, m, d, k, shift, monkeypatch):
    rng = np.random.default_rng(n + d)
    real, images = rng.standard_normal((n, d)), 0.8 * rng.standard_normal((m, d)) + shift
    monkeypatch.setattr(prdc, "CHUNK", 7)
    expected = compute_prdc(real, images, nearest_k=k)
    assert vars(manifold_metrics(real, images, k)) == pytest.approx({name: float(v) for name, v in expected.items()})


def test_a_set_lies_wholly_among_itself():
    features = np.random.default_rng(0).standard_normal((50, 6))
    found = manifold_metrics(features, features)
    assert (found.precision, found.recall, found.coverage) == (1, 1, 1)
    assert found.density == pytest.approx(6 / 5)  # each ball holds its centre and its five neighbours


def test_a_set_elsewhere_covers_nothing():
    features = np.random.default_rng(1).standard_normal((50, 6))
    assert set(vars(manifold_metrics(features, features + 100)).values()) == {0}


def test_half_of_the_modes_are_precise_but_cover_half():
    """Images of one of two far groups of real ones: all among real ones, half of those found."""
    rng = np.random.default_rng(2)
    real = rng.standard_normal((400, 2)) + np.repeat([[0, 0], [100, 0]], 200, axis=0)
    found = manifold_metrics(real, rng.standard_normal((400, 2)))
    assert found.precision > 0.9
    assert found.recall == pytest.approx(0.5, abs=0.03)
    assert found.coverage == pytest.approx(0.5, abs=0.03)


def test_copies_of_one_image_cover_that_image_and_its_neighbours_only():
    real = np.arange(30.0)[:, None]
    found = manifold_metrics(real, np.full((20, 1), 10.0), neighbours=2)
    assert found.precision == 1
    assert found.coverage == pytest.approx(3 / 30)
    assert found.recall == pytest.approx(1 / 30)


@given(st.integers(0, 1000), st.floats(-50, 50), st.floats(0.1, 10))
@settings(deadline=None, max_examples=40)
def test_moving_turning_and_scaling_both_sets_changes_nothing(seed, shift, scale):
    rng = np.random.default_rng(seed)
    real, images = rng.standard_normal((20, 4)), rng.standard_normal((15, 4))
    turn = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    moved = [scale * (features @ turn + shift) for features in (real, images)]
    assert vars(manifold_metrics(*moved, 3)) == pytest.approx(vars(manifold_metrics(real, images, 3)))


def test_wrong_input_is_refused():
    good = np.eye(8)
    with pytest.raises(ValueError, match=r"features must be of shape \(n, d\) with more than 5 rows, got \(5, 8\)"):
        manifold_metrics(good, good[:5])
    with pytest.raises(ValueError, match="features must be finite"):
        manifold_metrics(np.full((8, 8), np.nan), good)
    with pytest.raises(ValueError, match="real features have 8 columns, those compared with them 7"):
        manifold_metrics(good, good[:, :7])
