"""A warehouse against the expected rows, cell by cell: which differ, and how. Person keys are compared, never shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]

KEYS: dict[str, list[str]] = {
    "audit_quarantine": ["delivery_month", "file", "line"],
    "fct_spells": ["spell_id"],
    "fct_readiness_intervals": ["interval_id"],
    "fct_liable_days": ["interval_id", "liable_on"],
    "mart_ready_days_monthly": [
        "month", "municipality_code", "district_code", "current_district_code", "payment_class", "care_area", "sex",
        "age_band",
    ],
    "mart_ready_days_by_hospital_monthly": ["month", "hospital_id", "payment_class"],
    "mart_ready_day_bands_monthly": ["month", "municipality_code", "payment_class", "band"],
    "mart_ready_days_per_1000_monthly": ["month", "municipality_code"],
    "mart_definition_bridge_monthly": ["month", "municipality_code", "payment_class"],
    "mart_payment_responsibility_monthly": ["month", "municipality_code", "payment_class", "agreement_id"],
    "mart_payment_responsibility_district_monthly": [
        "month", "municipality_code", "district_code", "current_district_code", "payment_class", "agreement_id",
    ],
    "mart_invoice_basis": [
        "month", "municipality_code", "payment_class", "agreement_id", "sek_per_day", "interval_id",
    ],
    "mart_invoice_reconciliation": ["month", "municipality_code", "payment_class"],
    "mart_readmissions_monthly": [
        "month", "municipality_code", "district_code", "current_district_code", "care_area", "sex", "age_band",
        "population",
    ],
    "mart_readmissions_headline": ["month", "municipality_code", "population"],
    "mart_readmissions_headline_district": [
        "month", "municipality_code", "district_code", "current_district_code", "population",
    ],
    "mart_process_indicators_monthly": [
        "month", "municipality_code", "district_code", "current_district_code", "care_area", "sex", "age_band",
        "indicator",
    ],
    "mart_annual_follow_up": ["year", "municipality_code", "district_code", "indicator_id", "sex"],
    "mart_annual_differences": ["year", "municipality_code", "district_code", "indicator_id", "comparison"],
    "mart_deviations_annual": ["year", "municipality_code", "category", "severity", "reporting_party"],
}  # fmt: skip
"""What names a row, the region aside: a candidate holds one."""

SHOWN = 20
"""Differences of a table that are spelled out."""


def compare(warehouse: Path, expected: dict[str, list[Row]]) -> list[str]:
    """What differs between the warehouse's schema ``main`` and the expected rows; a table that is missing, too."""
    differences = []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table, rows in expected.items():
            columns = columns_of(connection, table)
            wanted = list(rows[0]) if rows else KEYS[table]
            missing = [column for column in wanted if column not in columns]
            if missing:
                differences.append(f"{table}: has no {', '.join(missing)}" if columns else f"{table}: is not built")
                continue
            found = read(connection, table, {column: columns[column] for column in wanted})
            differences += compare_rows(table, found, rows)
    return differences


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    found = connection.execute(
        "select column_name, data_type from information_schema.columns where table_schema = 'main' and table_name = ?",
        [table],
    )
    return dict(found.fetchall())


def read(connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str]) -> list[Row]:
    chosen = [f"epoch_us({name})" if "TIME ZONE" in kind else name for name, kind in columns.items()]
    rows = []
    for values in connection.execute(f"select {', '.join(chosen)} from main.{table}").fetchall():
        row = dict(zip(columns, values, strict=True))
        for name, kind in columns.items():
            if "TIME ZONE" in kind and row[name] is not None:
                row[name] = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=row[name])
        rows.append(row)
    return rows


def compare_rows(table: str, found: list[Row], expected: list[Row]) -> list[str]:
    """One line per row too few, too many, twice, or with cells that differ; at most ``SHOWN``, then how many more."""
    if table == "fct_spells":
        found, expected = [with_person_label(rows) for rows in (found, expected)]
    key = KEYS[table]
    lines = []
    here, there = by_key(found, key), by_key(expected, key)
    for name in sorted(here.keys() | there.keys(), key=str):
        label = ", ".join(f"{column} {value}" for column, value in zip(key, name, strict=True))
        if len(here.get(name, [])) > 1:
            lines.append(f"{table}: {label}: {len(here[name])} rows of one key")
        elif name not in here:
            lines.append(f"{table}: {label}: missing, expected {facts(there[name][0], key)}")
        elif name not in there:
            lines.append(f"{table}: {label}: not expected, found {facts(here[name][0], key)}")
        else:
            lines += [f"{table}: {label}: {cell}" for cell in cells(here[name][0], there[name][0])]
    if len(lines) > SHOWN:
        lines = [*lines[:SHOWN], f"{table}: and {len(lines) - SHOWN} more differences"]
    return lines


def by_key(rows: list[Row], key: list[str]) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[column] for column in key), []).append(row)
    return found


def cells(found: Row, expected: Row) -> list[str]:
    """The columns whose value or type differs."""
    return [
        f"{column} is {found[column]!r}, expected {expected[column]!r}"
        for column in expected
        if found[column] != expected[column] or type(found[column]) is not type(expected[column])
    ]


def facts(row: Row, key: list[str]) -> str:
    return ", ".join(f"{column} {value}" for column, value in row.items() if column not in key)


def with_person_label(rows: list[Row]) -> list[Row]:
    """The spells with the least spell id of their person in place of its key: the same whatever the keys are."""
    least: dict[str, str] = {}
    for row in rows:
        person = row["person_key"]
        least[person] = min(least.get(person, row["spell_id"]), row["spell_id"])
    return [row | {"person_key": f"person of {least[row['person_key']]}"} for row in rows]
