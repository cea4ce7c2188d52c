"""Shared by all tests: where the project and the optional real data are."""

from pathlib import Path

import pytest
from hypothesis import settings

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project() -> Path:
    """Root of the repository."""
    return PROJECT


def pytest_configure() -> None:
    """Give examples as much time as they need: a busy machine is no failure."""
    settings.register_profile("patient", settings.get_profile(settings.get_current_profile_name()), deadline=None)
    settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep each folder's tests in one process, where its fixtures are made once; the longest folder starts first."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(item.path.parent.name))
    items.sort(key=lambda item: item.path.parent.name != "workflow")
