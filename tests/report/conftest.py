"""Simulated studies for the tests of the report."""

import pytest
from simulated_study import SMALL, SimulatedStudy, simulate


@pytest.fixture(scope="session")
def large() -> SimulatedStudy:
    return simulate()


@pytest.fixture(scope="session")
def small() -> SimulatedStudy:
    return simulate(SMALL, seeds=2)
