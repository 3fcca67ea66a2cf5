"""The annual tables of a small county, made at random, with figures that add up as the warehouse's do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import numpy as np

from dagster_project.disclosure import annual_earlier, primary, secondary
from tests.reports.small_annual import REGION, TABLES, models

YEAR, FEWEST = 2024, 5
PLACES = (("0180", "12"), ("0180", "31"), ("0184", "all"), ("0128", "all"), ("0188", "all"))
SHARES = ("long_wait_7", "long_wait_14", "weekend_discharge", "sip_held")
MEAN = "mean_excluding_day_zero"
UNITS = {**dict.fromkeys(SHARES, "share"), MEAN: "mean_days", "ready_days": "days", "liable_days": "days",
         "liable_amount": "sek", "deviations": "count"}  # fmt: skip
KINDS = (("sip", "low", "region"), ("sip", "high", "municipality"), ("planning", "low", "region"))
RATE = 10500
RELATIONS = {table: table for table in (*TABLES, "dim_indicator")}

Row = dict[str, Any]
Key = tuple[int, str, str, str, int]
Numbers = dict[Key, list[int]]


def rows(seed: int, most: int = 60) -> dict[str, list[Row]]:
    """Every row behind the tables of the year; ``most`` are the spells of a sex in a place, ``seed`` their chance."""
    draw = np.random.default_rng(seed)
    numbers: Numbers = defaultdict(lambda: [0, 0])
    for year in (YEAR - 1, YEAR):
        for municipality, district in PLACES:
            for sex in (1, 2):
                for indicator, part, of in _drawn(draw, most):
                    for place in {(REGION, "all"), (municipality, "all"), (municipality, district)}:
                        for one in (0, sex):
                            numbers[year, *place, indicator, one][0] += part
                            numbers[year, *place, indicator, one][1] += of
    found: dict[str, list[Row]] = {table: [] for table in TABLES}
    _add_deviations(found, numbers, draw)
    _add_payment(found, numbers, draw)
    for key in sorted({(YEAR, *key[1:]) for key in numbers}):
        found[primary.FOLLOW_UP].append(_follow_up(key, numbers[key], numbers[YEAR - 1, *key[1:]]))
        if key[-1] == 0 and UNITS[key[3]] in ("share", "mean_days"):
            found[primary.DIFFERENCES] += _differences(key, numbers)
    found[primary.FOLLOW_UP] += [
        row | {"indicator_id": "liable_amount", "numerator": None, "value": RATE * row["value"],
               "value_previous_year": RATE * row["value_previous_year"], "change": RATE * row["change"]}
        for row in found[primary.FOLLOW_UP] if row["indicator_id"] == "liable_days"
    ]  # fmt: skip
    for municipality in (REGION, *sorted({place for place, _ in PLACES})):
        waits = {one: numbers[YEAR, municipality, "all", one, 0] for one in SHARES[:2]}
        row = {"year": YEAR, "municipality_code": municipality, "discharges": waits["long_wait_7"][1]}
        row |= dict.fromkeys(primary.FIGURES[primary.COOPERATION][3:], 0)
        row["deviations"] = numbers[YEAR, municipality, "all", "deviations", 0][0]
        found[primary.COOPERATION].append(row | {one: part for one, (part, _) in waits.items()})
    found[primary.COMMITMENTS].append({"year": YEAR, "commitment_id": "sip", "indicator_id": "sip_held"})
    whole = next(row for row in found[primary.FOLLOW_UP] if row["indicator_id"] == "sip_held" and row["sex"] == 0)
    found[primary.COMMITMENTS][0]["measured_value"] = whole["value"]
    for year in (YEAR - 1, YEAR):
        days = numbers[year, REGION, "all", "ready_days", 0][0]
        for month, part in ((1, days - 20), (2, 20)):
            found["mart_ready_days_monthly"].append(
                {"month": date(year, month, 1), "municipality_code": "0180", "ready_days": part,
                 "intervals_discharged": 3 if month == 2 else 50, "open_at_month_end": 0}
            )  # fmt: skip
    return found


def lay(connection: duckdb.DuckDBPyConnection, given: dict[str, list[Row]]) -> None:
    """The tables with every figure, and the rule, in the connection."""
    for table in TABLES:
        columns = {one["name"]: one["data_type"].replace("string", "varchar") for one in models()[table]["columns"]}
        connection.execute(f"create table {table} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
        found = [[{"region_code": REGION, **row}.get(name) for name in columns] for row in given[table]]
        marks = ", ".join(f"({', '.join('?' * len(columns))})" for _ in found)
        if found:
            connection.execute(f"insert into {table} values {marks}", [value for row in found for value in row])
    listed = ", ".join(f"('{indicator}', '{unit}')" for indicator, unit in UNITS.items())
    connection.execute(f"create table dim_indicator as from (values {listed}) as listed(indicator_id, unit)")
    connection.execute(f"""
        create table rules as select 'fewest_persons' as rule_id, date '1900-01-01' as valid_from,
            null::date as valid_to, {FEWEST} as threshold
    """)


def by_primary_rule() -> dict[str, str]:
    return primary.protected(RELATIONS, "rules", YEAR)


def protected(
    connection: duckdb.DuckDBPyConnection,
    open_tables: Mapping[str, str] | None = None,
    earlier: Sequence[Mapping[str, str]] = (),
) -> dict[str, str]:
    """The year's tables with what both rules hide, as SQL that can stand after ``from``; ``earlier`` told before."""
    told = annual_earlier.read(connection, earlier, YEAR)
    least = primary.least("rules", YEAR)
    return secondary.protected(connection, RELATIONS, by_primary_rule(), YEAR, least, open_tables or {}, told)


