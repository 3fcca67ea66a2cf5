"""The candidate: one region and month, built from bronze and the reference tables alone, in a file of its own."""

from __future__ import annotations

import hashlib
import json
import shutil
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

BRONZE_TABLES = [*feeds(), "quarantine", "files", "reports"]


def collect(settings: Settings, region: str, month: str) -> tuple[list[BronzeDelivery], Reference]:
    """The bronze of every month through ``month`` and the reference tables in force, both checked.

    Raises DeliveryMissing, DeliveryRejected or ReferenceRowError.
    """
    from dagster_project.deliveries import bronze, identity
    from dagster_project.reference import tables

    reference = tables.load(settings)
    reference.check_calendar(month)
    deliveries = bronze.ingest_through(settings, region, month)
    with settings.connect() as connection:
        identity.check_links(connection, [delivery.path / "identity_links.parquet" for delivery in deliveries])
    return deliveries, reference


def gather_inputs(
    settings: Settings, region: str, month: str, deliveries: list[BronzeDelivery], reference: Reference
) -> dict[str, Any]:
    """Everything that a release is a function of, as the facts that its manifest will list.

    ``inputs_hash`` is a SHA-256 over all of it; two runs with the same hash give the same release.
    """
    waivers = settings.landing / region / "waivers.csv"
    inputs: dict[str, Any] = {
        "region": region,
        "month": month,
        "code_version": code_version(),
        "deliveries": [_facts(delivery) for delivery in deliveries],
        "newest_extracted_at": max(delivery.extracted_at for delivery in deliveries).isoformat(),
        "reference": reference.hashes,
        "waivers_sha256": hashlib.sha256(waivers.read_bytes()).hexdigest() if waivers.is_file() else None,
    }
    inputs["inputs_hash"] = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
    return inputs


def _facts(delivery: BronzeDelivery) -> dict[str, Any]:
    return dict(json.loads((delivery.path / "bronze.json").read_text(encoding="utf-8")))


def prepare(settings: Settings, inputs: dict[str, Any], deliveries: list[BronzeDelivery], reference: Reference) -> Path:
    """Lay an empty candidate with its inputs: schema ``bronze`` as views, ``installation`` as tables.

    What an earlier run left is removed first. Returns the candidate's directory.
    """
    directory = settings.candidate(inputs["region"], inputs["month"])
    if directory.exists():
        shutil.rmtree(directory)
    private_directory(directory)
    with settings.connect(directory / "warehouse.duckdb") as connection:
        connection.execute("create schema bronze")
        for table in BRONZE_TABLES:
            files = ", ".join(_quoted(delivery.path / f"{table}.parquet") for delivery in deliveries)
            connection.execute(f"create view bronze.{table} as select * from read_parquet([{files}])")
        connection.execute(
            "create table bronze.deliveries (region_code varchar, delivery_month date, version integer, "
            "source_system varchar, extracted_at timestamptz, digest varchar)"
        )
        connection.executemany(
            "insert into bronze.deliveries values (?, ?, ?, ?, ?, ?)",
            [
                (d.region, months.first_day(d.month), d.version, d.source_system, d.extracted_at, d.digest)
                for d in deliveries
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
                months.first_day(deliveries[0].month),
                datetime.fromisoformat(inputs["newest_extracted_at"]).astimezone(UTC),
            ),
        )
        reference.write_installation(connection)
    (directory / "inputs.json").write_text(json.dumps(inputs, indent=1, sort_keys=True), encoding="utf-8")
    return directory


def read_inputs(directory: Path) -> dict[str, Any]:
    return dict(json.loads((directory / "inputs.json").read_text(encoding="utf-8")))


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
