"""The gate's check that nothing hidden in ``annual/`` or the open months can be computed with the annual tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import duckdb

from dagster_project.errors import LusError
from dagster_project.gate.checks import CheckResult, plain_message
from dagster_project.packages import annual
from dagster_project.releases.hashing import parquet
from dagster_project.releases.history import Published

NAME = "annual_figures_cannot_be_computed"
REASON = "A figure of a year that is hidden to protect persons must not follow from what is shown (rules §9)."
PROTECTS = "annual"
CATEGORY = "conformance"


def check(candidate: Path, history: Sequence[Published]) -> CheckResult:
    """The check's result on a sealed candidate. ``history`` are the region's releases, the first published first.

    Result "error" where a table is missing or cannot be read. What is found is told by year, never by value. A closed
    year that an earlier release made was judged by that one's gate.
    """
    from dagster_project.disclosure import (  # SciPy: a second that only the gate needs
        attack_annual,
        attack_annual_months,
    )

    folders = {path.parent for path in (candidate / annual.FOLDER).glob("**/datapackage.json")}
    if not folders:
        return _result("error", f"{annual.FOLDER} is missing")
    found: Counter[int] = Counter()
    try:
        with duckdb.connect(config={"temp_directory": ""}) as connection:
            for folder in sorted(folders):
                if folder.name != annual.FOLDER and annual.closing(history, int(folder.name)):
                    continue
                tables = {path.stem: parquet(path) for path in (folder / "parquet").glob("*.parquet")}
                tables["dim_indicator"] = parquet(candidate / "marts" / "parquet" / "dim_indicator.parquet")
                for year, fewest in _fewest(connection, candidate, tables[attack_annual.FOLLOW_UP]):
                    found[year] += len(attack_annual.attack(connection, tables, fewest))
            open_tables = annual.open_months(candidate)
            earlier = annual.told_before(history)
            mine = [*earlier, *(annual.follow_up(folder / "parquet") for folder in sorted(folders))]
            months = set(attack_annual_months.attack(connection, open_tables, mine))
            if months and earlier:  # what readers have already is no fault of the candidate
                months -= set(attack_annual_months.attack(connection, open_tables, earlier))
            found.update(key[0] for _, key in months)
    except (duckdb.Error, LusError, KeyError, TypeError, ValueError) as error:
        return _result("error", f"the annual tables cannot be read: {plain_message(str(error))}")
    if not found.total():
        return _result("passed", "0 hidden figures follow from what is shown")
    years = ", ".join(str(year) for year, count in sorted(found.items()) if count)
    return _result("failed", f"{found.total()} figures that must be hidden follow from what is shown, in {years}")


def _fewest(connection: duckdb.DuckDBPyConnection, candidate: Path, follow_up: str) -> list[tuple[int, int]]:
    """The table's year with the candidate's threshold on its last day, a dated row (rules §9)."""
    years = connection.execute(f"select distinct year from {follow_up}").fetchall()
    with duckdb.connect(str(candidate / "warehouse.duckdb"), read_only=True) as warehouse:
        return warehouse.execute(
            """
            select years.year, rules.threshold::integer
            from (select unnest(?::integer[]) as year) as years
            inner join reference.ref_disclosure_rules as rules
                on rules.rule_id = 'fewest_persons' and make_date(years.year, 12, 31) >= rules.valid_from
                and make_date(years.year, 12, 31) <= coalesce(rules.valid_to, date '9999-12-31')
            """,
            [[year for (year,) in years]],
        ).fetchall()


def _result(result: str, observed: str) -> CheckResult:
    return CheckResult(NAME, "expectations", CATEGORY, "block", PROTECTS, result, observed, "0 hidden figures")
