"""One small demonstration region, in a dirty and a clean form, made once."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dagster_project.demo.generate import generate
from tests.demo.demonstration import FIRST, LAST, REGION, SEED, STAYS, rows


@pytest.fixture(scope="session")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("demo") / "landing"
    generate(directory, REGION, FIRST, LAST, STAYS, SEED)
    return directory


@pytest.fixture(scope="session")
def clean_landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("demo-clean") / "landing"
    generate(directory, REGION, FIRST, LAST, STAYS, SEED, clean=True)
    return directory


@pytest.fixture(scope="session")
def clean(clean_landing: Path) -> duckdb.DuckDBPyConnection:
    return rows(clean_landing)
