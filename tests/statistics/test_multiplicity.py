"""Holm's adjustment against statsmodels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from weightscape.statistics import holm


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_equals_statsmodels(pvalues):
    theirs = multipletests(pvalues, method="holm")[1]
    np.testing.assert_allclose(holm(np.array(pvalues)), theirs, rtol=1e-12, atol=1e-300)


def test_a_test_that_could_not_be_made_still_counts():
    adjusted = holm(np.array([0.02, np.nan, np.nan]))
    assert adjusted[0] == pytest.approx(0.06)
    assert np.isnan(adjusted[1:]).all()


def test_what_is_no_p_value_is_refused():
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        holm(np.array([0.2, 1.5]))
