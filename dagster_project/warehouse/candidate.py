"""The candidate: one region and month in a file of its own.

It is built from bronze and the reference tables and, for what earlier releases said of their own months, from a copy of
that.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project import months
from dagster_project.code_version import code_version
from dagster_project.deliveries.contract import feeds
from dagster_project.settings import Settings, private_directory

if TYPE_CHECKING:
    from dagster_project.deliveries.bronze import BronzeDelivery
    from dagster_project.reference.tables import Reference
    from dagster_project.releases.frozen import FrozenMonth

BRONZE_TABLES = [*feeds(), "quarantine", "files", "reports"]


@dataclass(frozen=True)
class Sources:
    """What a candidate is built from: ``deliveries`` and ``frozen`` are in order of month, the oldest first."""

    deliveries: list[BronzeDelivery]
    reference: Reference
    frozen: list[FrozenMonth]


def collect(settings: Settings, region: str, month: str) -> Sources:
    """The bronze of every month through ``month``, the reference tables in force and the frozen months, all checked.

    Raises DeliveryMissing, DeliveryRejected, ReferenceRowError, or VerificationFailed on a damaged earlier release.
    """
    from dagster_project.deliveries import bronze, identity
    from dagster_project.reference import tables
    from dagster_project.releases import frozen

    reference = tables.load(settings)
    reference.check_calendar(month)
    deliveries = bronze.ingest_through(settings, region, month)
    with settings.connect() as connection:
        identity.check_links(connection, [delivery.path / "identity_links.parquet" for delivery in deliveries])
    return Sources(deliveries, reference, frozen.frozen_months(settings, region, deliveries[0].month, month, reference))


def gather_inputs(settings: Settings, region: str, month: str, sources: Sources) -> dict[str, Any]:
    """Everything that a release is a function of, as the facts that its manifest will list.

    Two runs with the same ``inputs_hash`` give the same release.
    """
    waivers = settings.landing / region / "waivers.csv"
    inputs: dict[str, Any] = {
        "region": region,
        "month": month,
        "code_version": code_version(),
        "deliveries": [_facts(delivery) for delivery in sources.deliveries],
        "newest_extracted_at": max(delivery.extracted_at for delivery in sources.deliveries).isoformat(),
        "reference": sources.reference.hashes,
        "earlier_releases": [frozen.facts for frozen in sources.frozen],
        "waivers_sha256": hashlib.sha256(waivers.read_bytes()).hexdigest() if waivers.is_file() else None,
    }
    inputs["inputs_hash"] = _hash(inputs)
    return inputs


def _hash(inputs: dict[str, Any]) -> str:
    """SHA-256 over all inputs but earlier manifests' hashes: manifests tell the time, and no clock enters a release."""
    earlier = [
        {name: fact for name, fact in release.items() if name != "manifest_hash"}
        for release in inputs["earlier_releases"]
    ]
    return hashlib.sha256(json.dumps({**inputs, "earlier_releases": earlier}, sort_keys=True).encode()).hexdigest()


def _facts(delivery: BronzeDelivery) -> dict[str, Any]:
    return dict(json.loads((delivery.path / "bronze.json").read_text(encoding="utf-8")))


def prepare(settings: Settings, inputs: dict[str, Any], sources: Sources) -> Path:
    """Lay an empty candidate with its inputs: schema ``bronze`` as views, ``installation`` and ``released`` as tables.

    What an earlier run left is removed first. Returns the candidate's directory.
    """
    from dagster_project.releases import frozen

    directory = settings.candidate(inputs["region"], inputs["month"])
    if directory.exists():
        shutil.rmtree(directory)
    private_directory(directory)
    with settings.connect(directory / "warehouse.duckdb") as connection:
        connection.execute("create schema bronze")
        for table in BRONZE_TABLES:
            files = ", ".join(_quoted(delivery.path / f"{table}.parquet") for delivery in sources.deliveries)
            connection.execute(f"create view bronze.{table} as select * from read_parquet([{files}])")
        connection.execute(
            "create table bronze.deliveries (region_code varchar, delivery_month date, version integer, "
            "source_system varchar, extracted_at timestamptz, digest varchar)"
        )
        connection.executemany(
            "insert into bronze.deliveries values (?, ?, ?, ?, ?, ?)",
            [
                (d.region, months.first_day(d.month), d.version, d.source_system, d.extracted_at, d.digest)
                for d in sources.deliveries
            ],
        )
        connection.execute(
            "create table bronze.candidate (region_code varchar, month date, month_end date, first_month date, "
            "newest_extracted_at timestamptz)"
        )
        connection.execute(
            "insert into bronze.candidate values (?, ?, ?, ?, ?)",
            (
                inputs["region"],
                months.first_day(inputs["month"]),
                months.last_day(inputs["month"]),
                months.first_day(sources.deliveries[0].month),
                datetime.fromisoformat(inputs["newest_extracted_at"]).astimezone(UTC),
            ),
        )
        sources.reference.write_installation(connection)
        frozen.write_released(connection, sources.frozen)
    (directory / "inputs.json").write_text(json.dumps(inputs, indent=1, sort_keys=True), encoding="utf-8")
    return directory


def read_inputs(directory: Path) -> dict[str, Any]:
    return dict(json.loads((directory / "inputs.json").read_text(encoding="utf-8")))


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
