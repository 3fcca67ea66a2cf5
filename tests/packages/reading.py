"""A package's files as a reader finds them, each as rows of the values that the Parquet file holds."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import openpyxl

HEADER_ROWS = 2
Rows = list[tuple[Any, ...]]


def tables(package: Path) -> list[str]:
    return sorted(path.stem for path in (package / "parquet").glob("*.parquet"))


@cache
def from_parquet(package: Path, table: str) -> tuple[list[tuple[str, str]], Rows]:
    """Columns as (name, type), and rows; instants as local time without a zone."""
    path = package / "parquet" / f"{table}.parquet"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        columns = [(row[0], row[1]) for row in connection.execute(f"describe from '{path}'").fetchall()]
        shown = ", ".join(
            f"timezone('Europe/Stockholm', \"{name}\")" if "TIME ZONE" in type_ else f'"{name}"'
            for name, type_ in columns
        )
        return columns, connection.execute(f"select {shown} from '{path}'").fetchall()


def lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def from_csv(package: Path, table: str, columns: list[tuple[str, str]]) -> Rows:
    """As Excel in Sweden takes it: semicolons, decimal comma, an apostrophe in front of what is no formula."""
    header, *rows = lines(package / "csv" / f"{table}.csv")
    assert header == [name for name, _ in columns]
    return [tuple(_value(text, type_) for text, (_, type_) in zip(row, columns, strict=True)) for row in rows]


def _value(text: str, type_: str) -> Any:
    if text == "":
        return None
    if type_.startswith("DECIMAL"):
        assert "." not in text
        return Decimal(text.replace(",", "."))
    readers: dict[str, Any] = {
        "VARCHAR": lambda given: given.removeprefix("'"),
        "BOOLEAN": {"true": True, "false": False}.__getitem__,
        "DATE": date.fromisoformat,
        "TIMESTAMP WITH TIME ZONE": datetime.fromisoformat,
    }
    return readers.get(type_, int)(text)


@cache
def workbook(package: Path) -> openpyxl.Workbook:
    (path,) = package.glob("*.xlsx")
    return openpyxl.load_workbook(path)


def sheets(package: Path) -> dict[str, str]:
    """The sheet of each table, by the list on the first sheet."""
    first = workbook(package).worksheets[0]
    rows = list(first.iter_rows(values_only=True))
    start = next(number for number, row in enumerate(rows) if row[2] == "Tabell") + 1
    return {row[2]: row[0] for row in rows[start:]}


def from_workbook(package: Path, table: str, columns: list[tuple[str, str]]) -> Rows:
    sheet = workbook(package)[sheets(package)[table]]
    titles, names, *rows = sheet.iter_rows(values_only=True)
    assert list(names) == [name for name, _ in columns]
    assert all(titles)
    return [tuple(_cell(value, type_) for value, (_, type_) in zip(row, columns, strict=True)) for row in rows]


def _cell(value: Any, type_: str) -> Any:
    if value is None:
        return None
    if type_.startswith("DECIMAL"):
        places = int(type_.removesuffix(")").rsplit(",", 1)[1])
        return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places))
    return value.date() if type_ == "DATE" else value
