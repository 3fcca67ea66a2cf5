"""Releases made by hand: a few rows, the manifest and dbt's lineage that a comparison reads, and no warehouse."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.months import months_between
from dagster_project.releases import catalogue, history, manifest
from dagster_project.releases.catalogue import Release
from dagster_project.releases.hashing import file_sha256, literal
from dagster_project.revisions import mart_revisions
from dagster_project.revisions.edition import of_release
from dagster_project.settings import Settings

REGION = "01"
DAYS, MONEY, SHARES = "mart_ready_days_monthly", "mart_invoice_reconciliation", "mart_readmissions_headline"
YEARS = "mart_annual_follow_up"

COLUMNS = {
    DAYS: "region_code varchar, month date, municipality_code varchar, sex integer, ready_days integer, "
    "beds decimal(12, 4)",
    MONEY: "region_code varchar, month date, municipality_code varchar, expected_amount decimal(14, 2), "
    "expected_at_release decimal(14, 2), late_adjustment decimal(14, 2), status varchar",
    SHARES: "region_code varchar, month date, municipality_code varchar, readmissions integer, share decimal(9, 6), "
    "status varchar",
    YEARS: "region_code varchar, year integer, municipality_code varchar, numerator integer, value decimal(18, 6), "
    "status varchar",
}
KEYS = {
    DAYS: ["region_code", "month", "municipality_code", "sex"],
    MONEY: ["region_code", "month", "municipality_code"],
    SHARES: ["region_code", "month", "municipality_code"],
    YEARS: ["region_code", "year", "municipality_code"],
}
PARENTS = {
    DAYS: ["model.lus.int_days"],
    MONEY: ["model.lus.int_days", "seed.lus.day_rates", "source.lus.released.frozen_amounts"],
    SHARES: ["seed.lus.districts"],
    YEARS: ["model.lus.int_days"],
}

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Made:
    """What a release is made from and what it says; ``macro`` is what ``int_days`` calls."""

    month: str
    rows: Rows
    first_month: str = "2026-07"
    versions: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    reference: dict[str, str] = field(default_factory=lambda: {"day_rates": "a", "districts": "a"})
    frozen: dict[str, str] = field(default_factory=dict)
    sql: dict[str, str] = field(default_factory=dict)
    macro: str = "x * 2"
    code_version: str = "c1"
    waivers: list[dict[str, str]] = field(default_factory=list)
    keys: dict[str, list[str]] = field(default_factory=lambda: KEYS)

    def but(self, **changes: Any) -> Made:
        return replace(self, **changes)


def publish(settings: Settings, made: Made, at: str) -> Release:
    """The month's next revision, published ``at``, with its revisions, as sealing writes them."""
    before = history.published(settings, REGION)
    number = len(catalogue.of_month(settings, REGION, made.month)) + 1
    release = Release(REGION, made.month, number, settings.releases / REGION / made.month / f"r{number:02d}")
    parquet_dir = release.path / "marts" / "parquet"
    parquet_dir.mkdir(parents=True)
    (release.path / "dbt").mkdir()
    (release.path / "dbt" / "manifest.json").write_text(json.dumps(_dbt(made)))
    for table, rows in made.rows.items():
        _write(table, rows, parquet_dir / f"{table}.parquet")
    _write_manifest(release, made, at)
    with settings.connect() as connection:
        mart_revisions.write(connection, REGION, before, of_release(history.read(release)), parquet_dir)
    _write_manifest(release, made, at)
    return Release(REGION, made.month, number, release.path)


def revisions(release: Release) -> list[tuple[Any, ...]]:
    """(Table, key without region, figure, old, new, cause) of a release's revisions, numbers as text."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select * exclude (region_code, month, difference) from read_parquet(?)",
            [str(release.path / "marts" / "parquet" / "mart_revisions.parquet")],
        ).fetchall()
    return [
        (table, tuple(json.loads(key).values())[1:], figure, _short(old), _short(new), cause)
        for table, key, figure, old, new, cause in rows
    ]


def _short(value: Any) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def _write(table: str, rows: list[tuple[Any, ...]], path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create table made ({COLUMNS[table]})")
        if rows:
            marks = ", ".join("?" for _ in rows[0])
            connection.executemany(f"insert into made values ('{REGION}', {marks})", rows)
        connection.execute(f"copy made to {literal(path)} (format parquet)")


def _dbt(made: Made) -> dict[str, Any]:
    nodes: dict[str, Any] = {}
    for table, key in made.keys.items():
        nodes[f"model.lus.{table}"] = _model(table, made.sql.get(table, "1"), [])
        nodes[f"test.lus.key_{table}"] = {
            "resource_type": "test",
            "attached_node": f"model.lus.{table}",
            "test_metadata": {"name": "unique_key", "kwargs": {"key": key}},
        }
    nodes["model.lus.int_days"] = {
        **_model("int_days", made.sql.get("int_days", "1"), ["macro.lus.outer"]),
        "schema": "core",
    }
    nodes["seed.lus.day_rates"] = nodes["seed.lus.districts"] = {"resource_type": "seed"}
    parents = {f"model.lus.{table}": parents for table, parents in PARENTS.items()}
    macros = {
        "macro.lus.outer": {"macro_sql": "inner()", "depends_on": {"macros": ["macro.lus.inner", "macro.dbt.gone"]}},
        "macro.lus.inner": {"macro_sql": made.macro, "depends_on": {"macros": []}},
    }
    return {"nodes": nodes, "parent_map": {**parents, "model.lus.int_days": []}, "macros": macros}


def _model(name: str, checksum: str, macros: list[str]) -> dict[str, Any]:
    return {
        "resource_type": "model",
        "schema": "main",
        "name": name,
        "checksum": {"name": "sha256", "checksum": checksum},
        "depends_on": {"macros": macros},
    }


def _write_manifest(release: Release, made: Made, at: str) -> None:
    files = {
        path.relative_to(release.path).as_posix(): {"sha256": file_sha256(path)}
        for path in sorted(release.path.rglob("*"))
        if path.is_file() and path != release.path / "manifest.json"
    }
    facts: dict[str, Any] = {
        "release": release.name,
        "region": REGION,
        "month": made.month,
        "published_at": datetime.fromisoformat(at).isoformat(),
        "code_version": made.code_version,
        "deliveries": [_delivery(made, month) for month in months_between(made.first_month, made.month)],
        "reference": made.reference,
        "earlier_releases": [{"month": month, "sha256": sha256} for month, sha256 in made.frozen.items()],
        "files": files,
        "tables": {table: {"rows": len(rows)} for table, rows in made.rows.items()},
        "verdict": {},
        "waivers": made.waivers,
    }
    facts["manifest_hash"] = manifest.own_hash(facts)
    (release.path / "manifest.json").write_text(json.dumps(facts))


def _delivery(made: Made, month: str) -> dict[str, Any]:
    version = made.versions.get(month, 1)
    sha256 = hashlib.sha256(f"{month} {version}".encode()).hexdigest()
    return {
        "month": month,
        "version": version,
        "digest": made.digests.get(month, sha256[:32]),
        "files": {"episodes.csv": {"sha256": sha256}},
    }
