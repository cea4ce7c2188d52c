"""Shared by all tests: where the project and the optional real data are."""

from pathlib import Path
from typing import Any

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
    """Start the longest folder first, so that it does not run alone at the end."""
    items.sort(key=lambda item: item.path.parent.name != "workflow")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep each folder's tests in one process, where its fixtures are made once."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFolder(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid.split("::")[0].rpartition("/")[0]

    return ByFolder(config, log)
