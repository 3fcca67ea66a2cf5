"""The figures of the month's page: the same rows by place and month, whether they come from open or internal tables.

An open table has a status beside each figure and rows for totals. Internal tables have neither: they are added up here
to the rows that an open table would have, every figure shown. Reports read nothing else, so that a county's page
cannot show what an open table does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.releases.hashing import parquet
from dagster_project.reports.figure import NONE, ZERO, Figure
from dagster_project.reports.query import rows

ALL = "all"

TABLES = (
    "mart_ready_days_monthly",
    "mart_payment_responsibility_monthly",
    "mart_readmissions_headline",
    "mart_readmissions_headline_district",
    "mart_process_indicators_monthly",
)
"""What the page reads; a source without one of them cannot be read."""

Row = Mapping[str, Any]
_DAYS = ("ready_days", "open_at_month_end")
_PAYMENT = ("intervals", "mean_days", "liable_days", "amount", "amount_to_invoice")
_READMISSIONS = ("index_discharges", "readmissions")
_SHARES = ("share", "share_low", "share_high")
_PROCESS = ("numerator", "denominator")


def figure(row: Row | None, name: str, *, without_row: Figure = ZERO) -> Figure:
    """A row's figure. A row that is not there says zero of a count, and nothing of a mean or a share."""
    return without_row if row is None else Figure(row[name], row[f"{name}_status"])


@dataclass(frozen=True)
class Figures:
    """Rows of every month from ``first`` to ``last`` by what they are of; a key that is not there has no row.

    ``days`` by place, district, group and month (``all`` is the total; a group is a care area, in open tables also
    ``sex 1``, ``sex 2`` and an age band), ``payment`` by place and month,
    ``readmissions`` by place, population and month, ``of_districts`` by place, district, population and month,
    ``process`` by place, indicator and month. A district is the one of today.
    """

    first: date
    last: date
    days: Mapping[tuple[str, str, str, date], Row]
    payment: Mapping[tuple[str, date], list[Row]]
    readmissions: Mapping[tuple[str, str, date], Row]
    of_districts: Mapping[tuple[str, str, str, date], Row]
    process: Mapping[tuple[str, str, date], Row]

    def has(self, month: date) -> bool:
        return self.first <= month <= self.last

    def day(self, place: str, month: date, name: str, *, district: str = ALL, group: str = ALL) -> Figure:
        """Ready days or open at month end; missing for a month without figures."""
        return self.within(month, self.days.get((place, district, group, month)), name)

    def within(self, month: date, row: Row | None, name: str, *, without_row: Figure = ZERO) -> Figure:
        """A row's figure; missing for a month without figures."""
        return figure(row, name, without_row=without_row) if self.has(month) else NONE

    def paid(self, place: str, agreement: str, month: date) -> Row | None:
        rows = self.payment.get((place, month), [])
        return next((row for row in rows if row["agreement_id"] == agreement), None)


def of_internal(connection: duckdb.DuckDBPyConnection, files: Mapping[str, Path], first: date, last: date) -> Figures:
    """The figures of every municipality, from internal tables given as Parquet files by table name."""
    days = _shown(
        f"""
        select municipality_code, month,
            case when grouping(current_district_code) = 0 then current_district_code else 'all' end
                as current_district_code,
            case when grouping(care_area) = 0 then care_area else 'all' end as group_code,
            sum(ready_days)::integer as ready_days, sum(open_at_month_end)::integer as open_at_month_end
        from {parquet(files["mart_ready_days_monthly"])}
        group by grouping sets (
            (municipality_code, month),
            (municipality_code, month, current_district_code),
            (municipality_code, month, care_area)
        )
        """,
        _DAYS,
    )
    process = _shown(
        f"""
        select municipality_code, month, indicator,
            sum(numerator)::integer as numerator, sum(denominator)::integer as denominator
        from {parquet(files["mart_process_indicators_monthly"])}
        group by municipality_code, month, indicator
        """,
        _PROCESS,
    )
    payment = _shown(f"from {parquet(files['mart_payment_responsibility_monthly'])}", _PAYMENT)
    headline = _shown(f"from {parquet(files['mart_readmissions_headline'])}", (*_READMISSIONS, *_SHARES))
    of_districts = _shown(f"from {parquet(files['mart_readmissions_headline_district'])}", _READMISSIONS)
    return _read(connection, (first, last), days, payment, headline, of_districts, process)


def of_open(connection: duckdb.DuckDBPyConnection, files: Mapping[str, Path], first: date, last: date) -> Figures:
    """The figures of the county and its parts, from open tables given as Parquet files by table name."""
    days = f"""(
        select *,
            case
                when care_area <> 'all' then care_area
                when sex <> 0 then 'sex ' || sex
                else age_band
            end as group_code
        from {parquet(files["mart_ready_days_monthly"])}
        where (care_area <> 'all')::integer + (sex <> 0)::integer + (age_band <> 'all')::integer <= 1
    )"""
    process = (
        f"(from {parquet(files['mart_process_indicators_monthly'])} "
        "where district_code = 'all' and care_area = 'all' and sex = 0 and age_band = 'all')"
    )
    payment, headline, of_districts = (parquet(files[name]) for name in TABLES[1:4])
    return _read(connection, (first, last), days, payment, headline, of_districts, process)


def _shown(query: str, names: tuple[str, ...]) -> str:
    """The query's rows with a status beside each figure."""
    statuses = ", ".join(f"case when {name} is null then 'missing' else 'shown' end as {name}_status" for name in names)
    return f"(select *, {statuses} from ({query}))"


def _added(names: tuple[str, ...]) -> str:
    """Sums over rows with statuses: hidden where one part is, since the rest would give it away."""
    return ", ".join(
        f"case when not bool_or({name}_status = 'suppressed') then sum({name})::integer end as {name}, "
        f"case when bool_or({name}_status = 'suppressed') then 'suppressed' when count({name}) = 0 then 'missing' "
        f"else 'shown' end as {name}_status"
        for name in names
    )


def _read(
    connection: duckdb.DuckDBPyConnection,
    months: tuple[date, date],
    days: str,
    payment: str,
    headline: str,
    of_districts: str,
    process: str,
) -> Figures:
    # A district that was merged has rows under both codes in the month's table; today's is one.
    days = (
        f"select municipality_code, current_district_code, group_code, month, {_added(_DAYS)} from {days} group by all"
    )
    of_districts = (
        f"select municipality_code, current_district_code, population, month, {_added(_READMISSIONS)} "
        f"from {of_districts} where district_code <> 'all' group by all"
    )
    by_place: dict[tuple[str, date], list[Row]] = defaultdict(list)
    for row in rows(connection, f"from {payment} order by payment_class desc, agreement_id"):
        by_place[row["municipality_code"], row["month"]].append(row)
    return Figures(
        *months,
        days=_keyed(connection, days, "municipality_code", "current_district_code", "group_code", "month"),
        payment=by_place,
        readmissions=_keyed(connection, f"from {headline}", "municipality_code", "population", "month"),
        of_districts=_keyed(
            connection, of_districts, "municipality_code", "current_district_code", "population", "month"
        ),
        process=_keyed(connection, f"from {process}", "municipality_code", "indicator", "month"),
    )


def _keyed(connection: duckdb.DuckDBPyConnection, query: str, *key: str) -> dict[Any, Row]:
    return {tuple(row[name] for name in key): row for row in rows(connection, query)}
