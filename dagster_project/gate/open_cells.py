"""The gate's check that nothing hidden in the open tables can be computed, from them and all that readers have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from dagster_project.disclosure import tables
from dagster_project.errors import LusError
from dagster_project.gate.checks import CheckResult, plain_message
from dagster_project.releases.hashing import parquet
from dagster_project.releases.history import Published

NAME = "open_cells_cannot_be_computed"
REASON = "A figure that is hidden to protect persons must not follow from what is shown (rules §9)."
PROTECTS = "open tables"
CATEGORY = "conformance"


def check(candidate: Path, history: Sequence[Published], threads: int) -> CheckResult:
    """The check's result on a sealed candidate. ``history`` are the region's releases, the first published first.

    Result "error" where an open table is missing or cannot be read. What is found is told by month, never by value.
    """
    from dagster_project.disclosure import attack  # SciPy: a second that only the gate needs

    mine = {path.stem: path for path in (candidate / tables.PARQUET).glob("*.parquet")}
    if absent := sorted(set(tables.KEYS) - set(mine)):
        return _result("error", f"{', '.join(absent)} is missing")
    try:
        files = [*(told for release in history if (told := tables.files_of(release))), mine]
        releases = [{name: parquet(path) for name, path in told.items()} for told in files]
        internal = candidate / tables.INTERNAL
        truth = [tables.truth_of(release) for release in history if tables.files_of(release)]
        truth.append(
            {
                table.name: tables.with_truth(table.name, mine[table.name], internal / f"{table.name}.parquet")
                for table in tables.TABLES
            }
        )
        found = attack.attack(releases, _fewest_persons(candidate), truth, threads)
    except (duckdb.Error, LusError, KeyError, TypeError, ValueError) as error:
        return _result("error", f"the open tables cannot be read: {plain_message(str(error))}")
    if not found:
        return _result("passed", "0 hidden figures follow from what is shown")
    months = sorted({f"{one.month:%Y-%m}" for one in found})
    return _result(
        "failed", f"{len(found)} figures that must be hidden follow from what is shown, in {', '.join(months)}"
    )


def _fewest_persons(candidate: Path) -> dict[date, int]:
    """The candidate's threshold of each of its months, a dated row (rules §9)."""
    with duckdb.connect(str(candidate / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute("""
            with months as (
                select unnest(generate_series(first_month, month, interval 1 month))::date as month
                from bronze.candidate
            )
            select months.month, rules.threshold::integer
            from months
            inner join reference.ref_disclosure_rules as rules
                on rules.rule_id = 'fewest_persons' and months.month >= rules.valid_from
                and months.month <= coalesce(rules.valid_to, date '9999-12-31')
        """).fetchall()
    return dict(rows)


def _result(result: str, observed: str) -> CheckResult:
    return CheckResult(NAME, "expectations", CATEGORY, "block", PROTECTS, result, observed, "0 hidden figures")
