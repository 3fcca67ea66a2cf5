"""The gate's check of the open tables: it blocks on what can be computed, and on what it cannot read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.disclosure import tables
from dagster_project.gate import open_cells
from tests.disclosure.open_files import (
    ANNUAL,
    DEVIATIONS,
    HEADLINE,
    HEADLINE_DISTRICT,
    MONTH,
    PAYMENT,
    PAYMENT_DISTRICT,
    PROCESS,
    READMISSIONS,
    READY_DAYS,
    row,
    write,
)


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    return lay(tmp_path, county=36, second=6)


def lay(candidate: Path, county: int | None, second: int | None) -> Path:
    ready: list[dict[str, Any]] = [
        row(READY_DAYS, ready_days=county),
        row(READY_DAYS, "0180", ready_days=30),
        row(READY_DAYS, "0184", ready_days=second),
    ]
    others = [PAYMENT, PAYMENT_DISTRICT, READMISSIONS, HEADLINE, HEADLINE_DISTRICT, PROCESS, ANNUAL]
    deviations = [row(DEVIATIONS, year=MONTH.year - 1)]
    found = {READY_DAYS: ready, DEVIATIONS: deviations, **{name: [row(name)] for name in others}}
    write(candidate / tables.PARQUET, found)
    # The true figures: 30 and 6 days, and nothing else.
    true = [row(READY_DAYS, "0180", ready_days=30), row(READY_DAYS, "0184", ready_days=6)]
    write(candidate / tables.INTERNAL, {**found, READY_DAYS: true})
    with duckdb.connect(str(candidate / "warehouse.duckdb")) as warehouse:
        warehouse.execute(f"""
            create schema bronze;
            create table bronze.candidate as select date '{MONTH.year - 1}-12-01' as first_month,
                date '{MONTH}' as month;
            create schema reference;
            create table reference.ref_disclosure_rules as select 'fewest_persons' as rule_id,
                date '1900-01-01' as valid_from, null::date as valid_to, 5 as threshold;
        """)
    return candidate


def test_open_tables_that_give_nothing_away_pass(candidate: Path) -> None:
    found = open_cells.check(candidate, [], 1)
    assert (found.result, found.severity, found.source) == ("passed", "block", "expectations")


def test_a_leak_blocks_and_is_told_by_month_without_its_value(tmp_path: Path) -> None:
    found = open_cells.check(lay(tmp_path, county=36, second=None), [], 1)
    assert found.is_blocking
    assert found.observed == "1 figures that must be hidden follow from what is shown, in 2024-03"


def test_a_table_that_is_missing_is_an_error(candidate: Path) -> None:
    (candidate / tables.PARQUET / f"{PROCESS}.parquet").unlink()
    found = open_cells.check(candidate, [], 1)
    assert (found.result, found.is_blocking, found.observed) == ("error", True, f"{PROCESS} is missing")


def test_a_table_that_cannot_be_read_is_an_error(candidate: Path) -> None:
    (candidate / tables.PARQUET / f"{READY_DAYS}.parquet").write_bytes(b"PAR1")
    found = open_cells.check(candidate, [], 1)
    assert (found.result, found.is_blocking) == ("error", True)
