"""A bronze layer made by hand: what a candidate's dbt build reads, from feeds.yml and rows given in tests."""

from __future__ import annotations

import csv
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import yaml

from dagster_project.settings import PROJECT_ROOT, SEEDS_DIR, TIME_ZONE

Row = Mapping[str, object]

FEEDS = yaml.safe_load((PROJECT_ROOT / "dagster_project/deliveries/feeds.yml").read_text(encoding="utf-8"))
SQL_TYPES = {"date": "date", "month": "date", "boolean": "boolean", "integer": "integer", "enum": "varchar"}
RECORDS = {
    "quarantine": "region_code varchar, delivery_month date, version integer, feed varchar, file varchar, line bigint, "
    "reasons varchar, row varchar",
    "files": "region_code varchar, delivery_month date, version integer, feed varchar, file varchar, sha256 varchar, "
    "rows_delivered bigint, rows_loaded bigint, rows_quarantined bigint",
    "reports": "region_code varchar, delivery_month date, version integer, feed varchar, file varchar, rule varchar, "
    "rows bigint",
    "deliveries": "region_code varchar, delivery_month date, version integer, source_system varchar, "
    "extracted_at timestamptz, digest varchar",
    "candidate": "region_code varchar, month date, month_end date, first_month date, newest_extracted_at timestamptz",
}

RELEASED = {
    "frozen_months": "care_month date, release varchar",
    "frozen_amounts": "care_month date, municipality_code varchar, payment_class varchar, "
    "expected_amount decimal(14, 2)",
}


def columns(feed: str) -> dict[str, str]:
    """The columns of a feed's bronze table and their SQL types: a timestamp is an instant and a local wall clock."""
    found: dict[str, str] = {}
    for name, column in FEEDS[feed]["columns"].items():
        kind = column["type"]
        if kind == "timestamp":
            found |= {name: "timestamptz", f"{name}_local": "timestamp"}
        elif kind.startswith("decimal"):
            found[name] = kind
        else:
            found[column.get("stored_as", name)] = SQL_TYPES.get(column.get("stored_type", kind), "varchar")
    return found | {"delivery_month": "date", "version": "integer", "file": "varchar", "line": "bigint"}


def build(
    path: Path,
    rows: Mapping[str, Sequence[Row]],
    *,
    month: str,
    first_month: str | None = None,
    region: str = "01",
    quarantined: Sequence[Row] = (),
    frozen: Mapping[str, Sequence[Row]] | None = None,
) -> None:
    """Write a warehouse file with schemas ``bronze``, ``installation`` and ``released``, as before dbt runs.

    ``rows`` are by feed, with the contract's names (a person id by its stored name); ``delivery_month`` is required,
    region, version, file and line are filled in; a timestamp is a local wall clock, or has an offset.
    ``quarantined`` rows name feed, delivery_month, line and reasons. ``frozen`` are by care month (its first date) the
    rows of the release that froze it: municipality_code, payment_class and expected_amount.
    """
    first = date.fromisoformat(f"{first_month or month}-01")
    last = date.fromisoformat(f"{month}-01")
    months = [
        date(year, number, 1)
        for year in range(first.year, last.year + 1)
        for number in range(1, 13)
        if first <= date(year, number, 1) <= last
    ]
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for schema in ("bronze", "installation", "released"):
            connection.execute(f"create schema {schema}")
        for feed in FEEDS:
            _create_feed(connection, feed, rows.get(feed, ()), region)
        for table, definition in RECORDS.items():
            connection.execute(f"create table bronze.{table} ({definition})")
        _record(connection, months, region, quarantined)
        for table, definition in RELEASED.items():
            connection.execute(f"create table released.{table} ({definition})")
        _freeze(connection, region, frozen or {})
        for seed in sorted(SEEDS_DIR.glob("*.csv")):
            with seed.open(encoding="utf-8", newline="") as file:
                header = next(csv.reader(file))
            connection.execute(
                f"create table installation.{seed.stem} ({', '.join(f'{name} varchar' for name in header)})"
            )


def _create_feed(connection: duckdb.DuckDBPyConnection, feed: str, rows: Sequence[Row], region: str) -> None:
    types = columns(feed)
    connection.execute(f"create table bronze.{feed} ({', '.join(f'{name} {kind}' for name, kind in types.items())})")
    for number, row in enumerate(rows):
        values = {"region_code": region, "version": 1, "file": f"{feed}.csv", "line": number + 2} | dict(row)
        for name in [name for name, kind in types.items() if kind == "timestamptz" and values.get(name)]:
            given = datetime.fromisoformat(str(values[name]))
            instant = (given if given.tzinfo else given.replace(tzinfo=ZoneInfo(TIME_ZONE))).astimezone(UTC)
            values[name] = instant.isoformat()
            values[f"{name}_local"] = instant.astimezone(ZoneInfo(TIME_ZONE)).replace(tzinfo=None).isoformat()
        known = {name: value for name, value in values.items() if name in types}
        unknown = set(values) - set(types) - {"region_code"}
        assert not unknown, f"{feed} has no column {sorted(unknown)}"
        marks = ", ".join(f"cast(? as {types[name]})" for name in known)
        connection.execute(f"insert into bronze.{feed} ({', '.join(known)}) values ({marks})", list(known.values()))


def _freeze(connection: duckdb.DuckDBPyConnection, region: str, frozen: Mapping[str, Sequence[Row]]) -> None:
    for month, rows in frozen.items():
        connection.execute("insert into released.frozen_months values (?, ?)", [month, f"{region}/{month[:7]}/r01"])
        for row in rows:
            connection.execute(
                "insert into released.frozen_amounts values (?, ?, ?, ?)",
                [month, row["municipality_code"], row["payment_class"], row["expected_amount"]],
            )


def _record(
    connection: duckdb.DuckDBPyConnection, months: Sequence[date], region: str, quarantined: Sequence[Row]
) -> None:
    for row in quarantined:
        connection.execute(
            "insert into bronze.quarantine values (?, ?, 1, ?, ? || '.csv', ?, ?, '{}')",
            [region, row["delivery_month"], row["feed"], row["feed"], row["line"], row["reasons"]],
        )
    for month in months:
        connection.execute(
            "insert into bronze.deliveries values (?, ?, 1, 'canonical', ?::date + interval 35 day, md5(?))",
            [region, month, month, month.isoformat()],
        )
        for feed in FEEDS:
            connection.execute(
                f"""
                insert into bronze.files
                select $region, $month, 1, $feed, $feed || '.csv', md5($feed), loaded + put_aside, loaded, put_aside
                from (
                    select
                        (select count(*) from bronze.{feed} where delivery_month = $month) as loaded,
                        (select count(*) from bronze.quarantine where delivery_month = $month and feed = $feed)
                            as put_aside
                )
                """,
                {"region": region, "month": month, "feed": feed},
            )
    last = months[-1]
    end = last.replace(day=monthrange(last.year, last.month)[1])
    connection.execute(
        "insert into bronze.candidate values (?, ?, ?, ?, ?::date + interval 35 day)",
        [region, last, end, months[0], last],
    )
