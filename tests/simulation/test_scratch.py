"""The scratch warehouse's directory: its owner's alone, gone afterwards, and none that a killed process left."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from dagster_project.settings import Settings
from dagster_project.simulation.scratch import scratch


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", landing=tmp_path / "landing")


def test_it_is_private_and_gone_afterwards(settings: Settings) -> None:
    with scratch(settings) as directory:
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        (directory / "warehouse.duckdb").touch()
    assert not directory.exists()
    with pytest.raises(RuntimeError), scratch(settings) as directory:
        raise RuntimeError
    assert not directory.exists()


def test_each_has_its_own_and_the_next_clears_what_was_left(settings: Settings) -> None:
    with scratch(settings) as first:
        left = first.with_name("left")
        left.mkdir()
        (left / "warehouse.duckdb").touch()
        with scratch(settings) as second:
            assert first != second
            assert first.exists() and second.exists() and not left.exists()
        assert first.exists() and not second.exists()
