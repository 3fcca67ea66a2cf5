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
from typing import Any

import duckdb

from dagster_project.deliveries import checks, contract, landing, localtime, mapping, pseudonyms, reading, source
from dagster_project.deliveries.contract import Feed
from dagster_project.deliveries.landing import DeliveredFile, Delivery
from dagster_project.deliveries.mapping import FeedMapping, Mapping
from dagster_project.errors import DeliveryMissing, DeliveryRejected
from dagster_project.months import months_between
from dagster_project.settings import Settings, private_directory

FACTS = "bronze.json"
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
    made = BronzeDelivery(region, month, delivery.version, delivery.source_system, delivery.extracted_at, digest, place)
    return delivery, adapter, key, made


def ingest_through(settings: Settings, region: str, month: str, say: Say | None = None) -> list[BronzeDelivery]:
    """Ingest every month from the region's first delivery through ``month``, in order.

    Raises DeliveryMissing naming the months without one; otherwise as ``ingest``.
    """
    return [ingest(settings, region, one, say) for one in _needed(settings, region, month)]


def is_ingested_through(settings: Settings, region: str, month: str) -> bool:
    """Whether ``ingest_through`` would find everything in bronze. Raises as it does for what is missing or cannot be."""
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
    code = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(here.glob("*.py"))}
    facts = {
        "delivery": [
            delivery.region, delivery.month, delivery.version, delivery.source_system,
            delivery.extracted_at.isoformat(), delivery.person_ids_are_pseudonyms,
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
            work = _Work(connection, delivery, adapter, spill, fresh)
            pseudonyms.set_key(connection, key)
            localtime.create_zone_tables(connection)
            _create_tables(connection)
            for feed in contract.feeds().values():
                file = delivery.files.get(feed.name)
                if file is None:
                    _empty(connection, feed, fresh)
                else:
                    say(f"{delivery.name}: reading {file.name}")
                    _feed(work, feed, file)
            _write_tables(work)
            _write_facts(work, made)
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


@dataclass(frozen=True)
class _Work:
    connection: duckdb.DuckDBPyConnection
    delivery: Delivery
    adapter: Mapping
    spill: Path
    fresh: Path


_TABLES = {
    "quarantine": "feed varchar, file varchar, line bigint, reasons varchar, row varchar",
    "files": "feed varchar, file varchar, sha256 varchar, rows_delivered bigint, rows_loaded bigint, "
    "rows_quarantined bigint",
    "reports": "feed varchar, file varchar, rule varchar, rows bigint",
}
_ORDER = {"quarantine": "feed, file, line", "files": "feed, file", "reports": "feed, file, rule"}


def _create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    for name, columns in _TABLES.items():
        connection.execute(f"create temp table {name} ({columns})")


def _feed(work: _Work, feed: Feed, file: DeliveredFile) -> None:
    connection, delivery = work.connection, work.delivery
    path, where = delivery.directory / file.name, f"{delivery.name}/{file.name}"
    facts = checks.Circumstances(delivery.region, delivery.extracted_at, delivery.person_ids_are_pseudonyms)
    layout = work.adapter.feed(feed)
    source.check_hash(path, file, where)
    kinds = {theirs: feed.columns[ours].kind for theirs, ours in layout.columns.items()}
    found = reading.read(
        connection, path, file, where, work.spill, lambda header: _check_header(header, feed, layout, where), kinds
    )
    _check_count(connection, found, file, where)
    _create_typed(connection, feed, layout, found.header, facts)
    _judge(connection, feed, facts)
    _quarantine(connection, feed, file, found)
    _copy_feed(work, feed, file)
    _count(connection, feed, file, found, facts)
    connection.execute("drop table judged; drop table bad; drop view typed; drop view texts")
    reading.drop(connection)


def _check_header(header: list[str], feed: Feed, layout: FeedMapping, where: str) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise DeliveryRejected(f"{where}, line 1: the column {_names(twice)} is there twice: deliver it once.")
    nameless = [str(place) for place, name in enumerate(header, 1) if not name]
    if nameless:
        raise DeliveryRejected(f"{where}, line 1: column number {', '.join(nameless)} has no name.")
    unknown = [name for name in header if name not in layout.columns and name not in layout.ignored]
    if unknown:
        raise DeliveryRejected(
            f"{where}, line 1: unknown column {_names(unknown)}; expected are {', '.join(layout.columns)}. Check the "
            "spelling and the delimiter."
        )
    missing = [
        theirs if theirs == ours else f"{theirs} ({ours})"
        for ours, column in feed.columns.items()
        if column.required and ours in layout.theirs and (theirs := layout.theirs[ours]) not in header
    ]
    if missing:
        raise DeliveryRejected(f"{where}, line 1: the required column {', '.join(missing)} is missing.")


def _names(names: list[str]) -> str:
    return ", ".join(repr(name[:60]) for name in names)


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    return row[0] if row else None


def _check_count(
    connection: duckdb.DuckDBPyConnection, found: reading.Reading, file: DeliveredFile, where: str
) -> None:
    rows = _one(connection, "select count(*) from delivered_rows") + len(found.malformed)
    if rows != file.rows:
        hint = (
            f" A quote that is not closed where it should be may be the reason: see line {found.stray_line}."
            if found.stray_line
            else ""
        )
        raise DeliveryRejected(
            f"{where} holds {rows} rows, and delivery.json says {file.rows}.{hint} Deliver it again."
        )


def _create_typed(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    layout: FeedMapping,
    header: list[str],
    facts: checks.Circumstances,
) -> None:
    place = {name: f"c{index}" for index, name in enumerate(header)}
    texts = ", ".join(
        f"{layout.sql(feed, name, place.get(layout.theirs.get(name, '')))} as {checks.text(name)}"
        for name in feed.columns
    )
    connection.execute(f"create temp view texts as select rid, line, {texts} from delivered")
    connection.execute(f"create temp view typed as {checks.typed(feed, 'texts', facts)}")


def _judge(connection: duckdb.DuckDBPyConnection, feed: Feed, facts: checks.Circumstances) -> None:
    """Create ``judged`` (every row's reasons) and ``bad`` (rid, reasons): the rows that are quarantined."""
    key = ", ".join(checks.key(feed))
    connection.execute(
        f"""
        create temp table judged as
        select
            rid, hash({key}) as key_hash, {checks.column_reasons(feed, facts)} as first_reasons,
            {checks.rule_reasons(feed, facts)} as last_reasons
        from typed
        """
    )
    # Hashes only find the few rows that may share a key; the key itself is compared for those.
    connection.execute(
        f"""
        create temp table bad as
        with shared as (
            select key_hash from judged group by key_hash having count(*) > 1
        ),
        suspects as (
            select rid, first_reasons, last_reasons from judged where key_hash in (select key_hash from shared)
        ),
        duplicates as (
            select suspects.rid
            from suspects
            inner join typed on suspects.rid = typed.rid
            qualify suspects.rid > min(suspects.rid)
                filter (where suspects.first_reasons = '' and suspects.last_reasons = '') over (partition by {key})
        )
        select
            judged.rid,
            concat_ws(
                '|', nullif(first_reasons, ''), case when duplicates.rid is not null then 'duplicate_key' end,
                nullif(last_reasons, '')
            ) as reasons
        from judged
        left join duplicates on judged.rid = duplicates.rid
        where first_reasons <> '' or last_reasons <> '' or duplicates.rid is not null
        """
    )


def _quarantine(connection: duckdb.DuckDBPyConnection, feed: Feed, file: DeliveredFile, found: reading.Reading) -> None:
    connection.execute(
        f"""
        insert into quarantine
        select '{feed.name}', '{file.name}', typed.line, bad.reasons, {checks.row_json(feed)}
        from typed inner join bad on typed.rid = bad.rid
        """
    )
    if len(found.malformed):
        connection.register("malformed_lines", {"line": found.malformed})
        connection.execute(
            f"insert into quarantine select '{feed.name}', '{file.name}', line, 'malformed', '{{}}' from malformed_lines"
        )
        connection.unregister("malformed_lines")


def _copy_feed(work: _Work, feed: Feed, file: DeliveredFile) -> None:
    delivery = work.delivery
    order = ", ".join(f'"{feed.columns[name].stored_as}"' for name in feed.key)
    _copy(
        work.connection,
        f"""
        select {", ".join(checks.bronze_values(feed))}, date '{delivery.month}-01' as delivery_month,
            {delivery.version}::integer as version, '{file.name}' as file, line
        from typed
        where rid not in (select rid from bad)
        order by {order}, line
        """,
        work.fresh / f"{feed.name}.parquet",
    )


def _empty(connection: duckdb.DuckDBPyConnection, feed: Feed, fresh: Path) -> None:
    columns = ", ".join(f'null::{kind} as "{name}"' for name, kind in feed.bronze_columns.items())
    _copy(connection, f"select {columns} where false", fresh / f"{feed.name}.parquet")


def _copy(connection: duckdb.DuckDBPyConnection, sql: str, path: Path) -> None:
    connection.execute(
        f"copy ({sql}) to '{str(path).replace(chr(39), chr(39) * 2)}' (format parquet, compression zstd)"
    )
    path.chmod(0o600)


def _count(
    connection: duckdb.DuckDBPyConnection,
    feed: Feed,
    file: DeliveredFile,
    found: reading.Reading,
    facts: checks.Circumstances,
) -> None:
    kept = _one(connection, "select count(*) from judged") - _one(connection, "select count(*) from bad")
    connection.execute(
        "insert into files values (?, ?, ?, ?, ?, ?)",
        [feed.name, file.name, file.sha256, file.rows, kept, file.rows - kept],
    )
    for rule, condition in checks.reports(feed, facts).items():
        connection.execute(
            f"""
            insert into reports
            select '{feed.name}', '{file.name}', '{rule}', count(*) filter (where {condition})
            from typed where rid not in (select rid from bad)
            """
        )


def _write_tables(work: _Work) -> None:
    delivery = work.delivery
    for name, order in _ORDER.items():
        _copy(
            work.connection,
            f"""
            select '{delivery.region}' as region_code, date '{delivery.month}-01' as delivery_month,
                {delivery.version}::integer as version, *
            from {name} order by {order}
            """,
            work.fresh / f"{name}.parquet",
        )


def _write_facts(work: _Work, made: BronzeDelivery) -> None:
    rows = work.connection.execute("select * from files order by file").fetchall()
    names = ("feed", "sha256", "rows_delivered", "rows_loaded", "rows_quarantined")
    facts = {
        "region_code": made.region,
        "month": made.month,
        "version": made.version,
        "source_system": made.source_system,
        "extracted_at": made.extracted_at.astimezone(UTC).isoformat(),
        "digest": made.digest,
        "files": {file: dict(zip(names, (feed, *rest), strict=True)) for feed, file, *rest in rows},
        "parquet": {path.name: _sha256(path) for path in sorted(work.fresh.glob("*.parquet"))},
    }
    path = work.fresh / FACTS
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
