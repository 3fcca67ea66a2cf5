"""A delivered file as a table of texts, ``delivered``: one column ``c<n>`` per column of the file, and its line."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from dagster_project.deliveries.landing import DeliveredFile
from dagster_project.deliveries.records import RECORD_LIMIT, Block, Positions, blocks, plain
from dagster_project.deliveries.source import check_unpacked, utf8_chunks
from dagster_project.errors import DeliveryRejected

HeaderCheck = Callable[[list[str]], None]


@dataclass(frozen=True)
class Reading:
    """What reading a file found. ``header`` names the columns c0, c1 …; ``malformed`` are ordinals of records."""

    header: list[str]
    malformed: Positions
    stray_line: int | None = None


def read(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    file: DeliveredFile,
    where: str,
    spill: Path,
    check: HeaderCheck,
    kinds: dict[str, str],
) -> Reading:
    """Create the temporary view ``delivered`` (rid, line, c0 …: VARCHAR) from one delivered file.

    ``check`` is called with the header before any row is read; ``kinds`` says what the contract has in which of the
    file's columns, for the texts of typed ones. Every record is in ``delivered`` or in ``malformed``.
    Raises DeliveryRejected for whatever rejects a file whole but its hash and count.
    """
    if file.form == "parquet":
        return _read_parquet(connection, path, where, check, kinds)
    return _read_csv(connection, path, file, where, spill, check)


def drop(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget what ``read`` made."""
    connection.execute("drop view delivered; drop table delivered_rows; drop table if exists skipped_lines")


@dataclass
class _Progress:
    header: list[str]
    malformed: list[Positions]
    skipped: list[Positions]
    stray_line: int | None = None
    has_breaks: bool = False


