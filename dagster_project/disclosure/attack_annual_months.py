"""The attacker on months that the open tables hide, with the year's numbers that ``annual/`` tells of them.

Each number is attacked on its own: in every month, what places and sexes add up to, and in every table of a year that
readers have, what its months add up to. As ``attack.py`` it shares no code with what hides, and believes what is so
alone: sums that the true months do not give are about other months.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
from scipy.sparse import csr_matrix

from dagster_project.disclosure.attack_annual import DIFFERENCES, FOLLOW_UP, cells_of
from dagster_project.disclosure.attack_ranges import Program

_PLACE = "month, municipality_code, district_code, current_district_code, sex"
_WHOLE = "month, municipality_code, 'all', 'all', 0"
_ALL = "where care_area = 'all' and age_band = 'all'"
_READMITTED = "case population when 'lus' then 'readmission_7_days_lus' else 'readmission_7_days' end"
_BOTH = "readmissions, readmissions_true, index_discharges, index_discharges_true"
_MONTHS = {
    "mart_process_indicators_monthly": (
        f"select {_PLACE}, '', indicator, numerator, numerator_true, denominator, denominator_true from {{}} {_ALL}"
    ),
    "mart_readmissions_headline": f"select {_WHOLE}, '', {_READMITTED}, {_BOTH} from {{}}",
    "mart_readmissions_headline_district": (
        f"select {_PLACE[:-5]}, 0, '', {_READMITTED}, {_BOTH} from {{}} where district_code <> 'all'"
    ),
    "mart_ready_days_monthly": " union all ".join(
        f"select {_PLACE}, '', {indicator} from {{0}} {_ALL}"
        for indicator in (
            "'ready_days', ready_days, ready_days_true, 0, 0",
            "'mean_excluding_day_zero', ready_days_of_discharged, ready_days_of_discharged_true, 0, 0",
            "'mean_including_day_zero', 0, 0, intervals_discharged, intervals_discharged_true",
        )
    ),
    "mart_payment_responsibility_monthly": (
        f"select {_WHOLE}, payment_class || agreement_id, 'liable_days', liable_days, liable_days_true, 0, 0 from {{}}"
    ),
}
"""By open table: month, place, district as of today, sex, kind, indicator, its two numbers as told and as they are."""

Key = tuple[Any, ...]
"""(year, month, municipality, district, sex, kind)."""

Sum = tuple[Key, int, float]
"""(year, municipality, district as of today, sex), how many months, and their sum."""


def attack(
    connection: duckdb.DuckDBPyConnection, open_tables: Mapping[str, str], years: Sequence[Mapping[str, str]]
) -> Iterator[tuple[str, Key]]:
    """Each hidden month that follows, by the name of its number.

    ``open_tables`` are a release's, with what they hide as ``<figure>_true``, ``years`` the annual tables that readers
    have: both by name, as SQL that can stand after ``from``.
    """
    told: dict[str, dict[Key, tuple[float | None, float]]] = defaultdict(dict)
    current: dict[Key, str] = {}
    for table in sorted(_MONTHS.keys() & open_tables.keys()):
        for on, *place, today, sex, kind, indicator, part, true_part, whole, true_whole in connection.execute(
            _MONTHS[table].format(open_tables[table])
        ).fetchall():
            key = (on.year, on.month, *place, sex, kind)
            current[key] = today
            for cell, value, true in zip(
                cells_of(indicator, 0, "", "", 0), (part, whole), (true_part, true_whole), strict=True
            ):
                if told[cell[-1]].get(key, (None, 0))[0] is None:
                    told[cell[-1]][key] = value, true or 0
    sums: dict[str, dict[Sum, None]] = defaultdict(dict)
    for tables in years:
        for name, one in _sums(connection, tables):
            sums[name][one] = None
    for name, months in told.items():
        for key in _pinned(months, current, list(sums[name])):
            yield name, key


def _sums(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> Iterator[tuple[str, Sum]]:
    """What a year's tables tell of numbers, and how many months these are of."""
    rows = connection.execute(f"""
        select year, municipality_code, district_code, sex, indicator_id, months_included, numerator, denominator
        from {tables[FOLLOW_UP]}
        union all
        select year - 1, municipality_code, district_code, sex, indicator_id, months_included,
            if(denominator is null, value_previous_year, null), null
        from {tables[FOLLOW_UP]} where indicator_id in ('ready_days', 'liable_days')
        union all
        select year - 1, municipality_code, district_code, 0, indicator_id, months_included,
            round(compared_value * compared_denominator), compared_denominator
        from {tables[DIFFERENCES]} where comparison = 'previous_year'
    """)
    for *place, indicator, months, part, whole in rows.fetchall():
        for cell, value in zip(cells_of(indicator, 0, "", "", 0), (part, whole), strict=True):
            if value is not None:
                yield cell[-1], (tuple(place), months, float(value))


def _pinned(
    months: Mapping[Key, tuple[float | None, float]], current: Mapping[Key, str], sums: Sequence[Sum]
) -> list[Key]:
    """The hidden months of a number that can be one whole number only."""
    column = {key: number for number, key in enumerate(key for key, (value, _) in months.items() if value is None)}
    rows: list[dict[int, float]] = []
    right: list[float] = []

    def add_up(parts: Sequence[Key], total: Key | None, value: float) -> None:
        """A sum of months, of which the true ones are a sum."""
        true = sum(months[key][1] for key in parts)
        terms = {column[key]: 1.0 for key in parts if key in column}
        if total in column:
            terms[column[total]] = -1.0
        if terms and true == (value if total is None else months[total][1]):
            known = value if total is None else months[total][0] or 0.0
            rows.append(terms)
            right.append(known - sum(months[key][0] or 0.0 for key in parts))

    county = next((key[2] for key in months if len(key[2]) == 2), "")
    totals: dict[tuple[Key, str], list[Key]] = defaultdict(list)
    years: dict[Key, list[Key]] = defaultdict(list)
    for key in months:
        year, month, municipality, district, sex, kind = key
        if district != "all":
            totals[(year, month, municipality, "all", sex, kind), "district"].append(key)
        elif municipality != county:
            totals[(year, month, county, "all", sex, kind), "municipality"].append(key)
        if sex:
            totals[(year, month, municipality, district, 0, kind), "sex"].append(key)
        years[year, municipality, current[key], sex].append(key)
    for (total, _), parts in totals.items():
        if total in months:
            add_up(parts, total, 0.0)
    for place, until, value in sums:
        add_up([key for key in years[place] if key[1] <= until], None, value)
    if not rows:
        return []
    program = Program(
        csr_matrix(
            (
                [factor for terms in rows for factor in terms.values()],
                (
                    [row for row, terms in enumerate(rows) for _ in terms],
                    [number for terms in rows for number in terms],
                ),
            ),
            shape=(len(rows), len(column)),
        ),
        np.array(right),
        np.ones(len(rows), dtype=bool),
        # What is hidden is one at least, but for a zero that hides others.
        np.array([float(months[key][1] > 0) for key in column]),
    )
    pinned = program.pinned(must_fit=True)
    return [key for key, number in column.items() if number in pinned]
