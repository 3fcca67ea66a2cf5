"""The gate's check that nothing hidden in the open tables can be computed, from them and all that readers have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from dagster_project.disclosure import tables
from dagster_project.errors import LusError
from dagster_project.gate.checks import CheckResult, plain_message
from dagster_project.releases.history import Published
from dagster_project.warehouse.candidate import read_inputs

NAME = "open_cells_cannot_be_computed"
REASON = "A figure that is hidden to protect persons must not follow from what is shown (rules §9)."
PROTECTS = "open tables"
CATEGORY = "conformance"


def check(candidate: Path, history: Sequence[Published]) -> CheckResult:
    """The check's result on a sealed candidate. ``history`` are the region's releases, the first published first.

    Passed where the month has no open tables; result "error" where one is missing or cannot be read. What is found is
    told by month, never by value.
    """
    if not read_inputs(candidate)["writes_open_tables"]:
        return _result("passed", "not applicable: no open tables (LUS_OPEN_TABLES)")
    from dagster_project.disclosure import attack  # SciPy: a second that only the gate needs

    mine = {path.stem: path for path in (candidate / tables.PARQUET).glob("*.parquet")}
    if absent := sorted({table.name for table in tables.TABLES} - set(mine)):
        return _result("error", f"{', '.join(absent)} is missing")
    try:
        found = attack.attack([*(files for release in history if (files := tables.files_of(release))), mine])
    except (duckdb.Error, LusError, KeyError, TypeError, ValueError) as error:
        return _result("error", f"the open tables cannot be read: {plain_message(str(error))}")
    if not found:
        return _result("passed", "0 hidden figures follow from what is shown")
    months = sorted({f"{one.month:%Y-%m}" for one in found})
    return _result("failed", f"{len(found)} hidden figures follow from what is shown, in {', '.join(months)}")


def _result(result: str, observed: str) -> CheckResult:
    return CheckResult(NAME, "expectations", CATEGORY, "block", PROTECTS, result, observed, "0 hidden figures")
