from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.settings import Settings
from tests.packages import small


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``municipalities/`` of the small candidate."""
    home = tmp_path_factory.mktemp("packages")
    settings = Settings(home, home / "landing")
    return small.write(settings, small.build(settings))