def _drawn(draw: np.random.Generator, most: int) -> Iterator[tuple[str, int, int]]:
    """Indicator, numerator and denominator of one sex in one place."""
    spells = int(draw.integers(0, most))
    waits = int(draw.integers(0, spells + 1))
    plans, intervals = (int(draw.integers(0, spells + 1)) for _ in range(2))
    yield "long_wait_7", waits, spells
    yield "long_wait_14", int(draw.integers(0, waits + 1)), spells
    yield "weekend_discharge", int(draw.integers(0, spells + 1)), spells
    yield "sip_held", int(draw.integers(0, plans + 1)), plans
    days = intervals * 3
    yield MEAN, days, intervals
    yield "ready_days", days + intervals, 0


def _follow_up(key: Key, now: list[int], before: list[int]) -> Row:
    value, was = (_value(key[3], *one) for one in (now, before))
    return {
        "year": key[0], "municipality_code": key[1], "district_code": key[2], "indicator_id": key[3], "sex": key[4],
        "numerator": now[0], "denominator": now[1] if UNITS[key[3]] in ("share", "mean_days") else None,
        "value": value, "value_previous_year": was,
        "change": None if value is None or was is None else round(value - was, 6), "months_included": 2,
    }  # fmt: skip


def _value(indicator: str, part: int, of: int) -> float | None:
    if UNITS[indicator] not in ("share", "mean_days"):
        return part
    return round(part / of, 6 if UNITS[indicator] == "share" else 4) if of else None


def _differences(key: Key, numbers: Numbers) -> Iterator[Row]:
    now, county = numbers[key], numbers[key[0], REGION, "all", *key[3:]]
    sides = {
        "women_men": (numbers[*key[:-1], 2], numbers[*key[:-1], 1]),
        "previous_year": (now, numbers[key[0] - 1, *key[1:]]),
        "rest_of_county": (now, [county[0] - now[0], county[1] - now[1]]),
    }
    for comparison, (one, other) in sides.items():
        if one[1] and other[1]:
            value, compared = (_value(key[3], *side) or 0 for side in (one, other))
            yield {
                "year": key[0], "municipality_code": key[1], "district_code": key[2], "indicator_id": key[3],
                "comparison": comparison, "denominator": one[1], "value": value, "compared_denominator": other[1],
                "compared_value": compared, "difference": round(value - compared, 6),
            }  # fmt: skip


def _add_deviations(found: dict[str, list[Row]], numbers: Numbers, draw: np.random.Generator) -> None:
    """Deviations of each kind, with the rows of the totals."""
    added: dict[tuple[str, ...], int] = defaultdict(int)
    for municipality, _ in PLACES[1:]:
        numbers[YEAR - 1, municipality, "all", "deviations", 0][0] = 30
        numbers[YEAR - 1, REGION, "all", "deviations", 0][0] += 30
        for kind in KINDS:
            count = int(draw.integers(1, 12))
            for place in (municipality, REGION):
                numbers[YEAR, place, "all", "deviations", 0][0] += count
                for one in (kind, (kind[0], "all", "all"), ("all", "all", "all")):
                    added[place, *one] += count
    names = ("municipality_code", "category", "severity", "reporting_party")
    found[primary.DEVIATIONS] += [
        {"year": YEAR, **dict(zip(names, key, strict=True)), "deviations": count, "closed": count,
         "escalated_to_steering_group": 0, "escalated_to_vis": 0}
        for key, count in added.items()
    ]  # fmt: skip


def _add_payment(found: dict[str, list[Row]], numbers: Numbers, draw: np.random.Generator) -> None:
    for year in (YEAR - 1, YEAR):
        for municipality, _ in PLACES[1:]:
            days = int(draw.integers(1, 30))
            numbers[year, municipality, "all", "liable_days", 0][0] += days
            numbers[year, REGION, "all", "liable_days", 0][0] += days
            found["fct_liable_days"] += [
                {"interval_id": f"{municipality}-{day // 3}", "liable_on": date(year, 1, 1),
                 "payer_municipality_code": municipality}
                for day in range(days)
            ]  # fmt: skip
