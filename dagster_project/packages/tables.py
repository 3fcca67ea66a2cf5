"""What a package is made of: tables with titles and keys, and how a value of each type stands in its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from dagster_project.errors import LusError
from dagster_project.releases.dbt_facts import Described
from dagster_project.releases.hashing import columns_of, quoted
from dagster_project.settings import TIME_ZONE

STATUS = "_status"
"""The column ``<figure>_status`` says whether a figure is shown, hidden (suppressed) or missing (rules §9)."""

SUPPRESSED = "suppressed"

Terms = Mapping[str, tuple[str, str]]
"""Swedish title and definition by column, or by ``table.column`` where it means something else there."""

_LOCAL = f"timezone('{TIME_ZONE}', {{0}})"


@dataclass(frozen=True)
class Kind:
    """A type in the three formats: Data Package field, SQL for CSV text and for the workbook, Excel's number format.

    The SQL has ``{0}`` where the column goes. In the workbook dates and instants are days since 1899-12-30.
    """

    field: Mapping[str, Any]
    csv: str
    cell: str
    number_format: str


_NUMBER = {"type": "number", "decimalChar": ",", "bareNumber": True}
_TEXT = Kind({"type": "string"}, "{0}", "{0}", "@")
_INTEGER = Kind({"type": "integer"}, "{0}::varchar", "{0}", "#,##0")
_KINDS = {
    "VARCHAR": _TEXT,
    "INTEGER": _INTEGER,
    "BIGINT": _INTEGER,
    "BOOLEAN": Kind({"type": "boolean", "trueValues": ["true"], "falseValues": ["false"]}, "{0}::varchar", "{0}", ""),
    "DATE": Kind({"type": "date"}, "{0}::varchar", "({0} - date '1899-12-30')::double", "yyyy-mm-dd"),
    "TIMESTAMP WITH TIME ZONE": Kind(
        {"type": "datetime", "format": "any"},
        f"{_LOCAL}::varchar",
        f"epoch_us({_LOCAL}) / 86400e6 + 25569",
        "yyyy-mm-dd hh:mm:ss",
    ),
}

# Kronor, means and shares of the contract; others with the places that they have.
_DECIMALS = {"DECIMAL(14,2)": "#,##0.00", "DECIMAL(12,4)": "#,##0.00", "DECIMAL(9,6)": "0.0%"}

_UNITS = [
    (r"(^|_)share(_|$)", "andel (0–1)"),
    (r"per_1000$", "dagar per 1 000 invånare"),
    (r"^sek_per_day$", "kr per dygn"),
    (r"amount|_sek$|^adjustment$|expected_at_release", "kr"),
    (r"days|^carried_|^mean_|^residual$", "dagar"),
    (r"^beds_", "vårdplatser"),
]


@dataclass(frozen=True)
class Column:
    """A column by its contract's name, with its DuckDB type, Swedish title and definition; ``unit`` may be empty."""

    name: str
    type: str
    title: str
    definition: str
    unit: str

    @property
    def kind(self) -> Kind:
        if self.type.startswith("DECIMAL"):
            return Kind(
                _NUMBER, "replace({0}::varchar, '.', ',')", "{0}::double", _DECIMALS.get(self.type, "#,##0.00####")
            )
        return _KINDS[self.type]


@dataclass(frozen=True)
class Table:
    """``relation`` is SQL that can stand after ``from``; ``sheet`` (at most 31 characters) names it in the workbook.

    ``dimensions``, of a table that is written as JSON-stat too, are the columns of its key that span the cube.
    """

    name: str
    sheet: str
    title: str
    primary_key: list[str]
    columns: list[Column]
    relation: str
    dimensions: list[str] = field(default_factory=list)

    @property
    def hidden_by(self) -> dict[int, int]:
        """The place of each figure that has a status, and the place of the status."""
        places = {column.name: place for place, column in enumerate(self.columns)}
        return {
            places[name.removesuffix(STATUS)]: place
            for name, place in places.items()
            if name.endswith(STATUS) and name.removesuffix(STATUS) in places
        }


@dataclass(frozen=True)
class Package:
    """What a package tells of itself.

    ``name`` is its id; ``workbook`` the workbook's file name; ``explanation`` paragraphs for its first sheet;
    ``licence`` a licence of the Data Package specification; ``created`` (UTC) a time that follows from the input.
    """

    name: str
    workbook: str
    title: str
    explanation: list[str]
    licence: Mapping[str, str]
    sources: list[str]
    version: str
    created: datetime
    is_synthetic: bool


def describe(
    connection: duckdb.DuckDBPyConnection, name: str, sheet: str, described: Described, terms: Terms, relation: str
) -> Table:
    """The table ``name`` with the rows and types of ``relation``, which is SQL that can stand after ``from``.

    Raises LusError on a column without a term or of a type that a package has no form for.
    """
    columns = [_column(name, column, type_, terms) for column, type_ in columns_of(connection, relation)]
    return Table(name, sheet, described.term_sv, described.primary_key, columns, relation)


def _column(table: str, name: str, type_: str, terms: Terms) -> Column:
    figure = name.removesuffix(STATUS)
    term = terms.get(f"{table}.{name}") or terms.get(name)
    of_figure = terms.get(f"{table}.{figure}") or terms.get(figure)
    if term is None and figure != name and of_figure:
        term = (f"{of_figure[0]}, status", "shown: visas, suppressed: dold, missing: uppgift saknas.")
    if term is None:
        raise LusError(f"{table}.{name} has no Swedish term: add it to seeds/terms.csv.")
    column = Column(name, type_, *term, _unit(name, type_))
    try:
        _ = column.kind
    except KeyError:
        raise LusError(f"{table}.{name} is of type {type_}, which packages have no form for: cast it.") from None
    return column


def _unit(name: str, type_: str) -> str:
    if not type_.startswith(("INTEGER", "BIGINT", "DECIMAL")):
        return ""
    return next((unit for pattern, unit in _UNITS if re.search(pattern, name)), "")


def projection(table: Table, form: str) -> str:
    """The table's columns as SQL, each in the ``form`` (csv or cell) of its kind."""
    return ", ".join(getattr(column.kind, form).format(quoted(column.name)) for column in table.columns)
