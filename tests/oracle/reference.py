"""The shipped reference tables, looked up row by row."""

from __future__ import annotations

import csv
from datetime import date, time
from decimal import Decimal
from functools import cache
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@cache
def table(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def in_force(row: dict[str, str], on: date) -> bool:
    return date.fromisoformat(row["valid_from"]) <= on and (
        not row["valid_to"] or on <= date.fromisoformat(row["valid_to"])
    )


@cache
def non_working_days() -> frozenset[date]:
    return frozenset(date.fromisoformat(row["date_on"]) for row in table("non_working_days"))


def is_weekday(on: date) -> bool:
    return on.isoweekday() <= 5 and on not in non_working_days()


@cache
def payment_class(care_area: str) -> str:
    [row] = [row for row in table("care_areas") if row["care_area"] == care_area]
    return row["payment_class"]


@cache
def region_of(municipality: str | None, on: date) -> str | None:
    """The county of a municipality that exists on the date, else None."""
    for row in table("municipalities"):
        if row["municipality_code"] == municipality and in_force(row, on):
            return row["region_code"]
    return None


@cache
def has_districts(municipality: str) -> bool:
    return any(row["municipality_code"] == municipality for row in table("districts"))


@cache
def _district(code: str) -> dict[str, str]:
    [row] = [row for row in table("districts") if row["district_code"] == code]
    return row


@cache
def district_of(municipality: str, code: str | None) -> str:
    """The code as it stands, ``99`` where it is empty or was never the municipality's, ``00`` without districts."""
    if not has_districts(municipality):
        return "00"
    known = [row["district_code"] for row in table("districts") if row["municipality_code"] == municipality]
    return code if code in known else "99"


@cache
def district_on(code: str, on: date) -> str:
    """The code as of a date: one that has ended by then is its successor's."""
    if code in ("00", "99"):
        return code
    row = _district(code)
    while row["valid_to"] and date.fromisoformat(row["valid_to"]) < on and row["successor_district_code"]:
        row = _district(row["successor_district_code"])
    return row["district_code"]


@cache
def current_district(code: str) -> str:
    if code in ("00", "99"):
        return code
    row = _district(code)
    while row["successor_district_code"]:
        row = _district(row["successor_district_code"])
    return row["district_code"]


@cache
def successors(code: str | None) -> tuple[str, ...]:
    """The districts that an area has become part of, one after another; none for a code that is no district."""
    found = [row["successor_district_code"] for row in table("districts") if row["district_code"] == code]
    later = found[0] if found else ""
    return (later, *successors(later)) if later else ()


class Agreement:
    """One row of the agreements, typed."""

    def __init__(self, row: dict[str, str]) -> None:
        self.agreement_id = row["agreement_id"]
        self.model = row["model"]
        self.last_free_day = int(row["last_free_day"])
        self.day_count = row["day_count"]
        self.noon_cutoff = time.fromisoformat(row["noon_cutoff"]) if row["noon_cutoff"] else None
        self.cap_days = int(row["cap_days"]) if row["cap_days"] else None
        self.individual_above_days = int(row["individual_above_days"]) if row["individual_above_days"] else None
        self.consecutive_months = int(row["consecutive_months"])


@cache
def agreement(region: str, klass: str, on: date) -> Agreement | None:
    """The region's own agreement of the class and date, else the nation's, else None."""
    for owner in (region, "SE"):
        for row in table("agreements"):
            if row["region_code"] == owner and row["payment_class"] == klass and in_force(row, on):
                return Agreement(row)
    return None


def _first_row(name: str, region: str, klass: str, on: date) -> dict[str, str] | None:
    for owner in (region, "SE"):
        for of_class in (klass, "all"):
            for row in table(name):
                if row["region_code"] == owner and row["payment_class"] == of_class and in_force(row, on):
                    return row
    return None


@cache
def sek_per_day(region: str, klass: str, on: date) -> Decimal | None:
    row = _first_row("day_rates", region, klass, on)
    return Decimal(row["sek_per_day"]) if row and row["sek_per_day"] else None


@cache
def invoicing_active(region: str, klass: str, on: date) -> bool | None:
    row = _first_row("invoicing_periods", region, klass, on)
    return row["invoicing_active"] == "true" if row else None
