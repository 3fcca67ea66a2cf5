"""The agreement rows of a what-if: those of the release, and those of the user's file in place of them or beside them.

They are read and checked as an installation's own rows are, in ``reference/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from dagster_project.errors import ReferenceRowError
from dagster_project.reference.checks import check
from dagster_project.reference.definitions import TABLES
from dagster_project.reference.rows import Row, read, typed_row

UNSAID = {"status": "provisional", "source": "what-if"}
"""What a row of the file that leaves these empty, or has no such column, is taken to say: they decide no figure."""

_TABLE = replace(
    TABLES["agreements"],
    columns={
        name: replace(column, required=column.required and name not in UNSAID)
        for name, column in TABLES["agreements"].columns.items()
    },
)


@dataclass(frozen=True)
class Change:
    """What a row of the file is to the release: ``added``, ``changed`` in its ``columns``, or the ``same``.

    ``columns``: by name the release's value and the file's, as text, None where empty. ``UNSAID`` are left out.
    """

    row: Row
    kind: str
    columns: dict[str, tuple[str | None, str | None]]


@dataclass(frozen=True)
class Agreements:
    """``published``: the release's rows. ``rows``: those of the what-if. ``changes``: one for each row of the file."""

    published: list[Row]
    rows: list[Row]
    changes: list[Change]


def in_force(connection: duckdb.DuckDBPyConnection, release: Path, file: Path | None) -> Agreements:
    """The rows of ``published.dim_agreement`` with those of ``file``, which replace a row of the same agreement_id.

    ``release`` is the directory that an error names for a row that was published. Raises ReferenceRowError on the
    first row that cannot be, alone or beside the others, and on a file without a row.
    """
    published = [typed_row(_TABLE, release, None, text) for text in _texts(connection, "dim_agreement")]
    regions = [Row(TABLES["regions"], release, None, text, {}) for text in _texts(connection, "dim_region")]
    before = {row.key: row for row in published}
    own = _read(file) if file else []
    rows = {**before, **{row.key: row for row in own}}
    merged = [rows[key] for key in sorted(rows)]
    check({_TABLE.name: replace(_TABLE, dated=None)}, {_TABLE.name: own, "regions": regions})
    try:
        check({_TABLE.name: _TABLE}, {_TABLE.name: merged, "regions": regions})
    except ReferenceRowError as error:
        raise ReferenceRowError(f"{error} A row with the agreement_id of the release's row takes its place.") from error
    return Agreements(published, merged, [_change(row, before.get(row.key)) for row in own])


def _read(file: Path) -> list[Row]:
    rows = read(_TABLE, file)
    if not rows:
        raise ReferenceRowError(
            f"Reference table {_TABLE.name}, {file}: it has a header and no row. Add the rows to try, or leave "
            "--agreements out."
        )
    return [typed_row(_TABLE, row.path, row.line, _said(row.text)) for row in rows]


def _said(text: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name: value or UNSAID.get(name) for name, value in text.items()}


def _texts(connection: duckdb.DuckDBPyConnection, dimension: str) -> list[dict[str, str | None]]:
    found = connection.execute(f"select columns(*)::varchar from published.{dimension} order by all")
    columns = [column[0] for column in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _change(row: Row, before: Row | None) -> Change:
    if before is None:
        return Change(row, "added", {})
    columns = {
        name: (before.text[name], value)
        for name, value in row.text.items()
        if name not in UNSAID and row.values[name] != before.values[name]
    }
    return Change(row, "changed" if columns else "same", columns)
