"""Ingestion: a delivery is verified, checked row by row, pseudonymised and written as Parquet, once per content."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from dagster_project.deliveries import contract, landing, loading, localtime, mapping, pseudonyms
from dagster_project.deliveries.landing import Delivery
from dagster_project.deliveries.mapping import Mapping
from dagster_project.errors import DeliveryMissing
from dagster_project.months import months_between
from dagster_project.settings import Settings, private_directory

FACTS = "bronze.json"
SHOWS_IN_DAGSTER = {"assets.py", "triggers.py", "lateness.py"}
"""Modules beside this one that no byte of bronze hangs on."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class BronzeDelivery:
    """A delivery as bronze holds it: ``path`` is its directory, ``extracted_at`` is in UTC."""

    region: str
    month: str
    version: int
    source_system: str
    extracted_at: datetime
    digest: str
    path: Path
    is_synthetic: bool


def ingest(settings: Settings, region: str, month: str, say: Say | None = None) -> BronzeDelivery:
    """Bring the winning delivery of a region and month into bronze, or find it there.

    Raises DeliveryMissing where the month has no complete delivery, DeliveryRejected where it is rejected whole (also
    if a lower version would have been accepted), ConfigurationError for a bad key or mapping file. ``say`` is told of
    progress.
    """
    delivery, adapter, key, found = _identify(settings, region, month)
    if not is_ingested(found):
        with _workplace(settings, region, month) as spill:
            if not is_ingested(found):
                _write(settings, delivery, adapter, key, found, spill, say or _silent)
    return found


def is_ingested(delivery: BronzeDelivery) -> bool:
    """Whether bronze holds this very content: its facts are written last."""
    return (delivery.path / FACTS).is_file()


def _identify(settings: Settings, region: str, month: str) -> tuple[Delivery, Mapping, bytes, BronzeDelivery]:
    """The winning delivery, what reads it, and the place in bronze that its content has or will have."""
    directory = landing.winning(settings.landing, region, month)
    if directory is None:
        raise DeliveryMissing(
            f"Region {region} has no complete delivery for {month}: expected a delivery.json in a version (v01, v02 …) "
            f"of {settings.landing / region / month}."
        )
    delivery = landing.read(directory)
    adapter = mapping.find(delivery.source_system, settings.mappings)
    key = pseudonyms.read_key(settings)
    digest = _digest(delivery, adapter, key)
    place = settings.bronze / region / month / digest
    made = BronzeDelivery(
        region, month, delivery.version, delivery.source_system, delivery.extracted_at, digest, place,
        delivery.is_synthetic,
    )  # fmt: skip
    return delivery, adapter, key, made


def ingest_through(settings: Settings, region: str, month: str, say: Say | None = None) -> list[BronzeDelivery]:
    """Ingest every month from the region's first delivery through ``month``, in order.

    Raises DeliveryMissing naming the months without one; otherwise as ``ingest``.
    """
    return [ingest(settings, region, one, say) for one in _needed(settings, region, month)]


def is_ingested_through(settings: Settings, region: str, month: str) -> bool:
    """Whether ``ingest_through`` would find everything in bronze. Raises as it does for what is missing."""
    return all(is_ingested(_identify(settings, region, one)[-1]) for one in _needed(settings, region, month))


def _needed(settings: Settings, region: str, month: str) -> list[str]:
    delivered = landing.months(settings.landing, region)
    if not delivered or delivered[0] > month:
        raise DeliveryMissing(f"Region {region} has no delivery for {month} or earlier in {settings.landing}.")
    expected = months_between(delivered[0], month)
    missing = [one for one in expected if one not in delivered]
    if missing:
        raise DeliveryMissing(
            f"Region {region} has no delivery for {', '.join(missing)}: every month from its first, {delivered[0]}, "
            f"through {month} is needed in {settings.landing / region}."
        )
    return expected


def _silent(_: str) -> None:
    return


