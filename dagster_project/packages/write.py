"""A package as files: the same tables as CSV, Parquet and a workbook, with a ``datapackage.json`` that tells of them.

The same rows give the same bytes: rows are in the order of the key, and every time in the files follows from the input.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.packages import descriptor, jsonstat, workbook
from dagster_project.packages.tables import Package, Table, projection
from dagster_project.releases import files
from dagster_project.releases.export import COMPRESSION_LEVEL
from dagster_project.releases.hashing import literal, parquet, quoted
from dagster_project.settings import private_directory

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""What a spreadsheet could take for the begin of a formula, and the sign that is put in front of text to say not so."""


def write_package(connection: duckdb.DuckDBPyConnection, package: Package, tables: Sequence[Table], out: Path) -> None:
    """Write to the directory ``out``: ``csv/``, ``parquet/``, workbook and ``datapackage.json``.

    A table whose Parquet file is there already is taken from it as it is; nothing else may be there.
    A table with dimensions stands in ``json-stat/`` too. A table's key must tell its rows apart, and a figure whose
    ``<figure>_status`` is suppressed must be null already.
    """
    for directory in (out, out / "csv", out / "parquet"):
        private_directory(directory)
    with workbook.Writer(package, tables, out) as book:
        for table in tables:
            path = out / "parquet" / f"{table.name}.parquet"
            if not path.exists():
                order = ", ".join(quoted(name) for name in table.primary_key)
                connection.execute(
                    f"copy (select * from {table.relation} order by {order}) to {literal(path)} "
                    f"(format parquet, compression zstd, compression_level {COMPRESSION_LEVEL})"
                )
            texts, cells = projection(table, "csv"), projection(table, "cell")
            rows = connection.execute(f"select {texts}, {cells} from {parquet(path)}").fetchall()
            _write_csv(out / "csv" / f"{table.name}.csv", table, rows)
            if table.dimensions:
                cube = private_directory(out / "json-stat") / f"{table.name}.json"
                jsonstat.write(package, table, rows, cube)
            book.add(table, [row[len(table.columns) :] for row in rows])
    descriptor.write(package, tables, out)
    for file in files.tree(out).values():
        file.chmod(0o600)


def _write_csv(path: Path, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Write the rows, whose first values are the columns in the form ``csv``."""
    writes = [_no_formula if column.kind.field["type"] == "string" else _as_it_is for column in table.columns]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(column.name for column in table.columns)
        # A row has more values than there are columns: the cells of the workbook follow.
        writer.writerows([write(text) for write, text in zip(writes, row, strict=False)] for row in rows)


def _no_formula(text: str | None) -> str | None:
    return f"'{text}" if text and text.startswith(_FORMULA) else text


def _as_it_is(text: str | None) -> str | None:
    return text
