"""A candidate's models as dbt compiled them, to be built on other rows without dbt: no candidate is in their SQL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Model:
    """A seed or model: its SQL (none for a seed), kind, place in the warehouse, file and the models that it reads."""

    kind: str
    sql: str
    schema: str
    relation: str
    path: str
    parents: list[str]


def models(target: Path) -> dict[str, Model]:
    """What a dbt build made, by name, each after what it reads; ``target`` is dbt's target directory."""
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] in ("model", "seed")}
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    built = [result["unique_id"] for result in results if result["unique_id"] in nodes]  # in the order of their ends
    return {
        nodes[key]["name"]: Model(
            nodes[key]["config"]["materialized"],
            nodes[key].get("compiled_code", ""),
            nodes[key]["schema"],
            nodes[key]["relation_name"],
            nodes[key]["original_file_path"],
            [nodes[parent]["name"] for parent in nodes[key]["depends_on"].get("nodes", []) if parent in nodes],
        )
        for key in built
    }


def build_like(built: Path, target: Path, warehouse: Path) -> None:
    """Make everything that dbt made in ``built`` in another warehouse that holds its own bronze.

    Both files have the same name, since the SQL holds it.
    """
    assert built.name == warehouse.name
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"set TimeZone = 'UTC'; attach '{built}' as built (read_only)")
        for name, model in models(target).items():
            connection.execute(f"create schema if not exists {model.schema}")
            if model.kind == "seed":
                connection.execute(f"create table {model.relation} as select * from built.{model.schema}.{name}")
            else:
                connection.execute(f"create {model.kind} {model.relation} as ({model.sql})")


def compute(connection: duckdb.DuckDBPyConnection, model: Model, sql: str) -> None:
    """Let the model's table hold what the SQL says, in place of what it held."""
    connection.execute(f"delete from {model.relation}")
    connection.execute(f"insert into {model.relation} by name ({sql})")
