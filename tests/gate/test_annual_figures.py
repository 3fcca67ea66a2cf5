"""The gate's check of the annual tables: it blocks on what can be computed, and on what it cannot read."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.disclosure.primary import FOLLOW_UP
from dagster_project.gate import annual_figures
from dagster_project.releases.catalogue import Release
from dagster_project.releases.history import Published
from tests.disclosure.annual_tables import YEAR, lay, protected, rows

WEEKEND = "indicator_id = 'weekend_discharge' and municipality_code = '0184' and sex = 2"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A candidate with a running year, and the same tables as a closed one."""
    directory = tmp_path_factory.mktemp("sealed")
    for folder in ("marts/parquet", "annual/parquet", f"annual/{YEAR - 1}/parquet"):
        (directory / folder).mkdir(parents=True)
    with duckdb.connect() as connection:
        lay(connection, rows(0))
        for name, relation in protected(connection).items():
            for folder in ("annual", f"annual/{YEAR - 1}"):
                connection.execute(f"copy (from {relation}) to '{directory}/{folder}/parquet/{name}.parquet'")
                (directory / folder / "datapackage.json").write_text("{}")
        connection.execute(f"copy {FOLLOW_UP} to '{directory}/marts/parquet/{FOLLOW_UP}.parquet'")
        connection.execute(f"copy dim_indicator to '{directory}/marts/parquet/dim_indicator.parquet'")
    with duckdb.connect(str(directory / "warehouse.duckdb")) as warehouse:
        warehouse.execute("""
            create schema reference;
            create table reference.ref_disclosure_rules as select 'fewest_persons' as rule_id,
                date '1900-01-01' as valid_from, null::date as valid_to, 5 as threshold;
        """)
    return directory


@pytest.fixture
def candidate(sealed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sealed, tmp_path / "candidate")


def leak(candidate: Path, folder: str) -> None:
    """Let the tables of a folder tell the women of a place whose men are hidden, and all of whom are told."""
    path = candidate / folder / "parquet" / f"{FOLLOW_UP}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table told as from '{path}'")
        connection.execute(f"""
            update told set numerator_status = 'shown', numerator = (
                select numerator from '{candidate}/marts/parquet/{FOLLOW_UP}.parquet' where {WEEKEND}
            )
            where {WEEKEND}
        """)
        connection.execute(f"copy told to '{path}'")


def test_annual_tables_that_give_nothing_away_pass(candidate: Path) -> None:
    found = annual_figures.check(candidate, [])
    assert (found.result, found.severity, found.protects) == ("passed", "block", "annual")


def test_a_leak_blocks_and_is_told_by_year_without_its_value(candidate: Path) -> None:
    leak(candidate, "annual")
    found = annual_figures.check(candidate, [])
    assert found.is_blocking
    assert found.observed.endswith(" figures that must be hidden follow from what is shown, in 2024")


def test_a_closed_year_is_judged_by_the_gate_of_the_release_that_closed_it(candidate: Path) -> None:
    leak(candidate, f"annual/{YEAR - 1}")
    assert annual_figures.check(candidate, []).result == "failed"
    files = {f"annual/{YEAR - 1}/datapackage.json": {"sha256": "0"}}
    closing = Published(Release("01", "2024-01", 1, candidate), datetime(2024, 2, 5, tzinfo=UTC), {"files": files})
    assert annual_figures.check(candidate, [closing]).result == "passed"


def test_tables_that_are_missing_or_cannot_be_read_are_an_error(candidate: Path) -> None:
    (candidate / "annual" / "parquet" / "mart_commitments.parquet").write_bytes(b"PAR1")
    assert annual_figures.check(candidate, []).result == "error"
    (candidate / "annual" / "parquet" / "mart_commitments.parquet").unlink()
    assert annual_figures.check(candidate, []).result == "error"
    (candidate / "annual" / "datapackage.json").unlink()
    (candidate / "annual" / f"{YEAR - 1}" / "datapackage.json").unlink()
    found = annual_figures.check(candidate, [])
    assert (found.result, found.is_blocking, found.observed) == ("error", True, "annual is missing")
