"""Hashes that say whether something is still what was published: of a file, of a set of files, of a table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

Columns = list[tuple[str, str]]
"""A table's columns in order, as (name, DuckDB type)."""


@dataclass(frozen=True)
class TableHash:
    """A table's number of rows, its columns, and a hash of both and of every value, whatever the rows' order."""

    rows: int
    columns: Columns
    logical_hash: str


def file_sha256(path: Path) -> str:
    """SHA-256 of the file's bytes as 64 hexadecimal digits, read as a stream."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_hash(files: Mapping[str, str]) -> str:
    """One SHA-256 for a set of files, given as relative path (with ``/``) and SHA-256; their order is no matter."""
    digest = hashlib.sha256()
    for path, sha256 in sorted(files.items()):
        digest.update(f"{path}\0{sha256}\n".encode())
    return digest.hexdigest()


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> Columns:
    """``relation`` is SQL that can stand after ``from``."""
    return [(row[0], row[1]) for row in connection.execute(f"describe select * from {relation}").fetchall()]


def logical_hash(connection: duckdb.DuckDBPyConnection, relation: str) -> TableHash:
    """Hash a table by its columns' names and types and its rows as a multiset.

    Each row is written as a JSON list of texts and hashed with MD5, and the hashes' lower 64 bits are added up: the
    answer hangs neither on the rows' order, nor on threads, time zone, locale or DuckDB's version. ``relation`` is SQL
    that can stand after ``from``.
    """
    columns = columns_of(connection, relation)
    values = ", ".join(_as_text(name, type_) for name, type_ in columns)
    answer = connection.execute(
        f"select count(*), coalesce(sum(md5_number_lower(to_json([{values}]))::hugeint), 0)::varchar from {relation}"
    ).fetchone()
    assert answer is not None
    rows, total = answer
    text = json.dumps({"columns": columns, "rows": rows, "sum": total}, ensure_ascii=False)
    return TableHash(rows, columns, hashlib.sha256(text.encode()).hexdigest())


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """A text as an SQL literal, for statements that take no parameters."""
    return "'" + str(text).replace("'", "''") + "'"


def parquet(path: Path) -> str:
    """A Parquet file as SQL that can stand after ``from``."""
    return f"read_parquet({literal(path)})"


def _as_text(name: str, type_: str) -> str:
    # An instant's text follows the session's time zone; its microseconds do not.
    value = f"epoch_us({quoted(name)})" if type_ == "TIMESTAMP WITH TIME ZONE" else quoted(name)
    return f"{value}::varchar"
