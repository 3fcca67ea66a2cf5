"""The reference tables of a run: the shipped rows of ``seeds/`` with the installation's own, checked as a whole.

``LUS_HOME/reference/<table>.csv`` adds to or replaces shipped rows by key. What the tables must look like is data, in
``tables.yml``; their sources stand in each row.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import duckdb

from dagster_project.errors import ReferenceRowError
from dagster_project.months import first_day, last_day, next_month
from dagster_project.reference.checks import check
from dagster_project.reference.definitions import TABLES
from dagster_project.reference.rows import Row, Value, read
from dagster_project.settings import SEEDS_DIR, Settings

__all__ = ["DAYS_AFTER_MONTH", "TABLES", "Reference", "ReleaseDates", "load"]

DAYS_AFTER_MONTH = 60
"""The calendar must reach this many days past the release month: the 30th weekday after a notice on its last day."""


@dataclass(frozen=True)
class ReleaseDates:
    """When a month's delivery is due, when corrections of it end, and when its first release is published."""

    due_on: date
    corrections_until_on: date
    publish_on: date


@dataclass(frozen=True)
class Reference:
    """``merged``: per table the rows in force for this installation, by key. ``own``: the installation's rows alone."""

    merged: dict[str, list[Row]]
    own: dict[str, list[Row]]

    @cached_property
    def hashes(self) -> dict[str, str]:
        """Per table the sha256 of its merged rows: the same rows give the same hash, wherever they stand."""
        return {name: _hash(rows) for name, rows in self.merged.items()}

    def values(self, table: str) -> list[dict[str, Value]]:
        """The merged rows of a table as typed values, in order of their key."""
        return [row.values for row in self.merged[table]]

    @property
    def municipalities(self) -> list[dict[str, Value]]:
        return self.values("municipalities")

    @property
    def districts(self) -> list[dict[str, Value]]:
        return self.values("districts")

    def check_calendar(self, month: str) -> None:
        """Raise ReferenceRowError unless the non-working days reach 60 days past ``month`` (yyyy-mm)."""
        needed = last_day(month) + timedelta(days=DAYS_AFTER_MONTH)
        reached = max(_date(row["date_on"]) for row in self.values("non_working_days"))
        if reached < needed:
            raise ReferenceRowError(
                f"Reference table non_working_days ends on {reached}, but a release of {month} needs it through "
                f"{needed}. Add the days that are missing to LUS_HOME/reference/non_working_days.csv."
            )

    def release_calendar(self, region: str, month: str) -> ReleaseDates:
        """The dates of ``month`` (yyyy-mm) by the row in force on its last day; a region's own goes before SE's."""
        on = last_day(month)
        in_force = {row["region_code"]: row for row in self.values("release_calendar") if _is_valid(row, on)}
        row = in_force.get(region) or in_force.get("SE")
        if row is None:
            raise ReferenceRowError(
                f"Reference table release_calendar has no row of region {region} or SE that is valid on {on}. "
                f"Add one to LUS_HOME/reference/release_calendar.csv."
            )
        start = first_day(next_month(month))

        def day(column: str) -> date:
            number = row[column]
            assert isinstance(number, int)
            return start.replace(day=number)

        return ReleaseDates(day("delivery_due_day"), day("corrections_until_day"), day("publication_day"))

    def write_installation(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Create schema ``installation`` with every table, all columns text, holding the installation's rows."""
        connection.execute("create schema installation")
        for name, table in TABLES.items():
            columns = ", ".join(f'"{column}" varchar' for column in table.columns)
            connection.execute(f'create table installation."{name}" ({columns})')
            rows = [list(row.text.values()) for row in self.own[name]]
            if rows:
                marks = ", ".join("?" for _ in table.columns)
                connection.executemany(f'insert into installation."{name}" values ({marks})', rows)


def load(settings: Settings) -> Reference:
    """Read and check every table; raises ReferenceRowError on the first row or file that cannot be."""
    own = _own_rows(settings.reference)
    merged = {}
    for name, table in TABLES.items():
        rows = {row.key: row for row in [*read(table, SEEDS_DIR / f"{name}.csv"), *own[name]]}
        merged[name] = [rows[key] for key in sorted(rows)]
    check(TABLES, merged)
    return Reference(merged, own)


def _own_rows(directory: Path) -> dict[str, list[Row]]:
    """The installation's rows of every table; hidden files are left alone, any other file must be a table's."""
    own: dict[str, list[Row]] = {name: [] for name in TABLES}
    if not directory.exists():
        return own
    if not directory.is_dir():
        raise ReferenceRowError(f"{directory} is a file. Reference tables stand in a directory, as <table>.csv.")
    for path in sorted(directory.iterdir()):
        if path.name.startswith("."):
            continue
        if path.suffix != ".csv" or path.stem not in TABLES:
            raise ReferenceRowError(
                f"{path} is no reference table. The tables are {', '.join(f'{name}.csv' for name in TABLES)}: "
                f"rename the file or move it away."
            )
        own[path.stem] = read(TABLES[path.stem], path)
    return own


def _hash(rows: list[Row]) -> str:
    lines = (json.dumps(row.text, ensure_ascii=False, separators=(",", ":")) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _is_valid(row: dict[str, Value], on: date) -> bool:
    return _date(row["valid_from"]) <= on and (row["valid_to"] is None or on <= _date(row["valid_to"]))


def _date(value: Value) -> date:
    assert isinstance(value, date)
    return value
