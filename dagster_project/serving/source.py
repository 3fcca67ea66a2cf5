"""What of a release is loaded: the tables of its DuckDB files, with types, keys and descriptions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.errors import VerificationFailed
from dagster_project.releases import history
from dagster_project.releases.catalogue import Release
from dagster_project.releases.described import described_tables
from dagster_project.releases.hashing import literal

MARTS = "marts/marts.duckdb"
OPEN = "open/marts.duckdb"
PACKAGE = "open/datapackage.json"


@dataclass(frozen=True)
class Column:
    """``type`` is DuckDB's; ``text`` the Swedish term and description, empty where there is none."""

    name: str
    type: str
    text: str


@dataclass(frozen=True)
class Table:
    """A table of an attached file. ``key`` is empty where none is known."""

    name: str
    text: str
    columns: list[Column]
    key: list[str]


def attach(connection: duckdb.DuckDBPyConnection, release: Release) -> dict[str, list[Table]]:
    """Attach the release's files for reading as ``marts`` and, where it has open tables, ``open``.

    Returns the tables of each. Raises VerificationFailed where a file is not what was published.
    """
    published = history.read(release)
    marts = published.file(MARTS)
    if marts is None:
        raise VerificationFailed(f"{release.name} lists no {MARTS} in its manifest: there is nothing to load.")
    keys = {name: table.primary_key for name, table in described_tables(release.path).items()}
    found = {"marts": _attach(connection, "marts", marts, keys)}
    if opened := published.file(OPEN):
        package = published.file(PACKAGE)
        found["open"] = _attach(connection, "open", opened, _keys_of_package(package) if package else {})
    return found


def _attach(
    connection: duckdb.DuckDBPyConnection, alias: str, path: Path, keys: Mapping[str, list[str]]
) -> list[Table]:
    connection.execute(f"attach {literal(path)} as {alias} (read_only)")
    columns: dict[str, list[Column]] = {}
    for table, name, type_, text in connection.execute(
        "select table_name, column_name, data_type, coalesce(comment, '') from duckdb_columns() "
        f"where database_name = {literal(alias)} and not internal order by table_name, column_index"
    ).fetchall():
        columns.setdefault(table, []).append(Column(name, type_, text))
    texts = connection.execute(
        f"select table_name, coalesce(comment, '') from duckdb_tables() where database_name = {literal(alias)}"
    ).fetchall()
    return [Table(name, text, columns[name], keys.get(name, [])) for name, text in sorted(texts)]


def _keys_of_package(package: Path) -> dict[str, list[str]]:
    """By table, the primary key that the Data Package gives it."""
    resources = json.loads(package.read_text(encoding="utf-8"))["resources"]
    keys = {resource["name"]: resource.get("schema", {}).get("primaryKey", []) for resource in resources}
    return {name: [key] if isinstance(key, str) else list(key) for name, key in keys.items()}
