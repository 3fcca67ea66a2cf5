"""Loading: a release into schemas of its own, in one transaction. What fails half-way leaves nothing behind."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor

import duckdb
from psycopg import sql

from dagster_project.errors import NotServed
from dagster_project.releases.catalogue import Release
from dagster_project.releases.hashing import quoted
from dagster_project.serving import registry, source
from dagster_project.serving.postgres import Connection
from dagster_project.serving.registry import ANALYSTS
from dagster_project.serving.source import Table
from dagster_project.settings import Settings

INDEXED = ("month", "municipality_code", "payer_municipality_code")
"""The columns that readers choose rows by: each has an index in every table that has it."""

_CHUNK = 1 << 18
_TYPES = {
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
}
_DECIMAL = re.compile(r"DECIMAL(\(\d+,\d+\))")


def load(connection: Connection, settings: Settings, release: Release) -> None:
    """Load the release into its schemas and enter it in the registry: all of it, or nothing.

    Raises VerificationFailed where a file is not what was published, and NotServed on a type that PostgreSQL is not
    given or on rows that did not all arrive.
    """
    schemas = registry.schemas_of(release)
    with settings.connect() as database:
        tables = source.attach(database, release)
        with connection.transaction():
            for alias in tables:
                schema = sql.Identifier(schemas[alias])
                _make(connection, "create schema {}", schema)
                for table in tables[alias]:
                    _load_table(connection, database, table, alias, sql.Identifier(schemas[alias], table.name))
                _make(connection, f"grant usage on schema {{}} to {ANALYSTS}", schema)
                _make(connection, f"grant select on all tables in schema {{}} to {ANALYSTS}", schema)
            registry.enter(connection, release, has_open="open" in tables)


def _load_table(
    connection: Connection, database: duckdb.DuckDBPyConnection, table: Table, alias: str, target: sql.Identifier
) -> None:
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(_postgres_type(table.name, column.type)))
        for column in table.columns
    ]
    _make(connection, "create table {} ({})", target, sql.SQL(", ").join(columns))
    origin = f"{alias}.{quoted(table.name)}"
    rows = _copy(connection, database, origin, target)
    if (stored := database.table(origin).shape[0]) != rows:
        raise NotServed(f"{rows} rows of {table.name} arrived in PostgreSQL, the release has {stored}.")
    if table.key:
        _add_key(connection, database, table, origin, target)
    for name in INDEXED:
        if name in [column.name for column in table.columns]:
            _make(connection, "create index on {} ({})", target, sql.Identifier(name))
    _make(connection, "comment on table {} is {}", target, sql.Literal(table.text))
    for column in table.columns:
        path = sql.SQL("{}.{}").format(target, sql.Identifier(column.name))
        _make(connection, "comment on column {} is {}", path, sql.Literal(column.text))
    _make(connection, "analyze {}", target)


def _copy(connection: Connection, database: duckdb.DuckDBPyConnection, origin: str, target: sql.Identifier) -> int:
    """Copy a table's rows as CSV through a pipe, no value passing through Python; returns how many arrived.

    Frozen rows are seen by a transaction that began before them too: it reads the new release whole once the views
    have moved, and not an empty table.
    """
    reader, writer = os.pipe()

    def write() -> None:
        # Every text is quoted: an empty one is not null.
        try:
            database.execute(
                f"copy {origin} to '/dev/fd/{writer}' (format csv, header false, force_quote *, use_tmp_file false)"
            )
        finally:
            os.close(writer)

    copy = sql.SQL("copy {} from stdin (format csv, freeze)").format(target)
    with ThreadPoolExecutor(1) as pool, connection.cursor() as cursor:
        with os.fdopen(reader, "rb") as pipe, cursor.copy(copy) as copying:
            written = pool.submit(write)
            while chunk := pipe.read(_CHUNK):
                copying.write(chunk)
            written.result()
        return cursor.rowcount


def _add_key(
    connection: Connection, database: duckdb.DuckDBPyConnection, table: Table, origin: str, target: sql.Identifier
) -> None:
    """The primary key; a unique index where a part of it is null, as the interval of an invoiced mean."""
    key = sql.SQL(", ").join(map(sql.Identifier, table.key))
    any_null = " or ".join(f"{quoted(name)} is null" for name in table.key)
    if database.execute(f"select 1 from {origin} where {any_null} limit 1").fetchone():
        _make(connection, "create unique index on {} ({}) nulls not distinct", target, key)
    else:
        _make(connection, "alter table {} add primary key ({})", target, key)


def _postgres_type(table: str, duckdb_type: str) -> str:
    if decimal := _DECIMAL.fullmatch(duckdb_type):
        return f"numeric{decimal[1]}"
    if duckdb_type not in _TYPES:
        raise NotServed(f"{table} has a column of type {duckdb_type}, which PostgreSQL is not given.")
    return _TYPES[duckdb_type]


def _make(connection: Connection, statement: str, *parts: sql.Composable) -> None:
    connection.execute(sql.SQL(statement).format(*parts))