def _read_csv(
    connection: duckdb.DuckDBPyConnection, path: Path, file: DeliveredFile, where: str, spill: Path, check: HeaderCheck
) -> Reading:
    clear = spill / "records"
    progress = _Progress([], [], [])
    try:
        with os.fdopen(os.open(clear, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            for block in blocks(utf8_chunks(path, file, where), file.delimiter, where):
                if not progress.header:
                    progress.header = _header(block, file.delimiter, where)
                    check(progress.header)
                out.write(_wanted(block, progress))
        if not progress.header:
            raise DeliveryRejected(f"{where} is empty: a header row is expected even where there are no rows.")
        _load(connection, clear, progress)
    finally:
        clear.unlink(missing_ok=True)
    return Reading(progress.header, np.concatenate(progress.malformed), progress.stray_line)


def _header(block: Block, delimiter: str, where: str) -> list[str]:
    if block.blank[0]:
        raise DeliveryRejected(f"{where}, line 1 is empty: the header row is expected there.")
    return next(csv.reader([block.record(0).decode()], delimiter=delimiter))


def _wanted(block: Block, progress: _Progress) -> bytes:
    malformed = ~block.blank & ((block.fields != len(progress.header)) | block.stray)
    is_header = block.lines == 1
    malformed &= ~is_header
    if progress.stray_line is None and (block.stray & malformed).any():
        progress.stray_line = int(block.lines[np.argmax(block.stray & malformed)])
    progress.malformed.append(block.lines[malformed])
    progress.skipped.append(block.lines[malformed | block.blank])
    content, has_breaks = plain(block, malformed | block.blank | is_header)
    progress.has_breaks |= has_breaks
    return content


def _load(connection: duckdb.DuckDBPyConnection, clear: Path, progress: _Progress) -> None:
    names = [f"c{index}" for index in range(len(progress.header))]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    inner = "translate({0}, chr(29) || chr(30), chr(13) || chr(10)) as {0}" if progress.has_breaks else "{0}"
    connection.execute(
        f"""
        create temp table delivered_rows as
        select {", ".join(inner.format(name) for name in names)}
        from read_csv(
            '{_quoted(clear)}', columns = {{{columns}}}, auto_detect = false, header = false, delim = chr(31),
            quote = '', escape = '', new_line = '\\n', max_line_size = {2 * RECORD_LIMIT},
            buffer_size = {4 * RECORD_LIMIT}
        )
        """
    )
    skipped = np.concatenate(progress.skipped)
    if not len(skipped):
        connection.execute(
            "create temp view delivered as select rowid as rid, rowid + 2 as line, * from delivered_rows"
        )
        return
    # Before the row with number ``rid`` stand the header and those skipped records whose line is that far up.
    before = np.arange(len(skipped), dtype=np.int64)
    connection.register("skipped_now", {"from_rid": skipped - 2 - before, "skipped": before + 1})
    connection.execute(
        """
        create temp table skipped_lines as
        select from_rid, max(skipped) as skipped from skipped_now group by from_rid;
        create temp view delivered as
        select numbered.rid, numbered.rid + 2 + coalesce(skipped_lines.skipped, 0) as line, numbered.* exclude (rid)
        from (select rowid as rid, * from delivered_rows) as numbered
        asof left join skipped_lines on numbered.rid >= skipped_lines.from_rid
        """
    )
    connection.unregister("skipped_now")


def _read_parquet(
    connection: duckdb.DuckDBPyConnection, path: Path, where: str, check: HeaderCheck, kinds: dict[str, str]
) -> Reading:
    try:
        header, types = _parquet_columns(connection, path, where)
        check(header)
        names = [f"c{index}" for index in range(len(header))]
        texts = [
            f"{_parquet_text(name, stored, kinds.get(column, 'text'), column, where)} as {name}"
            for name, column, stored in zip(names, header, types, strict=True)
        ]
        connection.execute(
            f"""
            create temp table delivered_rows as
            select {", ".join(texts)} from read_parquet('{_quoted(path)}') as stored ({", ".join(names)})
            """
        )
    except duckdb.Error:
        raise DeliveryRejected(
            f"{where} cannot be read as Parquet: it is damaged or no Parquet file. Write it again."
        ) from None
    connection.execute("create temp view delivered as select rowid as rid, rowid + 2 as line, * from delivered_rows")
    return Reading(header, np.zeros(0, dtype=np.int64))


def _parquet_columns(connection: duckdb.DuckDBPyConnection, path: Path, where: str) -> tuple[list[str], list[str]]:
    """Names as stored (the engine renames one that comes twice) and the engine's types of the top-level columns."""
    unpacked = connection.execute(
        "select sum(total_uncompressed_size) from parquet_metadata(?)", [str(path)]
    ).fetchone()
    check_unpacked(where, path.stat().st_size, int((unpacked and unpacked[0]) or 0))
    schema = connection.execute("select name, num_children from parquet_schema(?)", [str(path)]).fetchall()
    header, below = [], 0
    for name, children in schema[1:]:
        if below == 0:
            header.append(name)
        below += (children or 0) - (1 if below else 0)
    described = connection.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()
    return header, [row[1] for row in described]


_PLAIN = {"VARCHAR", "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
          "UINTEGER", "UBIGINT", "UHUGEINT", "TIMESTAMP WITH TIME ZONE"}  # fmt: skip
_FRACTIONS = {"DECIMAL", "DOUBLE", "FLOAT"}
_LOCAL_TIMES = {"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}


def _parquet_text(name: str, stored: str, kind: str, column: str, where: str) -> str:
    """SQL for a typed Parquet column's text, as a CSV file would hold it where the contract has ``kind``."""
    bare, value = stored.partition("(")[0], f"{name}::varchar"
    if stored in _PLAIN or bare == "ENUM":
        return value
    if bare in _FRACTIONS:
        # 12.50 and 2024.0 are what decimals and nullable integers look like; zeros after the point say nothing.
        return f"regexp_replace(regexp_replace({value}, '(\\.\\d*?)0+$', '\\1'), '\\.$', '')"
    if bare in _LOCAL_TIMES:
        # Frames of data keep a date as its midnight, and a month as its first day.
        if kind == "month":
            return f"regexp_replace({value}, '-01( 00:00:00)?$', '')"
        return f"regexp_replace({value}, ' 00:00:00$', '')" if kind == "date" else value
    raise DeliveryRejected(
        f"{where}, column {column!r} holds {stored[:60]}: deliver text, numbers, booleans, dates or timestamps."
    )


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
