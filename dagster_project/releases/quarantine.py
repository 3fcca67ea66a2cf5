"""Quarantined rows of a release as the sender delivered them, to be corrected and sent again.

The originals hold person ids. They are copied from the landing zone to a place outside ``LUS_HOME`` that the user
names, and stay nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.deliveries import originals
from dagster_project.errors import DeliveryRejected, VerificationFailed
from dagster_project.releases import files
from dagster_project.releases.catalogue import Release
from dagster_project.releases.hashing import file_sha256, parquet
from dagster_project.settings import Settings

Rows = list[tuple[str, int, str]]
"""Quarantined rows of one delivery as (file, line, reasons)."""


@dataclass(frozen=True)
class Written:
    """One delivery's quarantined rows: where they were written, or why they could not be (``fault``, else empty)."""

    delivery: str
    rows: int
    directory: Path | None = None
    fault: str = ""


def write_quarantined(settings: Settings, release: Release, out: Path) -> list[Written]:
    """Copy the original records of the release's ``audit_quarantine`` to ``out/<yyyy-mm>/v<nn>/``, by delivery.

    ``out`` is outside ``LUS_HOME`` and the landing zone, and does not exist or is empty; else ConfigurationError. A
    delivery that is gone from the landing zone, or no longer what the release was made from, is told as a fault, and
    the others are written. Without quarantined rows nothing is made.
    """
    files.check_new_place(settings, out, "the originals hold person ids and must not lie there")
    written = []
    for (month, version), rows in _quarantined(settings, release).items():
        delivery = settings.landing / release.region / month / f"v{version:02d}"
        name = f"{release.region}/{month}/v{version:02d}"
        fault = _fault(settings, release, delivery, month, version, {file for file, _, _ in rows})
        if not fault:
            try:
                directory = _private(out, month, delivery.name)
                originals.copy_quarantined(delivery, rows, directory)
                written.append(Written(name, len(rows), directory))
                continue
            except DeliveryRejected as error:
                fault = str(error)
        written.append(Written(name, len(rows), fault=fault))
    return written


def _quarantined(settings: Settings, release: Release) -> dict[tuple[str, int], Rows]:
    rows: dict[tuple[str, int], Rows] = defaultdict(list)
    for month, version, file, line, reasons in _read(settings, release, "audit_quarantine", "file, line, reasons"):
        rows[_month(month), version].append((file, line, reasons))
    return rows


def _fault(settings: Settings, release: Release, delivery: Path, month: str, version: int, names: set[str]) -> str:
    if not delivery.is_dir():
        return f"{delivery} is gone from the landing zone: ask the sender, or restore it from a backup"
    expected = {
        file: sha256
        for its_month, its_version, file, sha256 in _read(settings, release, "audit_deliveries", "file, sha256")
        if (_month(its_month), its_version) == (month, version)
    }
    for name in sorted(names):
        path = delivery / name
        if not path.is_file():
            return f"{path} is gone from the landing zone: ask the sender, or restore it from a backup"
        if file_sha256(path) != expected.get(name):
            return f"{path} has changed since the release: its lines are not the ones that were quarantined"
    return ""


def _read(settings: Settings, release: Release, table: str, columns: str) -> list[tuple[Any, ...]]:
    """Rows of an audit table as (delivery_month, version, columns), in order. Raises VerificationFailed."""
    path = release.path / "marts" / "parquet" / f"{table}.parquet"
    try:
        with settings.connect() as connection:
            return connection.execute(
                f"select delivery_month, version, {columns} from {parquet(path)} order by all"
            ).fetchall()
    except duckdb.Error as error:
        raise VerificationFailed(
            f"{path} cannot be read: the release is damaged. Restore it from a backup; 'lus verify {release.name}' "
            "lists what differs."
        ) from error


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _private(out: Path, *folders: str) -> Path:
    """``out/<folders>`` for its owner alone; ``out`` itself too, should it have been made with other rights."""
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    out.chmod(0o700)
    directory = out
    for folder in folders:
        directory = directory / folder
        directory.mkdir(mode=0o700, exist_ok=True)
    return directory
