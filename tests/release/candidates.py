"""Small candidates, built as the warehouse and the gate build them: real files, real seal, real verdict."""

from __future__ import annotations

import atexit
import hashlib
import json
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.gate import verdict
from dagster_project.gate.checks import CheckResult
from dagster_project.releases import catalogue, publish, seal
from dagster_project.releases.catalogue import Release
from dagster_project.settings import Settings

REGION = "01"
MONTH = "2026-10"
EXTRACTED_AT = datetime(2026, 11, 3, 1, 10, tzinfo=UTC)
PUBLISHED_AT = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)

PRIMARY_KEYS = {
    "fct_spells": ["region_code", "spell_id"],
    "mart_ready_days_monthly": ["region_code", "month", "municipality_code"],
    "mart_billing_readiness_monthly": ["region_code", "month", "unit_type", "unit_id", "criterion"],
    "dim_billing_criterion": ["criterion", "unit_type", "valid_from"],
    "dim_municipality": ["municipality_code"],
    "dim_district": ["municipality_code", "district_code"],
    "dim_indicator": ["indicator_id"],
    "dim_region": ["region_code"],
    "audit_deliveries": ["region_code", "delivery_month", "version", "file"],
}

TABLES = """
create table fct_spells as
    select '01' as region_code, 's' || hash_id as spell_id, 'Ås; "ö" ''' || (i % 7) as care_area,
        timestamptz '2026-10-25 00:30:00+00' + to_minutes(i::integer) as admitted_at, i % 3 = 0 as is_open,
        case when i % 5 = 0 then null else (i % 90)::integer end as age
    from (select i, md5(i::varchar) as hash_id from range({rows}) numbers(i));
create table mart_ready_days_monthly as
    select '01' as region_code, date '2026-10-01' as month, lpad((180 + i)::varchar, 4, '0') as municipality_code,
        (i * {factor})::integer as ready_days, (i * 1.37)::decimal(14, 2) as amount
    from range(26) numbers(i);
create table audit_deliveries (region_code varchar, delivery_month date, version integer, file varchar, sha256 varchar,
    rows_delivered bigint, rows_loaded bigint, rows_quarantined bigint);
create table audit_quarantine (region_code varchar, delivery_month date, version integer, file varchar, line bigint,
    reasons varchar, "row" varchar);
create table mart_billing_readiness_monthly as
    select '01' as region_code, date '2026-10-01' as month, 'municipality' as unit_type,
        lpad((180 + i)::varchar, 4, '0') as unit_id, criterion, 0.9::decimal(18, 6) as value,
        0.95::decimal(18, 6) as threshold, false as passed, missing as missing_for_verdict
    from range(26) numbers(i)
    cross join (values ('orphans', '0.050000'), ('verdict', 'orphans=0.050000')) judged(criterion, missing);
create table dim_billing_criterion as
    select 'orphans' as criterion, 'municipality' as unit_type, date '2018-01-01' as valid_from,
        null::date as valid_to, 'at_least' as direction, 0.95::decimal(14, 4) as threshold, 20 as least_cases,
        true as is_required, 'share' as unit, 1 as position, 'rader utan moderpost' as term_sv,
        'Andel rader.' as definition_sv, 'Share of rows.' as definition_en, 'provisional' as status,
        'ett förslag' as source;
create table dim_municipality as
    select '0180' as municipality_code, 'Stockholm' as name, '0180 Stockholm' as display_name,
        null::varchar as region_code, true as has_districts, date '1999-01-01' as valid_from, null::date as valid_to;
create table dim_district as
    select '0180' as municipality_code, '31' as district_code, 'Järva' as name;
create table dim_indicator as
    select 'day_zero' as indicator_id, 'utskriven på dag noll' as term_sv, 'higher' as direction;
create table dim_region as select '01' as region_code, 'Region Stockholm' as name;
create table not_published as select 1 as one;
create schema rules;
create table rules.int_intervals as select i, i * 2 as days from range(10) numbers(i);
"""


def build(settings: Settings, region: str = REGION, month: str = MONTH, *, factor: int = 1, rows: int = 200) -> Path:
    """A candidate as dbt leaves it; ``factor`` moves a figure and, with it, the inputs' hash."""
    candidate = settings.candidate(region, month)
    if candidate.exists():
        shutil.rmtree(candidate)
    (candidate / "dbt").mkdir(parents=True)
    with settings.connect(candidate / "warehouse.duckdb") as connection:
        connection.execute(TABLES.format(factor=factor, rows=rows))
    _write_dbt(candidate / "dbt")
    docs = candidate / "gate" / "data_docs"
    docs.mkdir(parents=True)
    (docs / "index.html").write_text("<h1>data docs</h1>")
    write_inputs(candidate, region, month, factor)
    return candidate


