"""Claims 2a to 2d and the manipulation check on simulated studies: rare false findings, power where there is an effect.

This is the fast part; ``python tests/calibration/full.py`` runs all of it and writes the tables of docs/calibration.md.
"""

import pytest
from claim_two import (
    NULL_LINES,
    NULL_SLOPES,
    TRUE_LINES,
    TRUE_SLOPES,
    against_all_shares,
    given_line_pvalue,
    least_squares_pvalue,
    line_share,
    manipulation_shares,
    mixed_model_pvalue,
    slope_share,
    validated_share,
)

N_STUDIES = 800


@pytest.mark.parametrize("cell", NULL_SLOPES, ids=lambda cell: cell.name)
def test_claim_2d_seldom_finds_a_diversity_that_does_nothing(cell):
    assert slope_share(cell, (10, 8), N_STUDIES) <= 0.07


def test_claim_2d_has_power():
    assert slope_share(TRUE_SLOPES[1], (10, 8), N_STUDIES) >= 0.85


def test_what_claim_2d_is_not_made_of():
    """One slope of accuracy for runs and conditions, and least squares on means that are noisy."""
    null, extreme = NULL_SLOPES[1], NULL_SLOPES[-1]
    assert slope_share(null, (10, 8), 40, mixed_model_pvalue) > 0.15
    assert slope_share(extreme, (12, 12), N_STUDIES, least_squares_pvalue) > 0.075


@pytest.mark.parametrize("cell", NULL_LINES, ids=lambda cell: cell.name)
def test_claim_2c_seldom_finds_what_the_line_explains(cell):
    assert line_share(cell, (5, 12), N_STUDIES) <= 0.07


def test_claim_2c_has_power_and_a_given_line_is_not_enough():
    assert line_share(TRUE_LINES[1], (5, 12), N_STUDIES) >= 0.9
    assert line_share(NULL_LINES[1], (5, 12), N_STUDIES, given_line_pvalue) > 0.12


@pytest.mark.parametrize("effects", [(0.0,), (0.0, 0.0, 0.0), (0.0, -2.0, -2.0)])
def test_claim_2a_seldom_finds_a_difference_from_an_augmentation_as_diverse(effects):
    assert against_all_shares(effects, 12, N_STUDIES)[0] <= 0.065


def test_claim_2a_has_the_power_of_a_choice_on_the_same_scores_without_its_errors():
    ours, chosen = against_all_shares((-1.5, -1.5, -1.5), 12, N_STUDIES)
    assert ours >= max(0.7, chosen - 0.05)
    ours, chosen = against_all_shares((0.0, 0.0, 0.0), 12, N_STUDIES)
    assert ours < chosen - 0.02


@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_claim_2b_keeps_its_level_against_the_best_validated(correlation):
    assert validated_share(correlation, 3, 12, N_STUDIES) <= 0.08


def test_the_manipulation_check_has_level_and_power():
    assert manipulation_shares(0.0, 4, 8, 250)[0] <= 0.08
    assert manipulation_shares(3.0, 4, 8, 100)[1] >= 0.9
