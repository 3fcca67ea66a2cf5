"""The floor of a release: the models' compiled SQL as one plain DuckDB script, in the order that dbt ran them.

No dbt, no Dagster, no tests, no export: what the same SQL costs on the same bronze when nothing is around it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb

# What runs the script: a fresh process that does nothing else. Its start is part of the floor.
RUNNER = """
import sys, duckdb
duckdb.connect(sys.argv[1]).execute(open(sys.argv[2], encoding="utf-8").read())
"""
_SCHEMAS = ("bronze", "installation", "released", "reference", "staging", "core", "rules", "main", "gate")


def write(candidate: Path, directory: Path, threads: int, memory_limit: str) -> tuple[Path, Path, int]:
    """Prepare an empty database and the script beside it; returns both, and how many models the script builds.

    The compiled SQL names its database ``warehouse``, so that is what the file is called.
    """
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    database, script = directory / "warehouse.duckdb", directory / "floor.sql"
    _copy_inputs(candidate / "warehouse.duckdb", database)
    statements = [
        "set TimeZone = 'UTC'",
        f"set threads = {threads}",
        f"set memory_limit = '{memory_limit}'",
        "set preserve_insertion_order = false",
    ]
    models = _models(candidate / "dbt")
    statements += [f"create {kind} {relation} as {sql}" for kind, relation, sql in models]
    script.write_text(";\n".join(statements) + ";\n", encoding="utf-8")
    return database, script, len(models)


def _models(target: Path) -> list[tuple[str, str, str]]:
    """(table or view, relation, SQL) of every model that was built, in the order in which they ended."""
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads((target / "run_results_build.json").read_text(encoding="utf-8"))["results"]
    return [
        (nodes[row["unique_id"]]["config"]["materialized"], row["relation_name"], row["compiled_code"])
        for row in results
        if row["unique_id"].startswith("model.")
    ]


def _copy_inputs(built: Path, database: Path) -> None:
    """The new database gets what dbt was given: bronze's views on Parquet, and the small tables; seeds, too."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"attach '{built}' as built (read_only)")
        for schema in _SCHEMAS:
            connection.execute(f"create schema if not exists {schema}")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'built' "
            "and (schema_name in ('bronze', 'installation', 'released') "
            "or (schema_name = 'reference' and table_name not like 'ref\\_%' escape '\\' "
            "and table_name not like 'int\\_%' escape '\\'))"
        ).fetchall()
        for schema, table in tables:
            connection.execute(f"create table {schema}.{table} as from built.{schema}.{table}")
        views = connection.execute(
            "select sql from duckdb_views() where database_name = 'built' and schema_name = 'bronze'"
        ).fetchall()
        for (sql,) in views:
            connection.execute(sql)
