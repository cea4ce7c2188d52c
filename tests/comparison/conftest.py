"""The simulated studies of the report's tests serve the comparison too."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "report"))

from simulated_study import SimulatedStudy, simulate


@pytest.fixture(scope="session")
def large() -> SimulatedStudy:
    return simulate()
