"""Small releases to explain: a real ``marts.duckdb`` in the published columns, at its place under ``LUS_HOME``.

The figures come from the second implementation (``tests/oracle``), the columns and types from the models' yml, the
dimensions from the shipped reference tables.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import yaml

from dagster_project.explain.facts import TABLES
from dagster_project.settings import DBT_DIR, Settings
from tests.oracle import clock, feeds, marts, readiness, reference, spells
from tests.oracle.spells import Spell
from tests.oracle.worked_examples import Example

PUBLISHED_AT = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)
Row = dict[str, Any]
Tables = dict[str, list[Row]]


def publish(
    settings: Settings, example: Example, first: str | None = None, revision: int = 1, changes: Tables | None = None
) -> Path:
    """The release of the example's region and month as its ``rNN``, which becomes ``current``.

    ``first`` is the region's first delivery month, else the month itself. Rows of ``changes`` replace a whole table.
    """
    month = example.month
    directory = settings.releases / example.region / month / f"r{revision:02d}"
    (directory / "marts").mkdir(parents=True)
    write(directory / "marts" / "marts.duckdb", tables(example, first) | (changes or {}))
    facts = {"published_at": PUBLISHED_AT.isoformat(), "files": {}, "tables": {}, "verdict": {}}
    (directory / "manifest.json").write_text(json.dumps(facts))
    current = settings.releases / example.region / "current"
    current.unlink(missing_ok=True)
    current.symlink_to(f"{month}/r{revision:02d}")
    return directory


def tables(example: Example, first: str | None = None) -> Tables:
    deliveries: feeds.Deliveries = {first or example.month: {}, example.month: example.feeds}
    given = feeds.add_up(deliveries, example.region, example.month)
    return {
        **marts.tables(given),
        "fct_case_events": _events(given, example),
        "audit_deliveries": [{"region_code": example.region, "delivery_month": given.first_month}],
        **dimensions(),
    }


def write(database: Path, rows: Tables) -> None:
    """The tables that a story needs, with every published column; a column that a row does not give is null."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table in TABLES.values():
            columns = published_columns()[table]
            texts = {name: [_text(row.get(name)) for row in rows.get(table, [])] for name in columns}
            connection.register("given", pd.DataFrame(texts, dtype="object"))
            typed = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in columns.items())
            connection.execute(f"create table {table} as select {typed} from given")
            connection.unregister("given")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


@cache
def published_columns() -> dict[str, dict[str, str]]:
    """Table → column → SQL type, as the dbt contracts publish them."""
    found = {}
    for path in sorted((DBT_DIR / "models").glob("**/*.yml")):
        for model in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("models", []):
            columns = model.get("columns", [])
            if model["name"] in TABLES.values() and all("data_type" in column for column in columns):
                types = {column["name"]: column["data_type"].replace("string", "varchar") for column in columns}
                found[model["name"]] = types
    return found


@cache
def dimensions() -> Tables:
    agreements = [{**row, "noon_cutoff_minutes": _minutes(row["noon_cutoff"])} for row in _seed("agreements")]
    municipalities = _seed("municipalities")
    districts = _seed("districts")
    divided = {row["municipality_code"] for row in districts}
    no_district = [{**row, "district_code": "00", "name": "Inget stadsdelsområde"} for row in municipalities]
    unknown = [{"municipality_code": code, "district_code": "99", "name": "Okänt stadsdelsområde"} for code in divided]
    return {
        "dim_agreement": agreements,
        "dim_day_rate": _seed("day_rates"),
        "dim_invoicing_period": _seed("invoicing_periods"),
        "dim_deadline": _seed("deadlines"),
        "dim_condition": _seed("conditions"),
        "dim_term": _seed("terms"),
        "dim_date": _calendar(),
        "dim_municipality": [*municipalities, {"municipality_code": "9999", "name": "Okänd kommun"}],
        "dim_district": [*districts, *no_district, *unknown],
        "dim_region": _seed("regions"),
    }


def _seed(name: str) -> list[Row]:
    return [{column: value or None for column, value in row.items()} for row in reference.table(name)]


def _minutes(cutoff: str | None) -> int | None:
    return int(cutoff[:2]) * 60 + int(cutoff[3:]) if cutoff else None


def _calendar() -> list[Row]:
    names = {date.fromisoformat(row["date_on"]): row["name_sv"] for row in reference.table("non_working_days")}
    return [
        {"date_on": on, "is_weekday": reference.is_weekday(on), "non_working_day_name_sv": names.get(on)}
        for on in clock.dates_until(date(2017, 1, 1), date(2024, 1, 1))
    ]


def _events(given: feeds.InForce, example: Example) -> list[Row]:
    """fct_case_events: what happened by the last day of M, and what ended a stay or an interval that began by then."""
    planned = {row["message_id"]: row.get("planned_discharge_on") or None for row in example.feeds["messages"]}
    found = []
    for spell in spells.all_spells(given):
        intervals = [
            one for one in readiness.intervals(spell, given.region, given.month_end) if one.begun_by(given.month_end)
        ]
        for case in spell.cases:
            found += _stay_events(spell, case, intervals)
        for message in spell.messages:
            begun = next((one.notice.message_id for one in intervals if one.notice == message), None)
            ended = next(
                (
                    one.notice.message_id
                    for one in intervals
                    if message.message_type == "ready_withdrawn"
                    and not message.voided
                    and (one.end_reason, one.ended_at) == ("withdrawn", message.sent_at)
                ),
                None,
            )
            if clock.date_of(message.sent_at) > given.month_end and not (begun or ended):
                continue
            is_readiness = message.message_type in ("ready_notice", "ready_withdrawn")
            found.append(
                {
                    "event_id": message.message_id,
                    "case_id": message.case_id,
                    "spell_id": spell.spell_id,
                    "interval_id": begun or ended,
                    "event": message.message_type,
                    "at": message.sent_at,
                    "planned_on": planned[message.message_id],
                    "is_voided": message.voided,
                    "is_counted": (begun or ended) is not None if is_readiness else not message.voided,
                }
            )
    return [{"region_code": given.region, **row} for row in found]


def _stay_events(spell: Spell, case: feeds.Case, intervals: list[readiness.Interval]) -> list[Row]:
    stay = spell.stay_of(case)
    ended = next(
        (
            one.notice.message_id
            for one in intervals
            if one.case == case and one.ended_at == stay.discharged_at and one.end_reason in ("discharged", "deceased")
        ),
        None,
    )
    row = {"case_id": case.case_id, "spell_id": spell.spell_id, "is_voided": False, "is_counted": True}
    rows = [{**row, "event_id": f"{case.case_id}:stay_start", "event": "stay_start", "at": stay.admitted_at}]
    if stay.discharged_at:
        end = {"event_id": f"{case.case_id}:stay_end", "event": "stay_end", "at": stay.discharged_at}
        rows.append({**row, **end, "interval_id": ended})
    return rows
