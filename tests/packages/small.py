"""A small candidate by hand: every table that a payer's package is made of, in the published columns.

Each municipality has rows in every table; what they hold is made so that another's row would be seen by its codes.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import yaml

from dagster_project.packages import municipality, own
from dagster_project.releases.dbt_facts import Described
from dagster_project.revisions import mart_revisions
from dagster_project.settings import DBT_DIR, SEEDS_DIR, Settings

REGION, MONTH = "01", "2024-12"
STOCKHOLM, SOLNA, HUDDINGE, KNIVSTA, UNKNOWN = "0180", "0184", "0126", "0330", "9999"
PAYERS = [STOCKHOLM, SOLNA, HUDDINGE, KNIVSTA, UNKNOWN]
OWN_PACKAGES = [HUDDINGE, STOCKHOLM, SOLNA]
"""Knivsta is in another county, and nobody is 9999."""
WITHOUT_FIGURES = "0127"

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", 'a;b "c"', "plain"]
DECEMBER, NOVEMBER, LAST_YEAR = date(2024, 12, 1), date(2024, 11, 1), date(2023, 12, 1)
MONTHS = (date(2023, 11, 1), LAST_YEAR, NOVEMBER, DECEMBER)
COMPARISONS = ("previous_year", "women_men", "rest_of_county")

Row = dict[str, Any]


@cache
def models() -> dict[str, dict[str, Any]]:
    """The dbt model of each table of a package, by name."""
    wanted = {table.name for table in own.TABLES}
    paths = [path for path in sorted((DBT_DIR / "models").glob("**/*.yml")) if path.stem in wanted]
    documents = [yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) for path in paths]
    return {model["name"]: model for document in documents for model in document["models"]}


def columns(table: str) -> dict[str, str]:
    if table == mart_revisions.TABLE:
        return {name: type_ for name, (type_, _, _) in mart_revisions.COLUMNS.items()}
    return {one["name"]: one["data_type"].replace("string", "varchar") for one in models()[table]["columns"]}


def described() -> dict[str, Described]:
    of_models = {name: Described(_key(model), model["config"]["meta"]["term_sv"]) for name, model in models().items()}
    return {**of_models, mart_revisions.TABLE: mart_revisions.DESCRIBED}


def _key(model: dict[str, Any]) -> list[str]:
    for test in model.get("data_tests", []):
        for name, given in test.items() if isinstance(test, dict) else ():
            if name in ("unique_key", "unique_row"):
                return list(given["arguments"]["key"])
    return [column["name"] for column in model["columns"] if "unique" in column.get("data_tests", [])]


def interval(payer: str, number: int, **given: Any) -> Row:
    """An interval of a case and a spell of its own; those of number 1 began and ended in November."""
    ready = datetime(2024, 11, 20, 9, tzinfo=UTC) if number == 1 else datetime(2024, 12, 2, 10, 59, 59, tzinfo=UTC)
    return {
        "region_code": REGION,
        "interval_id": f"M-{payer}-{number}",
        "spell_id": f"S-{payer}-{number}",
        "case_id": f"C-{payer}-{number}",
        "ready_at": ready,
        "ended_at": ready + timedelta(days=4),
        "end_reason": "discharged",
        "payer_municipality_code": payer,
        "district_code": "31" if payer == STOCKHOLM else "00",
        "current_district_code": "31" if payer == STOCKHOLM else "00",
        "payment_class": "somatic",
        "care_area": "somatic",
        "sex": 1 + number % 2,
        "age_band": "80+",
        "agreement_id": "sthlm-2020-somatic",
        "model": "mean",
        "day_zero": ready.date(),
        "ready_days": 4,
        "days_after_day_zero": 4,
        "is_liable": number != 3,
        "reason_codes": "ADMISSION_NOTICE_LATE|SIP_CALL_MISSING" if number == 3 else None,
        **given,
    }


def intervals() -> list[Row]:
    rows = [interval(payer, number) for payer, number in product(PAYERS, range(1, 5))]
    # Two cases of one spell, each with its own payer.
    rows.append(interval(STOCKHOLM, 5, spell_id="S-shared"))
    rows.append(interval(SOLNA, 5, spell_id="S-shared"))
    rows += [interval(HUDDINGE, 10 + place, case_id=text) for place, text in enumerate(FORMULAS)]
    return rows


PROTECTED = f"M-{STOCKHOLM}-4"


def _rows(municipality_codes: list[str]) -> dict[str, list[Row]]:
    cases = intervals()
    spells = {row["spell_id"]: row for row in cases}
    events = [
        {
            "event_id": row["interval_id"],
            "case_id": row["case_id"],
            "spell_id": row["spell_id"],
            "interval_id": row["interval_id"],
            "event": "ready_notice",
            "at": row["ready_at"],
            "is_voided": False,
            "is_counted": True,
        }
        for row in cases
    ]
    found = {
        "fct_readiness_intervals": cases,
        "fct_case_events": events,
        "fct_liable_days": [
            {
                "interval_id": row["interval_id"],
                "liable_on": row["ready_at"].date(),
                "payer_municipality_code": row["payer_municipality_code"],
                "payment_class": "somatic",
                "sek_per_day": "11600.00",
                "invoicing_active": False,
            }
            for row in cases
        ],
        "fct_spells": [
            {
                "spell_id": spell_id,
                "person_key": f"person-of-{spell_id}",
                "stays": 1,
                "admitted_at": row["ready_at"] - timedelta(days=3),
                "discharged_at": row["ended_at"],
                "hospital_id": f"SE-H-{spell_id}",
                # Registered in Solna, whoever pays.
                "municipality_code": SOLNA,
                "district_code": "00",
                "current_district_code": "00",
                "sex": row["sex"],
                "age": 83,
                "age_band": "80+",
                "care_area": "somatic",
            }
            for spell_id, row in spells.items()
        ],
        "mart_billing_readiness_monthly": [
            {"unit_type": unit, "unit_id": code, "criterion": "verdict", "month": DECEMBER, "value": "0.123456"}
            for unit, code in [*(("municipality", code) for code in PAYERS), ("hospital", "SE-H"), ("hospital", "0180")]
        ],
        "mart_revisions": [
            {
                "table_name": table,
                "key": json.dumps({"month": "2024-11-01", **key}),
                "figure": "liable_days",
                "month": NOVEMBER,
                "old_value": "5",
                "new_value": "7",
                "difference": "2",
                "cause": "late_data",
            }
            for code in PAYERS
            for table, key in (
                ("mart_payment_responsibility_monthly", {"municipality_code": code}),
                ("mart_billing_readiness_monthly", {"unit_type": "municipality", "unit_id": code}),
                ("mart_billing_readiness_monthly", {"unit_type": "hospital", "unit_id": code}),
                ("mart_ready_days_monthly", {"municipality_code": code, "sex": "1"}),
                ("mart_annual_differences", {"municipality_code": code, "comparison": "rest_of_county"}),
                ("mart_ready_days_by_hospital_monthly", {"hospital_id": f"SE-{code}"}),
            )
        ],
        "dim_district": [
            {"municipality_code": code, "district_code": district, "name": f"{code} {district}"}
            for code in municipality_codes
            for district in ("00", "31", "99")
        ],
        "dim_indicator": [{"indicator_id": "day_zero", "term_sv": "dag noll", "source": "=SUM(A1)"}],
    }
    for table in models():
        if table not in found:
            found[table] = [_figures(table, place, *key) for place, key in enumerate(_keys(table))]
    cooperation = "mart_local_cooperation_annual"
    found[cooperation].append(_figures(cooperation, 0, WITHOUT_FIGURES, DECEMBER, "00", 0))
    return found


def _keys(table: str) -> list[tuple[str, date, str, int]]:
    """Municipality, month, district and sex of the rows of a table of figures."""
    return [
        (code, month, district, sex)
        for code in PAYERS
        for month in ((LAST_YEAR, DECEMBER) if "year" in columns(table) else MONTHS)
        for district in (("31", "99") if "district_code" in columns(table) else ("00",))
        for sex in _sexes(columns(table))
    ]


def _sexes(columns_of_table: dict[str, str]) -> tuple[int, ...]:
    """Tables by year have rows of both; a difference has a comparison in place of a sex."""
    if "comparison" in columns_of_table or {"year", "sex"} <= columns_of_table.keys():
        return (0, 1, 2)
    return (1, 2) if "sex" in columns_of_table else (0,)


def _figures(table: str, place: int, code: str, month: date, district: str, sex: int) -> Row:
    texts = {
        "municipality_code": code,
        "district_code": district,
        "current_district_code": district,
        "age_band": "80+",
        "care_area": "somatic",
        "payment_class": "somatic",
        "population": "all",
        "indicator": "day_zero",
        "indicator_id": "day_zero",
        "comparison": COMPARISONS[sex],
        "status": "final",
    }
    row: Row = {}
    for name, type_ in columns(table).items():
        if name in texts:
            row[name] = texts[name]
        elif type_ == "varchar":
            row[name] = f"{name}-{place}"
        elif name == "year":
            row[name] = month.year
        elif name == "month":
            row[name] = month
        elif type_ == "boolean":
            row[name] = place % 2 == 0
        elif type_.startswith("decimal"):
            row[name] = f"{place % 7}.5" if place % 3 else None
        else:
            row[name] = (place + 3) * (-1 if name == "residual" else 1)
    return row | ({"sex": sex} if "sex" in row else {}) | ({"region_code": REGION})


def build(settings: Settings, extra: list[Row] | None = None) -> Path:
    """The candidate as dbt and the seal's export leave it; ``extra`` are further intervals."""
    candidate = settings.candidate(REGION, MONTH)
    parquet = candidate / "marts" / "parquet"
    parquet.mkdir(parents=True)
    with settings.connect(candidate / "warehouse.duckdb") as connection:
        for name in ("terms", "regions", "conditions", "municipalities"):
            table = {"terms": "dim_term", "regions": "dim_region", "conditions": "dim_condition"}.get(name, "seeded")
            connection.execute(
                f"create table {table} as from read_csv('{SEEDS_DIR / f'{name}.csv'}', all_varchar = true)"
            )
        connection.execute(
            "create table dim_municipality as select municipality_code, name, region_code, "
            "municipality_code = '0180' as has_districts from seeded"
        )
        codes = [code for (code,) in connection.execute("select municipality_code from seeded").fetchall()]
        rows = _rows(codes[:5] + OWN_PACKAGES)
        rows["fct_readiness_intervals"] += extra or []
        for table, given in rows.items():
            _create(connection, table, columns(table), [{"region_code": REGION, **row} for row in given])
        _create_rules(connection, rows["fct_readiness_intervals"])
        for table in [*rows, "dim_term", "dim_region", "dim_condition", "dim_municipality"]:
            connection.execute(f"copy {table} to '{parquet / table}.parquet' (format parquet)")
    (candidate / "inputs.json").write_text(
        json.dumps(
            {
                "region": REGION,
                "month": MONTH,
                "newest_extracted_at": "2025-01-03T02:10:00+01:00",
                "deliveries": [{"month": MONTH, "source_system": "canonical", "is_synthetic": True}],
            }
        )
    )
    return candidate


