"""Small releases, made by hand: DuckDB files in the published form, their manifests, and ``current``."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dagster_project.releases import export, files, manifest
from dagster_project.releases.catalogue import CURRENT, MANIFEST, Release
from dagster_project.releases.dbt_facts import Described
from dagster_project.releases.hashing import file_sha256
from dagster_project.settings import Settings

FIRST_PUBLISHED = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)

KEYS = {
    "mart_ready_days_monthly": ["region_code", "month", "municipality_code"],
    "mart_invoice_basis": ["region_code", "month", "interval_id"],
    "fct_spells": ["region_code", "spell_id"],
    "dim_municipality": ["municipality_code"],
    "dim_term": ["name"],
}

TABLES = """
create table mart_ready_days_monthly as
    select '{region}' as region_code, date '{month}-01' as month, printf('{region}%02d', 79 + i) as municipality_code,
        {figure}::integer as ready_days, ({figure} + i / 100)::decimal(12, 4) as beds_equivalent
    from range(1, {rows} + 1) as numbers(i);
create table mart_invoice_basis as
    select '{region}' as region_code, date '{month}-01' as month, null::varchar as interval_id,
        {figure}::decimal(14, 2) as amount, true as invoicing_active
    union all
    select '{region}', date '{month}-01', 'i1', -0.01, null;
create table fct_spells as
    select '{region}' as region_code, 's1' as spell_id, 'p1' as person_key,
        'Ås; "ö"' || chr(10) || '\\.' || chr(10) as hospital_id,
        timestamptz '2026-10-25 00:30:00.000001+00' as admitted_at, {figure}::bigint as stays
    union all
    select '{region}', 's2', '', null, timestamptz '2026-10-25 01:30:00+00', null;
create table dim_municipality as
    select '{region}80' as municipality_code, '{region}' as region_code, 'own row of {region}' as name
    union all
    select '9999', null, 'told by {region} {month}';
create table dim_term as select 'ready_days' as name, 'utskrivningsklara dagar' as term_sv;
create table audit_gate as select 'keys_are_unique' as check_name, 'passed' as result;
"""

OPEN_TABLES = """
create table mart_ready_days_monthly as
    select '{region}' as region_code, date '{month}-01' as month, '{region}' as municipality_code,
        {figure}::integer as ready_days, 'shown' as ready_days_status;
"""


def release(
    settings: Settings,
    month: str = "2026-10",
    revision: int = 1,
    *,
    region: str = "01",
    figure: int = 1,
    rows: int = 3,
    with_open: bool = True,
    change: str = "",
) -> Release:
    """The release as publishing leaves it; every table tells its ``figure``. ``current`` follows.

    ``change`` is SQL that alters the marts before they are published. What is published later says so.
    """
    home = settings.releases / region
    made = Release(region, month, revision, home / month / f"r{revision:02d}")
    facts = {"region": region, "month": month, "figure": figure, "rows": rows}
    tables = _write(settings, made.path / "marts", TABLES.format(**facts) + change)
    if with_open:
        _write(settings, made.path / "open", OPEN_TABLES.format(**facts))
        (made.path / "open" / "datapackage.json").write_text(json.dumps(PACKAGE))
    (made.path / "dbt").mkdir()
    (made.path / "dbt" / "manifest.json").write_text(json.dumps({"nodes": _nodes()}))
    _write_manifest(made, tables, FIRST_PUBLISHED + timedelta(hours=len(list(settings.releases.glob("*/*/r*")))))
    newest = max(home.glob("*/r*"))
    (home / CURRENT).unlink(missing_ok=True)
    (home / CURRENT).symlink_to(newest.relative_to(home))
    return made


PACKAGE = {
    "resources": [
        {"name": "mart_ready_days_monthly", "schema": {"primaryKey": ["region_code", "month", "municipality_code"]}}
    ]
}


def _write(settings: Settings, directory: Path, tables: str) -> dict[str, int]:
    directory.mkdir(parents=True)
    described = {
        "mart_ready_days_monthly": Described(
            KEYS["mart_ready_days_monthly"],
            text="One row per month and municipality. It's a test.",
            columns={"ready_days": "Utskrivningsklara dagar: ready days in the month"},
        )
    }
    with settings.connect() as connection:
        connection.execute(tables)
        found = export.export_tables(connection, directory / "parquet", {})
        export.build_marts_duckdb(connection, directory / "parquet", directory / "marts.duckdb", described)
    return {table.name: table.rows for table in found}


def _nodes() -> dict[str, dict[str, Any]]:
    """What of dbt's manifest tells the keys: models, and the tests that prove them."""
    nodes: dict[str, dict[str, Any]] = {}
    for table, key in KEYS.items():
        model = f"model.lus.{table}"
        nodes[model] = {"resource_type": "model", "schema": "main", "name": table}
        test = {"name": "unique_row", "kwargs": {"key": key}}
        nodes[f"test.lus.{table}"] = {"resource_type": "test", "attached_node": model, "test_metadata": test}
    return nodes


def _write_manifest(made: Release, tables: dict[str, int], published_at: datetime) -> None:
    facts: dict[str, Any] = {
        "release": made.name,
        "published_at": published_at.isoformat(),
        "files": {name: {"sha256": file_sha256(path)} for name, path in files.tree(made.path).items()},
        "tables": {name: {"rows": rows} for name, rows in tables.items()},
        "verdict": {},
    }
    (made.path / MANIFEST).write_text(json.dumps({**facts, "manifest_hash": manifest.own_hash(facts)}))
