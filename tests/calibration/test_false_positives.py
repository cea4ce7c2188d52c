"""The whole of claim 1 on simulated studies: rare false findings in every null, power where there is an effect.

This is the fast part; ``python tests/calibration/full.py`` runs all of it and writes the tables of docs/statistics.md.
"""

import numpy as np
import pytest
from simulated_studies import CELLS, NOISES, naive, ours, simulate

N_STUDIES = 500
BY_NAME = {cell.name: cell for cell in CELLS}


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.name)
@pytest.mark.parametrize("seeds", [6, 8, 12])
@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.is_null], ids=lambda cell: cell.name)
def test_false_findings_are_rare_in_every_null(cell, seeds, noise):
    assert ours(*simulate(cell, seeds, N_STUDIES, noise)).mean() <= 0.07


@pytest.mark.parametrize("noise", NOISES, ids=lambda noise: noise.name)
@pytest.mark.parametrize(("name", "power"), [("like dropout, 1", 0.95), ("like dropout, .5", 0.7)])
def test_power_with_eight_seeds(name, power, noise):
    assert ours(*simulate(BY_NAME[name], 8, N_STUDIES, noise)).mean() >= power


def test_the_usual_analysis_finds_similarity_where_there_is_none():
    """What ours is for: a bootstrap of ordinary cosines decides many studies in which only weight decay acts."""
    study = simulate(BY_NAME["only weight decay acts, strongly"], 8, 200, NOISES[0])
    assert naive(*study).mean() > 0.4
    assert ours(*study).mean() < 0.05


def test_simulated_noise_has_the_length_that_effects_are_measured_in():
    """The difference of two runs of pure noise is √2 lengths long; features are divided by an SD of about 1/√p."""
    V, _, _ = simulate(BY_NAME["nothing acts"], 12, 300, NOISES[0])
    root_mean_square = np.sqrt((V**2).mean())
    assert root_mean_square == pytest.approx(np.sqrt(2), rel=0.05)