def _digest(delivery: Delivery, adapter: Mapping, key: bytes) -> str:
    """Names a bronze directory: whatever could change its content is in it."""
    here = Path(__file__).parent
    code = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(here.glob("*.py"))
        if path.name not in SHOWS_IN_DAGSTER
    }
    facts = {
        "delivery": [
            delivery.region, delivery.month, delivery.version, delivery.source_system,
            delivery.extracted_at.isoformat(), delivery.person_ids_are_pseudonyms, delivery.is_synthetic,
        ],
        "files": [
            [file.name, file.rows, file.sha256, file.encoding, file.delimiter] for file in delivery.files.values()
        ],
        "mapping": adapter.digest,
        "contract": hashlib.sha256(contract.FEEDS_FILE.read_bytes()).hexdigest(),
        "code": code,
        "key": pseudonyms.fingerprint(key),
    }  # fmt: skip
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


@contextlib.contextmanager
def _workplace(settings: Settings, region: str, month: str) -> Iterator[Path]:
    """A private directory for person ids in clear, held by a lock that dies with its process, and emptied at the end.

    What a killed run left behind, here or for another month, is deleted first.
    """
    private_directory(settings.home)
    private_directory(settings.work)
    spills, locks = private_directory(settings.work / "spill"), private_directory(settings.work / "locks")
    name = f"ingest-{region}-{month}"
    for left in spills.glob("ingest-*"):
        if left.name != name:
            with _locked(locks / f"{left.name}.lock", wait=False) as free:
                if free:
                    shutil.rmtree(left, ignore_errors=True)
    with _locked(locks / f"{name}.lock", wait=True):
        spill = spills / name
        shutil.rmtree(spill, ignore_errors=True)
        try:
            yield private_directory(spill)
        finally:
            shutil.rmtree(spill, ignore_errors=True)


@contextlib.contextmanager
def _locked(path: Path, *, wait: bool) -> Iterator[bool]:
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def _write(
    settings: Settings, delivery: Delivery, adapter: Mapping, key: bytes, made: BronzeDelivery, spill: Path, say: Say
) -> None:
    target = made.path
    for parent in (settings.bronze, target.parent.parent, target.parent):
        private_directory(parent)
    for left in target.parent.glob(".*.new"):
        shutil.rmtree(left)
    fresh = private_directory(target.parent / f".{target.name}.new")
    try:
        with _connect(settings, spill) as connection:
            pseudonyms.set_key(connection, key)
            localtime.create_zone_tables(connection)
            loader = loading.Loader(connection, delivery, adapter, spill, fresh)
            say(f"  reading {delivery.name}, {sum(file.rows for file in delivery.files.values())} rows")
            for feed in contract.feeds().values():
                loader.load(feed, delivery.files.get(feed.name))
            loader.write_tables()
            _write_facts(connection, made, fresh)
        _settle(fresh, target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _connect(settings: Settings, spill: Path) -> duckdb.DuckDBPyConnection:
    """An engine of ingestion's own: what it spills holds person ids in clear and goes with ``spill``."""
    connection = duckdb.connect(
        config={
            "threads": settings.threads,
            "memory_limit": settings.memory_limit,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    connection.execute("set TimeZone = 'UTC'")
    return connection


def _write_facts(connection: duckdb.DuckDBPyConnection, made: BronzeDelivery, fresh: Path) -> None:
    rows = connection.execute("select * from files order by file").fetchall()
    names = ("feed", "sha256", "rows_delivered", "rows_loaded", "rows_quarantined")
    facts = {
        "region_code": made.region,
        "month": made.month,
        "version": made.version,
        "source_system": made.source_system,
        "extracted_at": made.extracted_at.astimezone(UTC).isoformat(),
        "digest": made.digest,
        "is_synthetic": made.is_synthetic,
        "files": {file: dict(zip(names, (feed, *rest), strict=True)) for feed, file, *rest in rows},
        "parquet": {path.name: _sha256(path) for path in sorted(fresh.glob("*.parquet"))},
    }
    path = fresh / FACTS
    path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    path.chmod(0o600)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _settle(fresh: Path, target: Path) -> None:
    """Flush everything, then make it appear by one rename: a half-written directory never counts."""
    for path in (*fresh.iterdir(), fresh):
        _flush(path)
    fresh.rename(target)
    _flush(target.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
