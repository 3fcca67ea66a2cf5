"""Open tables made by hand: rows as a reader finds them, a figure that is hidden given as None."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.disclosure.attack import Found, attack
from dagster_project.releases.hashing import parquet

MONTH = date(2024, 3, 1)
COUNTY = "01"
READY_DAYS = "mart_ready_days_monthly"
PAYMENT = "mart_payment_responsibility_monthly"
PAYMENT_DISTRICT = "mart_payment_responsibility_district_monthly"
READMISSIONS = "mart_readmissions_monthly"
HEADLINE = "mart_readmissions_headline"
HEADLINE_DISTRICT = "mart_readmissions_headline_district"
PROCESS = "mart_process_indicators_monthly"
DEVIATIONS = "mart_deviations_annual"
ANNUAL = "mart_annual_follow_up"

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]

_FIGURES: dict[str, dict[str, Any]] = {
    READY_DAYS: {
        "ready_days": 0,
        "ready_days_of_discharged": 0,
        "intervals_discharged": 0,
        "open_at_month_end": 0,
        "beds_equivalent": None,
    },
    PAYMENT: {
        "intervals": 0,
        "sum_days": 0,
        "mean_days": None,
        "liable_days": 0,
        "liable_days_alternative": 0,
        "amount": None,
        "amount_to_invoice": None,
    },
    PAYMENT_DISTRICT: {"intervals": 0, "sum_days": 0, "liable_days": 0, "liable_days_alternative": 0},
    READMISSIONS: {"index_discharges": 0, "readmissions": 0},
    HEADLINE: {"index_discharges": 0, "readmissions": 0, "share": None, "share_low": None, "share_high": None},
    HEADLINE_DISTRICT: {"index_discharges": 0, "readmissions": 0, "share": None, "share_low": None, "share_high": None},
    PROCESS: {"numerator": 0, "denominator": 0, "share": None},
    DEVIATIONS: {
        "deviations": 0,
        "closed": 0,
        "median_days_to_close": None,
        "escalated_to_steering_group": 0,
        "escalated_to_vis": 0,
    },
    ANNUAL: dict.fromkeys(("numerator", "denominator", "value", "value_previous_year", "change", "meets_target"), None),
}
_TYPES = {date: "date", int: "integer", str: "varchar", bool: "boolean", Decimal: "decimal(14, 6)"}


def row(table: str, municipality: str = COUNTY, district: str = "all", /, **given: Any) -> Row:
    """A row of a table; what is not given is a total, and a figure that is not given is 0 (or, derived, hidden)."""
    found: Row = {"region_code": COUNTY, "month": MONTH, "municipality_code": municipality}
    if table in (DEVIATIONS, ANNUAL):
        found = {"region_code": COUNTY, "year": MONTH.year, "municipality_code": municipality}
    if table == DEVIATIONS:
        found |= {"category": "all", "severity": "all", "reporting_party": "all"}
    if table == ANNUAL:
        found |= {"district_code": district, "indicator_id": "ready_days", "sex": 0}
    if table not in (PAYMENT, HEADLINE, DEVIATIONS, ANNUAL):
        found |= {"district_code": district, "current_district_code": given.pop("current", district)}
    if table in (READY_DAYS, READMISSIONS, PROCESS):
        found |= {"care_area": "all", "sex": 0, "age_band": "all"}
    if table == READY_DAYS:
        found["payment_class"] = "all"
    if table in (READMISSIONS, HEADLINE, HEADLINE_DISTRICT):
        found["population"] = "all"
    if table == PROCESS:
        found["indicator"] = "admission_notice_24h"
    if table in (PAYMENT, PAYMENT_DISTRICT):
        found |= {"payment_class": "somatic", "agreement_id": "mean", "model": "mean"}
    if table == PAYMENT:
        found["last_free_day"] = 2
    figures = _FIGURES[table] | {name: given.pop(name) for name in list(given) if name in _FIGURES[table]}
    for name, value in figures.items():
        found[name] = Decimal(value) if isinstance(value, str) else value
        found[f"{name}_status"] = "suppressed" if value is None else "shown"
    return found | given


def write(directory: Path, tables: Tables) -> dict[str, Path]:
    """The tables as Parquet files, by name."""
    directory.mkdir(parents=True, exist_ok=True)
    files = {}
    with duckdb.connect() as connection:
        for table, rows in tables.items():
            types = {
                name: next((_TYPES[type(each[name])] for each in rows if each[name] is not None), "integer")
                for name in rows[0]
            }
            connection.execute(
                f"create table {table} ({', '.join(f'{name} {type_}' for name, type_ in types.items())})"
            )
            connection.executemany(
                f"insert into {table} values ({', '.join('?' * len(types))})", [list(each.values()) for each in rows]
            )
            files[table] = directory / f"{table}.parquet"
            connection.execute(f"copy {table} to '{files[table]}' (format parquet)")
    return files


def attacked(releases: Sequence[Mapping[str, Path]], *, is_told: bool = False) -> list[Found]:
    """What a reader finds in releases whose tables lie in these files, by name.

    ``is_told``: the files hold the true figures, too, and the reader believes unchanged only what is.
    """
    tables = [{name: parquet(path) for name, path in files.items()} for files in releases]
    return attack(tables, defaultdict(lambda: 5), tables if is_told else None)
