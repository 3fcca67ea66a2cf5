"""A small release by hand with what the annual follow-up is made of, in the published columns.

Stockholm has two districts, one of them merged, and more cases than all others; Huddinge is certainly worse than the
rest and than the year before; Salem has few cases; Solna has none. Six more make a range.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from dagster_project.disclosure import primary
from dagster_project.months import months_between
from dagster_project.packages import annual
from dagster_project.releases.catalogue import Release
from dagster_project.releases.dbt_facts import Described
from dagster_project.releases.hashing import file_sha256
from dagster_project.releases.history import Published
from dagster_project.reports.annual import report
from dagster_project.settings import DBT_DIR, SEEDS_DIR, Settings
from tests.reports import small

REGION, MONTH, YEAR = "01", "2024-12", 2024
STOCKHOLM, HUDDINGE, SALEM, SOLNA = "0180", "0126", "0128", "0184"
OTHERS = {"0114": "Upplands Väsby", "0115": "Vallentuna", "0117": "Österåker", "0120": "Värmdö", "0123": "Järfälla"}
NAMES = {STOCKHOLM: "Stockholm", HUDDINGE: "Huddinge", SALEM: "Salem", SOLNA: "Solna", "0125": "Ekerö", **OTHERS}
TABLES = (*primary.FIGURES, "mart_payment_responsibility_monthly", "mart_ready_days_monthly", "fct_liable_days")

Row = dict[str, Any]
Counts = dict[str, tuple[int, int | None]]

BUSY: Counts = {
    "ready_days": (1200, None),
    "mean_excluding_day_zero": (1000, 400),
    "mean_including_day_zero": (800, 600),
    "readmission_7_days": (60, 1000),
    "admission_notice_24h": (900, 1000),
    "sip_held": (0, 0),
    "liable_days": (90, None),
    "deviations": (7, None),
}
FEW: Counts = {
    "ready_days": (9, None),
    "mean_excluding_day_zero": (9, 3),
    "mean_including_day_zero": (8, 40),
    "readmission_7_days": (2, 60),
    "admission_notice_24h": (57, 60),
    "liable_days": (3, None),
    "deviations": (1, None),
}


@dataclass
class Made:
    """The rows of a release's tables, and the month of the region's first delivery."""

    first: str = "2023-01"
    rows: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in TABLES})

    @property
    def inputs(self) -> dict[str, Any]:
        deliveries = [
            {"month": month, "is_synthetic": True, "source_system": "canonical"}
            for month in months_between(self.first, MONTH)
        ]
        return {
            "region": REGION,
            "month": MONTH,
            "deliveries": deliveries,
            "newest_extracted_at": datetime(2025, 1, 3, tzinfo=UTC).isoformat(),
        }


@cache
def models() -> dict[str, dict[str, Any]]:
    """The dbt model of each table, by name."""
    wanted = {*TABLES, annual.PLAN}
    paths = [path for path in sorted((DBT_DIR / "models").glob("**/*.yml")) if path.stem in wanted]
    documents = [yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) for path in paths]
    return {model["name"]: model for document in documents for model in document["models"]}


def described() -> dict[str, Described]:
    keys = {
        name: next((test["unique_key"]["arguments"]["key"] for test in model["data_tests"] if "unique_key" in test), [])
        for name, model in models().items()
    }
    return {name: Described(list(keys[name]), model["config"]["meta"]["term_sv"]) for name, model in models().items()}


def made(first: str = "2023-01") -> Made:
    """Two whole years, or the months from ``first``, with no year before that is whole."""
    given = Made(first)
    months = len([month for month in months_between(first, MONTH) if month.startswith(str(YEAR))])
    has_before = first <= f"{YEAR - 1}-01"
    by_place: dict[tuple[str, str], Counts] = {
        (REGION, "all"): {one: (4 * n, None if d is None else 4 * d) for one, (n, d) in BUSY.items()},
        (STOCKHOLM, "all"): BUSY,
        (STOCKHOLM, "12"): {"ready_days": (700, None), "mean_excluding_day_zero": (600, 200)},
        (STOCKHOLM, "31"): {"ready_days": (500, None), "mean_excluding_day_zero": (400, 200)},
        (HUDDINGE, "all"): BUSY | {"readmission_7_days": (120, 1000)},
        (SALEM, "all"): FEW,
        **{(code, "all"): BUSY | {"readmission_7_days": (40 + i, 1000)} for i, code in enumerate(("0125", *OTHERS))},
    }
    for (place, district), counts in by_place.items():
        for indicator, (part, of) in counts.items():
            _place(given, place, district, indicator, part, of, months, has_before)
    _others(given, months)
    return given


def _value(part: int, of: int | None) -> float | None:
    return part if of is None else round(part / of, 6) if of else None


def _place(
    given: Made, place: str, district: str, indicator: str, part: int, of: int | None, months: int, has_before: bool
) -> None:
    """A place's indicator in the year, and in the year before, when Huddinge's readmissions were half as many."""
    was = part // 2 if (place, indicator) == (HUDDINGE, "readmission_7_days") else part
    is_closed = {YEAR: False, YEAR - 1: True}
    for year in (YEAR, YEAR - 1) if has_before else (YEAR,):
        n = was if is_closed[year] else part
        before = _value(was, of) if has_before and year == YEAR else None
        value = _value(n, of)
        given.rows[primary.FOLLOW_UP].append(
            {
                "year": year, "municipality_code": place, "district_code": district, "indicator_id": indicator,
                "sex": 0,
                "numerator": n, "denominator": of, "value": value, "value_previous_year": before,
                "change": None if value is None or before is None else value - before,
                "target": 1 if indicator == "admission_notice_24h" else None,
                "direction": "higher" if indicator in ("admission_notice_24h", "sip_held") else "lower",
                "meets_target": False if indicator == "admission_notice_24h" else None,
                "months_included": 12 if is_closed[year] else months,
                "status": "final" if is_closed[year] else "preliminary",
            }
        )  # fmt: skip
        if of:
            assert value is not None
            sides = {"women_men": value, "rest_of_county": 0.06 if indicator == "readmission_7_days" else value}
            if before is not None:
                sides["previous_year"] = before
            for comparison, other in sides.items():
                if place != REGION or comparison != "rest_of_county":
                    key = (year, place, district, indicator, comparison)
                    given.rows[primary.DIFFERENCES].append(_difference(key, value, other, of))


def _difference(key: tuple[int, str, str, str, str], value: float, other: float, of: int) -> Row:
    difference = value - other
    names = ("year", "municipality_code", "district_code", "indicator_id", "comparison")
    return {
        **dict(zip(names, key, strict=True)), "denominator": of, "value": value, "value_low": value - 0.01,
        "value_high": value + 0.01, "compared_denominator": of, "compared_value": other, "difference": difference,
        "difference_low": difference - 0.02, "difference_high": difference + 0.02, "is_certain": abs(difference) > 0.02,
        "months_included": 12, "status": "final",
    }  # fmt: skip


def _others(given: Made, months: int) -> None:
    for year in (YEAR - 1, YEAR):
        given.rows[primary.COMMITMENTS] += [
            {"year": year, "commitment_id": "yearly_plan", "position": 1, "area": "utvecklingsmodell", "party": "joint",
             "commitment": "Uppföljningen följer en plan.", "due_on": date(year, 12, 31), "followed_by": "Planen",
             "indicator_id": "planned_indicators", "measured_value": 27, "statements": 0, "status": "measured"},
            {"year": year, "commitment_id": "it_sip", "position": 2, "area": "it-stöd", "party": "region_storsthlm",
             "commitment": "SIP görs på samma sätt.", "followed_by": "SIP", "indicator_id": "sip_held",
             "statements": 1, "status": "partly_fulfilled", "comment": "Regionen: Video saknas på <två> enheter."},
        ]  # fmt: skip
        for place in (REGION, *NAMES):
            deviations = {REGION: 28, SALEM: 1, SOLNA: 0}.get(place, 7)
            escalated = 2 * (year == YEAR and place in (REGION, STOCKHOLM))
            given.rows[primary.COOPERATION].append(
                {"year": year, "municipality_code": place, "discharges": 50, "long_wait_7": 4 if place == SALEM else 9,
                 **dict.fromkeys(("long_wait_14", "long_wait_30", "local_cooperation_deviations", "escalated_to_vis",
                 "disputed_lines", "escalated_lines", "disputed_amount"), 0), "deviations": deviations,
                 "escalated_to_steering_group": escalated, "statements": int(place == HUDDINGE),
                 "months_included": months, "fulfilment": "fulfilled" if place == HUDDINGE else None,
                 "statement": "Vi möts varje vecka." if place == HUDDINGE else None, "status": "preliminary"}
            )  # fmt: skip
    given.rows[primary.DEVIATIONS] += [
        {"year": YEAR, "municipality_code": place, "category": category, "severity": "all", "reporting_party": "all",
         "deviations": 28 if place == REGION else 7, "closed": 6, "median_days_to_close": 12.5,
         "escalated_to_steering_group": 2, "escalated_to_vis": 0}
        for place in (REGION, STOCKHOLM) for category in ("sip", "all")
    ]  # fmt: skip
    for month in months_between(given.first, MONTH):
        on = date.fromisoformat(f"{month}-01")
        given.rows["mart_ready_days_monthly"] += [
            {"month": on, "municipality_code": STOCKHOLM, "ready_days": 300 + on.month, "intervals_discharged": 50,
             "open_at_month_end": 2},
            {"month": on, "municipality_code": HUDDINGE, "ready_days": 100, "intervals_discharged": 5,
             "open_at_month_end": 0},
        ]  # fmt: skip
        given.rows["mart_payment_responsibility_monthly"].append(
            {"month": on, "municipality_code": STOCKHOLM, "model": "mean", "intervals": 50, "liable_days": 8}
        )
    given.rows["fct_liable_days"] += [
        {"interval_id": f"i{i}", "liable_on": date(2024, 3, 1), "payer_municipality_code": SALEM} for i in (1, 1, 2)
    ]


def write(directory: Path, given: Made, history: Sequence[Published] = (), *, threads: int = 2) -> Path:
    """A release's ``annual/``, as sealing and publishing write it, from the rows given."""
    marts = directory / "marts" / "parquet"
    marts.mkdir(parents=True)
    (directory / "inputs.json").write_text(json.dumps(given.inputs))
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute(small.REFERENCE)
        listed = ", ".join(f"('{code}', '{name}', '01')" for code, name in {**NAMES, "0330": "Knivsta"}.items())
        connection.execute(f"""
            create or replace table dim_municipality as
                select *, municipality_code || ' ' || name as display_name, date '1999-01-01' as valid_from,
                    null::date as valid_to
                from (values {listed.replace("'Knivsta', '01'", "'Knivsta', '03'")})
                    as listed(municipality_code, name, region_code);
            create or replace table dim_indicator as from read_csv('{SEEDS_DIR / "indicators.csv"}');
            create table dim_term as from read_csv('{SEEDS_DIR / "terms.csv"}', all_varchar = true);
            create table dim_follow_up_plan as
                select * replace (target::decimal(14, 4) as target, decided_on::date as decided_on,
                    year::integer as year, position::integer as position)
                from read_csv('{SEEDS_DIR / "follow_up_plan.csv"}', all_varchar = true);
        """)
        for table in TABLES:
            columns = {one["name"]: one["data_type"].replace("string", "varchar") for one in models()[table]["columns"]}
            connection.execute(f"create table {table} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
            rows = [[{"region_code": REGION, **row}.get(name) for name in columns] for row in given.rows[table]]
            marks = ", ".join(f"({', '.join('?' for _ in columns)})" for _ in rows)
            connection.execute(f"insert into {table} values {marks}", [value for row in rows for value in row])
        for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            connection.execute(f"copy {table} to '{marts / f'{table}.parquet'}' (format parquet)")
        connection.execute("create schema reference")
        connection.execute(f"""
            create table reference.ref_disclosure_rules as
                select * replace (threshold::decimal(14, 4) as threshold, valid_to::date as valid_to)
                from read_csv('{SEEDS_DIR / "disclosure_rules.csv"}')
        """)
        annual.write(connection, directory, described(), history)
    report.write(Settings(directory / "home", directory / "landing", threads=threads), directory, given.inputs, history)
    return directory


def published(directory: Path, month: str) -> Published:
    """The release at ``directory``, as the history of releases knows it."""
    names = {path.relative_to(directory).as_posix(): path for path in directory.rglob("*") if path.is_file()}
    files = {name: {"sha256": file_sha256(path)} for name, path in names.items()}
    facts = {"deliveries": [{"month": "2023-01"}], "files": files}
    return Published(Release(REGION, month, 1, directory), datetime(2024, 2, 5, tzinfo=UTC), facts)
