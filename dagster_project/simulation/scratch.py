"""The scratch warehouse of a what-if: the payment models' upstream, laid out from a release's own tables.

What belongs here: where it is, and what the models of ``dbt/`` find in it. No rule of the act or an agreement: what the
release says of each interval (its dates, its payer, the conditions that it does not meet) is taken as it stands.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

import duckdb

from dagster_project import months
from dagster_project.errors import VerificationFailed
from dagster_project.reference.definitions import TABLES
from dagster_project.reference.rows import Row
from dagster_project.releases import files
from dagster_project.releases.catalogue import Release
from dagster_project.releases.hashing import literal
from dagster_project.settings import TIME_ZONE, Settings, private_directory

WAREHOUSE = "warehouse.duckdb"
"""The file's name: dbt's parsed project names the database by it."""

DIMENSIONS = ("dim_date", "dim_day_rate", "dim_invoicing_period")
READ = (*DIMENSIONS, "dim_agreement", "dim_region", "dim_municipality", "fct_readiness_intervals")
"""The tables of a release that a what-if is computed from."""

_SQL_TYPES = {"text": "varchar", "time": "varchar", "date": "date", "integer": "integer"}


@contextmanager
def scratch(settings: Settings) -> Iterator[Path]:
    """A directory of one's own under ``work/simulations/``, gone afterwards however the work ended.

    One that a killed process left is cleared away by the next: whoever uses a directory holds a lock on it.
    """
    home = private_directory(settings.work / "simulations")
    with files.exclusive(home / ".lock"):
        for left in home.iterdir():
            if left.is_dir() and (handle := _locked(left)) is not None:
                shutil.rmtree(left)
                os.close(handle)
        directory = Path(tempfile.mkdtemp(dir=home))
        handle = _locked(directory)
    assert handle is not None
    try:
        yield directory
    finally:
        shutil.rmtree(directory)
        os.close(handle)


def _locked(directory: Path) -> int | None:
    """A handle that holds the directory's lock until it is closed; None where another holds it, or it is gone."""
    try:
        handle = os.open(directory, os.O_RDONLY)
    except FileNotFoundError:  # its simulation has ended meanwhile
        return None
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


@contextmanager
def opened(settings: Settings, release: Release, database: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to ``database`` (else to memory) with the release's tables, for reading only, as ``published``.

    Raises VerificationFailed where the release's file cannot be read.
    """
    marts = release.path / "marts" / "marts.duckdb"
    with settings.connect(database) as connection:
        try:
            connection.execute(f"attach {literal(marts)} as published (read_only)")
        except duckdb.Error as error:
            raise VerificationFailed(
                f"{marts} cannot be read: the release is damaged. Restore it from a backup; "
                f"'lus verify {release.name}' lists what differs."
            ) from error
        yield connection


def first_month(release: Release) -> str:
    """The region's first delivery month (yyyy-mm), from which on the release has figures."""
    return str(min(delivery["month"] for delivery in release.manifest["deliveries"]))


def lay(
    connection: duckdb.DuckDBPyConnection, release: Release, agreements: Sequence[Row], *, invoicing_active: bool
) -> None:
    """Fill an empty warehouse with what the payment models read, of the release's tables and these agreements.

    With ``invoicing_active`` every invoicing period is one with invoicing.
    """
    for schema in ("bronze", "reference", "rules"):
        connection.execute(f"create schema {schema}")
    _lay_candidate(connection, release)
    _lay_agreements(connection, agreements)
    for table in DIMENSIONS:
        connection.execute(f"create table main.{table} as from published.{table}")
    if invoicing_active:
        connection.execute("update main.dim_invoicing_period set invoicing_active = true")
    _lay_intervals(connection)
    _lay_conditions(connection)


def _lay_candidate(connection: duckdb.DuckDBPyConnection, release: Release) -> None:
    """What the models know of the run: the release's own region, month and first month, as its manifest tells."""
    connection.execute(
        "create table bronze.candidate as select ? as region_code, ?::date as month, ?::date as month_end, "
        "?::date as first_month, ?::timestamptz as newest_extracted_at",
        [
            release.region,
            months.first_day(release.month),
            months.last_day(release.month),
            months.first_day(first_month(release)),
            release.manifest["newest_extracted_at"],
        ],
    )


def _lay_agreements(connection: duckdb.DuckDBPyConnection, agreements: Sequence[Row]) -> None:
    columns = TABLES["agreements"].columns
    typed = ", ".join(f"{name} {_SQL_TYPES[column.type]}" for name, column in columns.items())
    connection.execute(f"create table reference.ref_agreements ({typed})")
    connection.executemany(
        f"insert into reference.ref_agreements values ({', '.join('?' for _ in columns)})",
        [[row.values[name] for name in columns] for row in agreements],
    )


def _lay_intervals(connection: duckdb.DuckDBPyConnection) -> None:
    """Of ``int_readiness__days`` what the payment models read, from the instants that the release published."""
    connection.execute(
        f"""
        create table rules.int_readiness__days as
        with local as (
            select
                *,
                ready_at at time zone '{TIME_ZONE}' as ready_at_local,
                (ended_at at time zone '{TIME_ZONE}')::date as ended_on,
                (select month_end + 1 from bronze.candidate) as after_month
            from published.fct_readiness_intervals
        )
        select
            region_code,
            interval_id,
            payer_municipality_code,
            payment_class,
            ready_at_local,
            ready_at_local::date as ready_on,
            ended_on,
            end_reason,
            least(coalesce(ended_on, after_month), after_month) as counted_to
        from local
        """
    )


def _lay_conditions(connection: duckdb.DuckDBPyConnection) -> None:
    """``int_conditions``: a flag for each code, named as it is. NO_AGREEMENT is for the agreements to find."""
    codes = TABLES["conditions"].columns["reason_code"].values
    flags = ", ".join(
        f"list_contains(codes, {literal(code)}) as {code.lower()}" for code in codes if code != "NO_AGREEMENT"
    )
    connection.execute(
        f"""
        create table rules.int_conditions as
        with told as (
            select interval_id, string_split(coalesce(reason_codes, ''), '|') as codes
            from published.fct_readiness_intervals
        )
        select interval_id, {flags} from told
        """
    )
