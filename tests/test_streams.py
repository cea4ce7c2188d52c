"""Named random streams: stable, distinct, independent of global state."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from weightscape.streams import stream, stream_seed

NAMES = st.tuples(st.text(max_size=8), st.integers(0, 10**6), st.text(max_size=8))


def test_a_stream_is_the_same_for_ever():
    """Changing these numbers would change every study that was ever run."""
    assert stream_seed("digits", 3, "subset") == 1110445175550037073
    assert stream("digits", 3, "subset").integers(0, 1000, 3).tolist() == [880, 816, 353]


@given(NAMES, NAMES)
def test_different_names_give_different_streams(first, second):
    assert (stream_seed(*first) == stream_seed(*second)) == (first == second)


@given(NAMES)
def test_seeds_fit_torch_and_numpy(name):
    assert 0 <= stream_seed(*name) < 2**63


def test_parts_do_not_run_together():
    assert stream_seed("a", "bc") != stream_seed("ab", "c")
    assert stream_seed("a", 1) != stream_seed("a", "1")


def test_global_state_plays_no_part():
    np.random.seed(0)  # noqa: NPY002
    first = stream("x", 0).random()
    np.random.seed(1)  # noqa: NPY002
    assert stream("x", 0).random() == first
