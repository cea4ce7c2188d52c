"""Interactions of combined interventions: the difference of differences, against other ways to compute it."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from weightscape.statistics.effects import effects_table, interaction
from weightscape.streams import stream

SEEDS = 10


@pytest.fixture(scope="module")
def cells():
    """Return an outcome of a 2 × 2 design, (S, baseline/first/second/both), with seeds that differ."""
    rng = stream("interaction tests")
    means = np.array([1.0, 3.0, 2.0, 5.5])
    return means + rng.normal(size=(SEEDS, 1)) + 0.5 * rng.normal(size=(SEEDS, 4))


def tables(cells, names=("baseline", "a-1", "b-1", "c-1-1"), combinations=None):
    runs = [
        {"condition": name, "series": name.split("-")[0], "family": "x", "dose": np.nan, "seed": seed}
        for name in names
        for seed in range(len(cells))
    ]
    outcomes = [
        {
            "outcome": "o",
            "outcome_family": "f",
            "condition": name,
            "seed": seed,
            "value": row[place],
            "left_out": "",
            "own": True,
        }
        for seed, row in enumerate(cells)
        for place, name in enumerate(names)
    ]
    return effects_table(pd.DataFrame(runs), pd.DataFrame(outcomes), combinations or {names[-1]: list(names[1:-1])})


def test_it_is_the_interaction_of_the_linear_model_within_seeds(cells):
    """Least squares on all runs, with seeds and both factors: y = seed + a + b + ab."""
    row = tables(cells).query("level == 'interaction'").squeeze()
    first, second = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    factors = np.tile(np.stack([first, second, first * second], axis=1), (SEEDS, 1))
    design = np.hstack([np.kron(np.eye(SEEDS), np.ones((4, 1))), factors])
    coefficients, *_ = np.linalg.lstsq(design, cells.ravel(), rcond=None)
    assert row["mean"] == pytest.approx(coefficients[-1])
    assert (row.condition, row.series, row.n_seeds) == ("c-1-1", "c", SEEDS)


def test_its_interval_is_that_of_a_repeated_measures_analysis_of_variance(cells):
    """F of a × b with the error a × b × seed, from residual sums of squares, is the square of t."""
    row = tables(cells).query("level == 'interaction'").squeeze()
    sign_a, sign_b = np.array([-1, 1, -1, 1]), np.array([-1, -1, 1, 1])
    by_seed = np.kron(np.eye(SEEDS), np.stack([np.ones(4), sign_a, sign_b], axis=1))
    crossed = np.tile(sign_a * sign_b, SEEDS)[:, None]

    def rss(design):
        fit, *_ = np.linalg.lstsq(design, cells.ravel(), rcond=None)
        return ((cells.ravel() - design @ fit) ** 2).sum()

    without, with_it = rss(by_seed), rss(np.hstack([by_seed, crossed]))
    t = np.sqrt((without - with_it) / (with_it / (SEEDS - 1)))
    half = row["mean"] / t * stats.t.ppf(0.975, SEEDS - 1)
    assert (row.low, row.high) == pytest.approx((row["mean"] - half, row["mean"] + half))


def test_effects_that_add_up_have_none_not_even_of_rounding():
    cells = np.array([[0.1, 0.4, 0.3, 0.6], [0.7, 0.8, 0.9, 1.0]])
    assert interaction(cells[:, 0], cells[:, 3], cells[:, 1:3].T).tolist() == [0.0, 0.0]
    row = tables(cells).query("level == 'interaction'").squeeze()
    assert (row["mean"], row.pvalue) == (0.0, 1.0)


def test_of_three_parts_it_is_all_that_is_not_additive(cells):
    three = np.hstack([cells[:, :3], cells[:, 1:2] + 0.25, cells[:, 3:]])
    row = tables(three, ("baseline", "a-1", "b-1", "d-1", "c-1-1-1")).query("level == 'interaction'").squeeze()
    gains = three[:, 1:] - three[:, :1]
    assert row["mean"] == pytest.approx((gains[:, 3] - gains[:, :3].sum(axis=1)).mean())


def test_holm_is_over_the_combinations_of_an_outcome(cells):
    names = ("baseline", "a-1", "b-1", "d-1", "c-1-1")
    both = {"c-1-1": ["a-1", "b-1"], "d-1": ["a-1", "b-1"]}
    table = tables(np.hstack([cells, cells[:, 3:] + 1]), names, both).query("level == 'interaction'")
    smallest = table.loc[table.pvalue.idxmin()]
    assert len(table) == 2
    assert smallest.pvalue_holm == pytest.approx(min(1, 2 * smallest.pvalue))


def test_a_part_that_was_not_measured_has_no_interaction(cells):
    """As the diversity of data that a part does not change."""
    table = tables(cells, combinations={"c-1-1": ["a-1", "elsewhere-1"]})
    assert "interaction" not in set(table.level)


def test_a_combination_has_no_slope(cells):
    assert "slope" not in set(tables(cells).level)