def _create(connection: duckdb.DuckDBPyConnection, table: str, types: dict[str, str], rows: list[Row]) -> None:
    listed = ", ".join(f'"{name}" {type_}' for name, type_ in types.items())
    connection.execute(f"create table {table} ({listed})")
    if rows:
        marks = f"({', '.join('?' for _ in types)})"
        connection.execute(
            f"insert into {table} values {', '.join(marks for _ in rows)}",
            [row.get(name) for row in rows for name in types],
        )


def _create_rules(connection: duckdb.DuckDBPyConnection, cases: list[Row]) -> None:
    """Who has a protected identity: an interval of Stockholm's, and somebody of Solna, discharged in November."""
    connection.execute(
        f"""
        create schema rules;
        create table rules.int_readiness__months as select '{PROTECTED}' as interval_id, date '2024-12-01' as month;
        create table rules.int_spells as
            select '0184' as shown_municipality_code, '99' as delivered_district_code, 'somatic' as care_area,
                date '2024-11-30' as discharged_on, true as is_protected
        """
    )
    types = {
        "interval_id": "varchar",
        "payer_municipality_code": "varchar",
        "delivered_district_code": "varchar",
        "care_area": "varchar",
        "is_protected": "boolean",
    }
    _create(
        connection,
        "rules.int_readiness__days",
        types,
        [{**row, "is_protected": row["interval_id"] == PROTECTED, "delivered_district_code": "99"} for row in cases],
    )


def write(settings: Settings, candidate: Path) -> Path:
    """The packages of the candidate; returns their folder."""
    with settings.connect(candidate / "warehouse.duckdb", read_only=True) as connection:
        municipality.write(connection, candidate, described(), [])
    return candidate / municipality.FOLDER


if __name__ == "__main__":
    here = Path(sys.argv[1])
    its_settings = Settings(here, here / "landing", threads=int(sys.argv[2]))
    write(its_settings, build(its_settings))