def write_inputs(candidate: Path, region: str, month: str, factor: int) -> None:
    inputs: dict[str, Any] = {
        "region": region,
        "month": month,
        "code_version": "0123456789abcdef",
        "deliveries": [
            {
                "region_code": region,
                "month": month,
                "version": factor,
                "digest": f"{factor:032x}",
                "source_system": "canonical",
                "extracted_at": EXTRACTED_AT.isoformat(),
                "is_synthetic": False,
                "files": {},
            }
        ],
        "newest_extracted_at": EXTRACTED_AT.isoformat(),
        "reference": {"regions": "ab" * 32},
        "earlier_releases": [],
        "waivers_sha256": None,
    }
    inputs["inputs_hash"] = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
    (candidate / "inputs.json").write_text(json.dumps(inputs))


def _write_dbt(target: Path) -> None:
    nodes: dict[str, dict[str, Any]] = {}
    for name, key in PRIMARY_KEYS.items():
        nodes[f"model.lus.{name}"] = {
            "resource_type": "model",
            "schema": "main",
            "name": name,
            "checksum": {"name": "sha256", "checksum": name},
            "depends_on": {"macros": []},
            "description": f"One row per key of {name};\nit's a test.",
            "config": {"meta": {"term_sv": "vårdepisoder"}},
            "columns": {
                "region_code": {"description": "the region", "config": {"meta": {"term_sv": "region"}}, "meta": {}}
            },
        }
        nodes[f"test.lus.unique_key_{name}"] = {
            "resource_type": "test",
            "schema": "main",
            "name": f"unique_key_{name}",
            "attached_node": f"model.lus.{name}",
            "test_metadata": {"name": "unique_key", "kwargs": {"key": key}},
        }
    nodes["test.lus.singular"] = {"resource_type": "test", "schema": "main", "name": "singular"}
    parents: dict[str, list[str]] = {unique_id: [] for unique_id in nodes}
    (target / "manifest.json").write_text(json.dumps({"nodes": nodes, "parent_map": parents, "macros": {}}))
    for name in ("run_results.json", "catalog.json"):
        (target / name).write_text("{}")
    (target / "index.html").write_text("<h1>docs</h1>")
    (target / "partial_parse.msgpack").write_bytes(b"not for a release")


def check(name: str, source: str, result: str = "passed", severity: str = "block") -> CheckResult:
    return CheckResult(name, source, "plausibility", severity, "fct_spells", result, "41 of 500", "at least 450")


def judge(
    settings: Settings, region: str = REGION, month: str = MONTH, *, result: str = "passed", content_hash: str = ""
) -> verdict.Verdict:
    """A verdict on the sealed candidate; red where ``result`` is not passed."""
    candidate = settings.candidate(region, month)
    return verdict.decide(
        candidate,
        content_hash or seal.read(candidate).content_hash,
        [check("keys_are_unique", "dbt"), check("hospitals_are_there", "expectations", result)],
        [],
        EXTRACTED_AT,
        json.loads((candidate / "inputs.json").read_text()),
    )


def prepare(settings: Settings, region: str = REGION, month: str = MONTH, *, factor: int = 1, rows: int = 200) -> Path:
    """A candidate that is built, sealed and judged fit to publish."""
    candidate = build(settings, region, month, factor=factor, rows=rows)
    seal.seal_candidate(settings, region, month)
    judge(settings, region, month)
    return candidate


def released(settings: Settings, region: str = REGION, month: str = MONTH, *, factor: int = 1) -> Release:
    """A published candidate; the first of a home is a copy of one that is made once for each test process."""
    if not settings.releases.exists():
        shutil.copytree(_first_release(region, month, factor), settings.home, symlinks=True, dirs_exist_ok=True)
        return catalogue.newest(settings, region, month)
    return _publish(settings, region, month, factor)


@cache
def _first_release(region: str, month: str, factor: int) -> Path:
    home = Path(tempfile.mkdtemp(prefix="lus-tests-"))
    atexit.register(shutil.rmtree, home)
    _publish(Settings(home, home / "landing"), region, month, factor)
    return home


def _publish(settings: Settings, region: str, month: str, factor: int) -> Release:
    prepare(settings, region, month, factor=factor)
    return publish.publish(settings, region, month, now=PUBLISHED_AT)


def snapshot(directory: Path) -> dict[str, str]:
    """Every file and link below a directory with its bytes' hash or its target; links are not followed."""
    found = {}
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def change_cell(database: Path, statement: str) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(statement)


if __name__ == "__main__":
    home, month, threads, rows = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    own = Settings(home, home / "landing", threads=threads)
    released(own, REGION, month)
    prepare(own, REGION, month, factor=2, rows=rows)
    publish.publish(own, REGION, month, now=PUBLISHED_AT)
