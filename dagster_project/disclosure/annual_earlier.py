"""What the annual tables of releases before tell of a year's numbers: readers have them still."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import duckdb

from dagster_project.disclosure.annual_cells import Cell, numbers
from dagster_project.disclosure.primary import DIFFERENCES, FOLLOW_UP

COUNTS = ("ready_days", "liable_days", "deviations", "disputed_lines")
"""Indicators whose value is their number: of the year before it is told as such."""


@dataclass(frozen=True)
class Earlier:
    """A number of a year's first ``months``, as an annual table tells it; null where it hides it."""

    cell: Cell
    months: int
    value: int | None


def read(connection: duckdb.DuckDBPyConnection, told: Iterable[Mapping[str, str]], year: int) -> list[Earlier]:
    """The numbers of a year and the one before, out of follow-ups and their differences by name: SQL for ``from``."""
    found: dict[Earlier, None] = {}
    for tables in told:
        found |= dict.fromkeys(_follow_up(connection, tables[FOLLOW_UP], year))
        found |= dict.fromkeys(_differences(connection, tables[DIFFERENCES], year))
    return list(found)


def _follow_up(connection: duckdb.DuckDBPyConnection, told: str, year: int) -> Iterator[Earlier]:
    rows = connection.execute(f"""
        select year, municipality_code, district_code, indicator_id, sex, months_included, numerator, numerator_status,
            denominator, denominator_status
        from {told} where year in ({year - 1}, {year})
        union all
        select year - 1, municipality_code, district_code, indicator_id, sex, months_included,
            value_previous_year::bigint, value_previous_year_status, null, 'missing'
        from {told} where year in ({year}, {year + 1}) and sex = 0 and indicator_id in {COUNTS}
    """)
    for of_year, municipality, district, indicator, sex, months, *figures in rows.fetchall():
        for name, value, status in zip(numbers(indicator), figures[::2], figures[1::2], strict=True):
            if status != "missing":
                yield Earlier((of_year, municipality, district, sex, name), months, value)


def _differences(connection: duckdb.DuckDBPyConnection, told: str, year: int) -> Iterator[Earlier]:
    """Of the year before only shown numbers: a hidden row does not say for which."""
    rows = connection.execute(f"""
        select year - 1, municipality_code, district_code, indicator_id, months_included, compared_denominator,
            compared_value
        from {told}
        where year in ({year}, {year + 1}) and comparison = 'previous_year' and compared_value is not null
    """)
    for of_year, municipality, district, indicator, months, of, value in rows.fetchall():
        for name, number in zip(numbers(indicator), (round(value * of), of), strict=True):
            yield Earlier((of_year, municipality, district, 0, name), months, number)
