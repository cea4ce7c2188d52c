import numpy as np
import pytest
from scipy.spatial.distance import pdist
from sklearn.metrics.pairwise import rbf_kernel
from vendi_score import vendi

from weightscape.diversity import rbf
from weightscape.diversity.rbf import median_bandwidth, rbf_eigenvalues
from weightscape.diversity.vendi import ORDERS, vendi_of_eigenvalues

FEATURES = np.random.default_rng(0).standard_normal((40, 5)) * 3 + 100


@pytest.mark.filterwarnings("ignore:Please import `csr_matrix`:DeprecationWarning")
@pytest.mark.parametrize("q", ORDERS.values())
def test_scores_agree_with_the_vendi_score_package_on_the_kernel_of_scikit_learn(q):
    bandwidth = 2.5
    kernel = rbf_kernel(FEATURES, gamma=1 / (2 * bandwidth**2))
    expected = vendi.score_K(kernel, q="inf" if np.isinf(q) else q)
    assert vendi_of_eigenvalues(rbf_eigenvalues(FEATURES, bandwidth), q) == pytest.approx(expected, rel=1e-6)


def test_bandwidth_is_the_median_distance_of_different_images():
    assert median_bandwidth(FEATURES) == pytest.approx(np.median(pdist(FEATURES)))


def test_bandwidth_is_of_the_first_images_only(monkeypatch):
    monkeypatch.setattr(rbf, "FOR_MEDIAN", 10)
    assert median_bandwidth(FEATURES) == pytest.approx(np.median(pdist(FEATURES[:10])))


def test_images_that_differ_in_length_only_are_one_for_the_cosine_and_several_here():
    rows = np.outer([1, 100, 200, 300], np.ones(4))
    assert vendi_of_eigenvalues(rbf_eigenvalues(rows, 1), 1) == pytest.approx(4)
    assert vendi_of_eigenvalues(rbf_eigenvalues(np.ones((5, 4)), 1), 1) == pytest.approx(1)


def test_sets_without_a_distance_and_too_large_ones_are_refused(monkeypatch):
    with pytest.raises(ValueError, match="at least half of all pairs of reference images are equal"):
        median_bandwidth(np.ones((6, 3)))
    monkeypatch.setattr(rbf, "LARGEST", 39)
    with pytest.raises(ValueError, match="for 1 to 39 images, got 40"):
        rbf_eigenvalues(FEATURES, 1)
