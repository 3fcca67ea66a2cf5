"""The attacker on the open follow-up by year: whether it tells anything that the open months do not.

Each annual figure that is shown must be what the months of the same release show, added up. Then whoever has the months
knows it already, and attacking them is enough. One with a hidden month in it is found, whether or not it gives that
month away. As ``attack.py`` it shares no code with what makes the tables.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import duckdb

TABLE = "mart_annual_follow_up"
ROUNDED = 2e-4
"""More than rounding makes of an annual value, or of the difference of two."""

Key = tuple[str, int, str]
"""Indicator, sex, place."""

_PLACE = "municipality_code, month"
_ALL = "where district_code = 'all' and care_area = 'all' and age_band = 'all'"
_MONTHS = {
    "mart_process_indicators_monthly": f"select indicator, sex, {_PLACE}, numerator, denominator from {{}} {_ALL}",
    "mart_ready_days_monthly": (
        f"select unnest(['ready_days', 'beds_equivalent']), sex, {_PLACE}, ready_days, 0 from {{}} {_ALL}"
    ),
    "mart_readmissions_headline": (
        "select case population when 'lus' then 'readmission_7_days_lus' else 'readmission_7_days' end, 0, "
        f"{_PLACE}, readmissions, index_discharges from {{}}"
    ),
    "mart_payment_responsibility_monthly": (
        f"select unnest(['liable_days', 'liable_amount']), 0, {_PLACE}, "
        "unnest([if(count(liable_days) = count(*), sum(liable_days), null)::decimal(18, 2), "
        "if(count(amount) = count(*), sum(amount), null)]), 0 from {} group by all"
    ),
}
"""By table, in SQL, what its months add to an annual indicator: its key, the month, and the two figures where shown."""


def attack(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> Iterator[tuple[date, str, int]]:
    """Each shown annual figure that the months do not give: the first day of its year, what it is, its value.

    ``tables`` are a release's open tables by name, each as SQL that can stand after ``from``; without an annual one
    there is nothing to find.
    """
    if TABLE not in tables:
        return
    months_of: dict[Key, dict[date, tuple[Any, Any]]] = defaultdict(dict)
    for name in _MONTHS.keys() & tables.keys():
        for indicator, sex, place, month, *figures in connection.execute(_MONTHS[name].format(tables[name])).fetchall():
            months_of[indicator, sex, place][month] = tuple(figures)
    published = {month for of_one in months_of.values() for month in of_one}
    cursor = connection.execute(f"from {tables[TABLE]}")
    names = [column[0] for column in cursor.description or []]
    for values in cursor.fetchall():
        row = dict(zip(names, values, strict=True))
        key = (row["indicator_id"], row["sex"], row["municipality_code"])
        own = [month for month in published if month.year == row["year"]]
        numerator, denominator, value = _added(key, months_of[key], own)
        *_, before = _added(key, months_of[key], [month.replace(year=month.year - 1) for month in own])
        for name, expected in (
            ("numerator", numerator),
            ("denominator", denominator),
            ("value", value),
            ("value_previous_year", before),
            ("change", None if value is None or before is None else value - before),
            # It says on which side of a target the value is: fit for all who know that.
            ("meets_target", None if value is None else row["meets_target"]),
        ):
            is_shown = row[f"{name}_status"] == "shown"
            if is_shown and (expected is None or abs(float(row[name]) - expected) > ROUNDED):
                yield date(row["year"], 1, 1), " ".join(map(str, (name, *key))), round(row[name])


def _added(
    key: Key, parts: Mapping[date, tuple[Any, Any]], months: Iterable[date]
) -> tuple[float | None, float | None, float | None]:
    """Numerator, denominator and value of an indicator in these months; None where one that it needs is hidden."""
    numerator, denominator = (
        None if None in of_months else float(sum(of_months))
        for of_months in ([parts.get(month, (0, 0))[place] for month in months] for place in (0, 1))
    )
    if key[0] == "beds_equivalent":
        denominator = float(sum(monthrange(month.year, month.month)[1] for month in months))
    if numerator is None or denominator is None:
        return numerator, denominator, None
    return numerator, denominator, numerator / (denominator or 1.0)
