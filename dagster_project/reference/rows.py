"""Reads the rows of one reference table's CSV file and gives each value its type."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from dagster_project.errors import ReferenceRowError
from dagster_project.reference.definitions import Column, Table

Value = str | int | Decimal | date | bool | None

_FORMS = {
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "a date, as in 2026-10-31"),
    "integer": (re.compile(r"-?[0-9]{1,9}"), "a whole number"),
    "decimal": (re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,2})?"), "a number with a decimal point and at most two decimals"),
    "decimal4": (
        re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,4})?"),
        "a number with a decimal point and at most four decimals",
    ),
    "boolean": (re.compile(r"true|false"), "true or false"),
    "time": (re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]"), "a time of day, as in 12:00"),
}


@dataclass(frozen=True)
class Row:
    """One row: where it stands, its fields as written (empty is None) and as typed values.

    A ``time`` stays text (hh:mm). ``line`` is the row's first line in the file, the header being 1; None where ``path``
    is a release that the row was published in.
    """

    table: Table
    path: Path
    line: int | None
    text: dict[str, str | None]
    values: dict[str, Value]

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(self.text[column] or "" for column in self.table.key)

    @property
    def place(self) -> str:
        """File, line and key, as an error names the row."""
        key = ", ".join(f"{column} {value}" for column, value in zip(self.table.key, self.key, strict=True))
        line = "" if self.line is None else f" line {self.line}"
        return f"{self.path}{line} ({key})"

    def error(self, problem: str) -> ReferenceRowError:
        return ReferenceRowError(f"Reference table {self.table.name}, {self.place}: {problem}")


def read(table: Table, path: Path) -> list[Row]:
    """The file's rows, each valid on its own; raises ReferenceRowError on the first that is not, or on a key twice."""
    rows: dict[tuple[str, ...], Row] = {}
    for line, fields in _records(table, path):
        row = typed_row(table, path, line, fields)
        if row.key in rows:
            raise row.error(f"the same key stands on line {rows[row.key].line} already. Keep one of the two rows.")
        rows[row.key] = row
    return list(rows.values())


def _records(table: Table, path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and fields of each record; empty lines are passed over."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            _check_header(table, path, header)
            line = reader.line_num + 1
            for fields in reader:
                if len(fields) not in (0, len(header)):
                    raise _error(
                        table, path, f"line {line} has {len(fields)} fields, but the header {len(header)} columns."
                    )
                if fields:
                    yield line, dict(zip(header, fields, strict=True))
                line = reader.line_num + 1
    except UnicodeDecodeError as problem:
        raise _error(table, path, "it is not UTF-8. Save it as CSV UTF-8.") from problem
    except csv.Error as problem:
        raise _error(table, path, f"it is not valid CSV ({problem}). Check its quotes.") from problem
    except OSError as problem:
        raise _error(table, path, f"it cannot be read ({problem.strerror}).") from problem


def _check_header(table: Table, path: Path, header: list[str]) -> None:
    expected = f"The columns are {', '.join(table.columns)}, separated by commas."
    for name in header:
        if name not in table.columns:
            raise _error(table, path, f"column '{name}' is unknown. {expected}")
        if header.count(name) > 1:
            raise _error(table, path, f"column '{name}' stands twice. {expected}")
    for column in table.columns.values():
        if column.required and column.name not in header:
            raise _error(table, path, f"column '{column.name}' is missing. {expected}")


def typed_row(table: Table, path: Path, line: int | None, fields: Mapping[str, str | None]) -> Row:
    """The row of these fields by column, as text; raises ReferenceRowError unless it is valid on its own."""
    text = {name: fields.get(name) or None for name in table.columns}
    row = Row(table, path, line, text, {})
    for column in table.columns.values():
        row.values[column.name] = _value(row, column)
    for column in table.columns.values():
        _check_beside_others(row, column)
    return row


def _value(row: Row, column: Column) -> Value:
    text = row.text[column.name]
    if text is None:
        if column.required:
            raise row.error(f"{column.name} is empty. Give it a value.")
        return None
    value = _typed(row, column, text)
    if column.values and text not in column.values:
        raise row.error(f"{column.name} is '{text}', not one of {', '.join(column.values)}.")
    if text in column.reserved:
        raise row.error(f"{column.name} is '{text}', which has a meaning of its own. Choose another.")
    if column.length is not None and len(text) != column.length:
        raise row.error(f"{column.name} is '{text}', not {column.length} characters. Keep leading zeros.")
    if column.min is not None and isinstance(value, int | Decimal) and value < column.min:
        raise row.error(f"{column.name} is {text}, less than {column.min}.")
    if column.max is not None and isinstance(value, int | Decimal) and value > column.max:
        raise row.error(f"{column.name} is {text}, more than {column.max}.")
    return value


def _typed(row: Row, column: Column, text: str) -> Value:
    if column.type == "text":
        return text
    form, meaning = _FORMS[column.type]
    if not form.fullmatch(text):
        raise row.error(f"{column.name} is '{text}', not {meaning}.")
    if column.type == "date":
        return _date(row, column, text)
    if column.type == "integer":
        return int(text)
    if column.type in ("decimal", "decimal4"):
        return Decimal(text)
    return text == "true" if column.type == "boolean" else text


def _date(row: Row, column: Column, text: str) -> date:
    try:
        value = date.fromisoformat(text)
    except ValueError as problem:
        raise row.error(f"{column.name} is '{text}', a date that does not exist.") from problem
    if not 1900 <= value.year <= 2999:
        raise row.error(f"{column.name} is {text}, not between 1900 and 2999. Leave valid_to empty for still valid.")
    return value


def _check_beside_others(row: Row, column: Column) -> None:
    value = row.values[column.name]
    if value is None:
        return
    if column.starts_with is not None and not str(value).startswith(str(row.values[column.starts_with])):
        raise row.error(f"{column.name} does not begin with the row's {column.starts_with}.")
    earliest = row.values[column.not_before] if column.not_before else None
    if earliest is not None and value < earliest:  # type: ignore[operator]
        raise row.error(f"{column.name} {value} is before {column.not_before} {earliest}.")


def _error(table: Table, path: Path, problem: str) -> ReferenceRowError:
    return ReferenceRowError(f"Reference table {table.name}, {path}: {problem}")
