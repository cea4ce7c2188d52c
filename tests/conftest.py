"""Shared by all tests: where the project and the optional real data are."""

from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project() -> Path:
    """Root of the repository."""
    return PROJECT
