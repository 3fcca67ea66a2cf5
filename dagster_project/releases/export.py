"""The published tables as files: Parquet whose bytes are a function of the rows, and one DuckDB file for readers."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.errors import LusError
from dagster_project.releases.dbt_facts import Described
from dagster_project.releases.hashing import Columns, columns_of, file_sha256, literal, parquet, quoted
from dagster_project.settings import private_directory

PUBLISHED_PREFIXES = ("dim_", "fct_", "mart_", "audit_")

COMPRESSION_LEVEL = 1
"""A fifth less time than the default level for files that are 2 % larger (6 million case events)."""

STORAGE_VERSION = "v1.0.0"
"""What every DuckDB client since 1.0 reads; the marts need nothing of a newer one."""


@dataclass(frozen=True)
class TableFact:
    """A published table as exported; ``sha256`` is of its Parquet file."""

    name: str
    rows: int
    sha256: str
    columns: Columns


def published_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Names of the tables of schema ``main`` that are published, in order."""
    found = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'main' and database_name = current_database() "
        "order by table_name"
    ).fetchall()
    return [name for (name,) in found if name.startswith(PUBLISHED_PREFIXES)]


def export_tables(
    connection: duckdb.DuckDBPyConnection, out: Path, described: Mapping[str, Described]
) -> list[TableFact]:
    """Write every published table of the warehouse to ``out/<table>.parquet``, in place of what was there.

    Rows are in the order of the primary key and then of all columns, so that the same rows give the same bytes on any
    number of threads. Raises LusError where there is no table, or one has a type that Parquet cannot hold.
    """
    shutil.rmtree(out, ignore_errors=True)
    private_directory(out)
    names = published_tables(connection)
    if not names:
        raise LusError("The warehouse holds no table to publish: the build did not finish. Run the month again.")
    return [export_table(connection, name, out, described.get(name, Described()).primary_key) for name in names]


def export_table(connection: duckdb.DuckDBPyConnection, table: str, out: Path, primary_key: list[str]) -> TableFact:
    """Write one table to ``out/<table>.parquet``. Raises LusError on a key or a type that cannot be."""
    columns = columns_of(connection, quoted(table))
    names = [name for name, _ in columns]
    strangers = [name for name in primary_key if name not in names]
    if strangers:
        raise LusError(
            f"The primary key of {table} names {', '.join(strangers)}, which the table does not have: correct the test "
            "of its key beside the model."
        )
    order = ", ".join(quoted(name) for name in dict.fromkeys([*primary_key, *names]))
    path = out / f"{table}.parquet"
    written = connection.execute(
        f"copy (select * from {quoted(table)} order by {order}) to {literal(path)} "
        f"(format parquet, compression zstd, compression_level {COMPRESSION_LEVEL})"
    ).fetchone()
    assert written is not None
    path.chmod(0o600)
    stored = columns_of(connection, parquet(path))
    if changed := [f"{was[0]} ({was[1]})" for was, kept in zip(columns, stored, strict=True) if was != kept]:
        raise LusError(
            f"{table} has columns of a type that Parquet does not keep: {', '.join(changed)}. Cast them in the model "
            "to the type of the contract."
        )
    return TableFact(table, written[0], file_sha256(path), columns)


def build_marts_duckdb(
    connection: duckdb.DuckDBPyConnection, parquet_dir: Path, path: Path, described: Mapping[str, Described]
) -> None:
    """Make the DuckDB file at ``path`` (not existing) out of the Parquet files, with the descriptions as comments."""
    connection.execute(f"attach {literal(path)} as marts (storage_version {literal(STORAGE_VERSION)})")
    try:
        for file in sorted(parquet_dir.glob("*.parquet")):
            table = f"marts.main.{quoted(file.stem)}"
            connection.execute(f"create table {table} as select * from {parquet(file)}")
            _comment(connection, table, columns_of(connection, table), described.get(file.stem, Described()))
    finally:
        connection.execute("detach marts")


def _comment(connection: duckdb.DuckDBPyConnection, table: str, columns: Columns, described: Described) -> None:
    if described.text:
        connection.execute(f"comment on table {table} is {literal(described.text)}")
    for name, _ in columns:
        if text := described.columns.get(name):
            connection.execute(f"comment on column {table}.{quoted(name)} is {literal(text)}")
