"""A candidate's models as dbt compiled them, to be computed again on other rows without dbt."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tests.rules import bronze


@dataclass(frozen=True)
class Model:
    """A model that is a table: its SQL, its place in the warehouse, its file and the models that it reads."""

    sql: str
    relation: str
    path: str
    parents: list[str]


def models(target: Path) -> dict[str, Model]:
    """The tables that a dbt build made, by name, each after what it reads; ``target`` is dbt's target directory."""
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    built = [result["unique_id"] for result in results if result["unique_id"] in nodes]  # in the order of their ends
    return {
        nodes[key]["name"]: Model(
            nodes[key]["compiled_code"],
            nodes[key]["relation_name"],
            nodes[key]["original_file_path"],
            [nodes[parent]["name"] for parent in nodes[key]["depends_on"]["nodes"] if parent in nodes],
        )
        for key in built
        if nodes[key]["config"]["materialized"] == "table"
    }


def build_again(warehouse: Path, target: Path, directory: Path, *rows: Any, **facts: Any) -> Path:
    """A copy of a built warehouse in ``directory`` (not existing) with another bronze layer, computed again.

    ``rows`` and ``facts`` are ``bronze.build``'s. Returns the file; its name is the same, since the SQL holds it.
    """
    directory.mkdir()
    copy = Path(shutil.copy(warehouse, directory / warehouse.name))
    with duckdb.connect(str(copy)) as connection:
        for schema in ("bronze", "installation", "released"):
            connection.execute(f"drop schema {schema} cascade")
    bronze.build(copy, *rows, **facts)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for model in models(target).values():
            compute(connection, model.relation, model.sql)
    return copy


def compute(connection: duckdb.DuckDBPyConnection, relation: str, sql: str) -> None:
    """Let the table hold what the SQL says, in place of what it held."""
    connection.execute(f"delete from {relation}")
    connection.execute(f"insert into {relation} by name ({sql})")
