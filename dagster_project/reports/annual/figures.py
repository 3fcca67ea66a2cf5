"""The figures of the annual pages, from one place: the tables of ``annual/``, where each has its status.

Whatever protects these tables protects the pages. Every figure is put on a page with the table, key and column that it
stands in (``data-from``), so that a reader's program, and a test, can look each of them up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from markupsafe import Markup, escape

from dagster_project.disclosure.primary import COMMITMENTS, COOPERATION, DEVIATIONS, DIFFERENCES, FOLLOW_UP, MONTHS
from dagster_project.packages import annual
from dagster_project.releases.hashing import parquet
from dagster_project.reports import words
from dagster_project.reports.figure import NONE, Figure
from dagster_project.reports.query import rows

ALL = "all"

KEYS = {
    FOLLOW_UP: ("municipality_code", "district_code", "indicator_id", "sex"),
    DIFFERENCES: ("municipality_code", "district_code", "indicator_id", "comparison"),
    COMMITMENTS: ("commitment_id",),
    DEVIATIONS: ("municipality_code", "category", "severity", "reporting_party"),
    COOPERATION: ("municipality_code",),
    MONTHS: ("month",),
    annual.REVISIONS: ("municipality_code", "district_code", "indicator_id", "sex"),
}
"""What tells the rows of a year apart."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Indicator:
    """What is followed; ``target`` is null where none is set, ``is_decided`` whether the parties decided the row."""

    identity: str
    title: str
    definition: str
    numerator: str | None
    denominator: str | None
    unit: str
    direction: str
    target: Decimal | None
    responsible: str | None
    is_decided: bool
    source: str


@dataclass(frozen=True)
class Figures:
    """The rows of a year by table and key, and the indicators in the plan's order."""

    year: int
    months: int
    is_final: bool
    rows: Mapping[str, Mapping[tuple[Any, ...], Row]]
    indicators: Mapping[str, Indicator]

    def row(self, table: str, *key: Any) -> Row | None:
        return self.rows[table].get(key)

    def figure(self, name: str, table: str, *key: Any) -> Figure:
        """The figure of column ``name``; missing where there is no row."""
        row = self.row(table, *key)
        return NONE if row is None else Figure(row[name], row[f"{name}_status"])

    def cell(self, unit: str, name: str, table: str, *key: Any) -> Markup:
        """The figure in words, with where it stands."""
        return cited(words.valued(self.figure(name, table, *key), unit), table, self.year, *key, name)

    def of(self, table: str, **wanted: Any) -> Iterator[Row]:
        """The rows whose columns have these values, in the order of the key."""
        return (
            row
            for _, row in sorted(self.rows[table].items())
            if all(row[name] == value for name, value in wanted.items())
        )


def cited(text: Markup, table: str, *key: object) -> Markup:
    """The words of a figure with the table, year, key and column where it is found."""
    return Markup(f'<span data-from="{escape(" ".join([table, *map(str, key)]))}">{escape(text)}</span>')


def read(connection: duckdb.DuckDBPyConnection, folder: Path, year: int) -> Figures:
    """The tables in ``folder`` of a release, ``annual`` or ``annual/<year>``; ``connection`` has ``dim_indicator``."""
    tables: dict[str, dict[tuple[Any, ...], Row]] = {}
    for table, key in KEYS.items():
        path = folder / "parquet" / f"{table}.parquet"
        found = rows(connection, f"from {parquet(path)}") if path.exists() else []
        tables[table] = {tuple(row[name] for name in key): row for row in found}
    of_year = list(tables[FOLLOW_UP].values())
    return Figures(
        year=year,
        months=max((row["months_included"] for row in of_year), default=0),
        is_final=any(row["status"] == "final" for row in of_year),
        rows=tables,
        indicators={one.identity: one for one in _indicators(connection, folder)},
    )


def _indicators(connection: duckdb.DuckDBPyConnection, folder: Path) -> Sequence[Indicator]:
    """Those of the plan in its order, the region's own row before the one for all; then those it has no row for."""
    found = rows(
        connection,
        f"""
        select
            indicators.indicator_id as identity,
            coalesce(plan.title_sv, indicators.term_sv) as title,
            coalesce(plan.definition_sv, indicators.definition_sv) as definition,
            plan.numerator_sv as numerator,
            plan.denominator_sv as denominator,
            indicators.unit,
            coalesce(plan.direction, indicators.direction) as direction,
            plan.target,
            plan.responsible_sv as responsible,
            plan.decided_on is not null as is_decided,
            coalesce(plan.source, indicators.source) as source
        from dim_indicator as indicators
        left join (
            from {parquet(folder / "parquet" / f"{annual.PLAN}.parquet")}
            qualify row_number() over (partition by indicator_id order by region_code) = 1
        ) as plan using (indicator_id)
        order by plan.position nulls last, indicators.indicator_id
        """,
    )
    return [Indicator(**row) for row in found]
