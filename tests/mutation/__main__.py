"""How many small faults in the rules' SQL does the second implementation see? ``python -m tests.mutation``.

A warehouse is built for every window of the random cases. Each mutant of a payment rule then takes its model's place in
each warehouse, the models behind it are computed again, and the published tables are compared with what the second
implementation expects, cell by cell. What differs nowhere is tried on the model's dbt unit tests, which know rows that
no shipped reference table has. A mutant that either sees, or that a model behind it chokes on, is killed; one that
DuckDB cannot bind is no mutant. Exit code 1 where fewer than the demanded share is killed, or a survivor is not among
those explained in ``survivors.yml``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from dagster_project.settings import DBT_DIR, SEEDS_DIR, Settings
from tests.mutation.operators import Mutant, mutants
from tests.oracle import compare, marts
from tests.oracle import test_against_warehouse as windows
from tests.oracle.random_feeds import WINDOWS
from tests.rules import compiled
from tests.rules.compiled import Model

FOLDERS = (
    "models/core/rates/",
    "models/rules/conditions/",
    "models/rules/responsibility/",
    "models/rules/mean_model/",
    "models/rules/reconciliation/",
    "models/marts/billing/",
)
ALSO = ("fct_readiness_intervals", "fct_liable_days", "mart_payment_responsibility_monthly")
JUDGED = [
    "fct_readiness_intervals",
    "fct_liable_days",
    "mart_payment_responsibility_monthly",
    "mart_invoice_basis",
    "mart_invoice_reconciliation",
]
DEMANDED = 0.95
MEMORY, SECONDS = "1GB", 60.0
"""What a mutant may use: the unchanged rules use a hundredth. One that takes more would never finish a month."""
EXPLAINED = Path(__file__).with_name("survivors.yml")


@dataclass
class Warehouse:
    """One window's warehouse, open for writing, and what its tables should hold."""

    path: Path
    connection: duckdb.DuckDBPyConnection
    expected: dict[str, list[dict[str, Any]]]
    models: dict[str, Model]
    refs: dict[str, str]

    def behind(self, model: str) -> list[str]:
        """The model and the tables that follow from it towards the judged ones, in the order they are built."""
        found = {model}
        for name, node in self.models.items():
            if name not in found and found & set(node.parents):
                found.add(name)
        wanted = set(JUDGED)
        for name in reversed(list(self.models)):
            if name in wanted:
                wanted |= set(self.models[name].parents)
        return [name for name in self.models if name in found & (wanted | {model})]

    def differs(self, mutant: Mutant) -> bool:
        """Whether the mutant changes a judged table. Raises duckdb.BinderException for what is no SQL."""
        self.connection.execute("begin")
        clock = threading.Timer(SECONDS, self.connection.interrupt)
        clock.start()
        try:
            for name in self.behind(mutant.model):
                sql = mutant.sql if name == mutant.model else self.models[name].sql
                compiled.compute(self.connection, self.models[name], sql)
            return any(self._table_differs(table) for table in JUDGED)
        finally:
            clock.cancel()
            self.connection.execute("rollback")

    def _table_differs(self, table: str) -> bool:
        rows = self.expected[table]
        columns = compare.columns_of(self.connection, table)
        wanted = list(rows[0]) if rows else compare.KEYS[table]
        found = compare.read(self.connection, table, {column: columns[column] for column in wanted})
        return bool(compare.compare_rows(table, found, rows))


def build(home: Path, window: Any) -> Warehouse:
    settings = Settings(home, home / "landing")
    deliveries = windows.deliveries_of(window)
    windows.land(deliveries, window.region, settings.landing)
    frozen = windows.frozen_of(deliveries, window, window.last)
    path = windows.build(settings, window.region, window.last, frozen)
    target = path.parent / "dbt"
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    refs = {node["relation_name"]: node["name"] for node in manifest["nodes"].values() if node.get("relation_name")}
    connection = duckdb.connect(str(path))
    connection.execute(f"set TimeZone = 'UTC'; set memory_limit = '{MEMORY}'; set threads = 1")
    expected = marts.release(deliveries, window.region, window.last, frozen)
    models = {name: model for name, model in compiled.models(target).items() if model.kind == "table"}
    return Warehouse(path, connection, expected, models, refs)


class UnitTests:
    """The dbt project with one model replaced, for its unit tests; they look up types in a warehouse of their own."""

    def __init__(self, home: Path, warehouse: Warehouse) -> None:
        self.home = home
        self.refs = warehouse.refs
        self.paths = {name: model.path for name, model in warehouse.models.items()}
        shutil.copytree(DBT_DIR, home / "dbt", ignore=shutil.ignore_patterns("target", "logs"))
        (home / "seeds").symlink_to(SEEDS_DIR)
        warehouse.connection.execute("checkpoint")
        shutil.copyfile(warehouse.path, home / "warehouse.duckdb")

    def fail(self, mutant: Mutant) -> bool:
        model = self.home / "dbt" / self.paths[mutant.model]
        written = model.read_text(encoding="utf-8")
        sql = mutant.sql
        for relation, name in self.refs.items():
            sql = sql.replace(relation, f"{{{{ ref('{name}') }}}}")
        model.write_text(sql, encoding="utf-8")
        try:
            return self._run(mutant.model)
        finally:
            model.write_text(written, encoding="utf-8")

    def _run(self, model: str) -> bool:
        """Whether a unit test of the model failed. Raises RuntimeError where one could not run at all."""
        (self.home / "target" / "run_results.json").unlink(missing_ok=True)
        project = str(self.home / "dbt")
        command = ["dbt.cli.main", "--quiet", "test", "--select", f"{model},test_type:unit"]
        places = ["--project-dir", project, "--profiles-dir", project, "--target-path", str(self.home / "target")]
        done = subprocess.run(
            [sys.executable, "-m", *command, *places, "--log-path", str(self.home / "target")],
            env=os.environ | {"LUS_WAREHOUSE": str(self.home / "warehouse.duckdb")},
            capture_output=True,
            check=False,
        )
        if not done.returncode:
            return False
        results = json.loads((self.home / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
        if unexpected := [result["message"] for result in results if result["status"] not in ("pass", "fail")]:
            raise RuntimeError(f"{model}'s unit tests could not run: {unexpected[0]}")
        return True


def candidates(warehouse: Warehouse) -> list[Mutant]:
    chosen = {
        name: model
        for name, model in warehouse.models.items()
        if name in ALSO or any(folder in model.path for folder in FOLDERS)
    }
    return [mutant for name in sorted(chosen) for mutant in mutants(name, chosen[name].sql)]


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__.splitlines()[0])
    arguments.add_argument("--only", metavar="MODEL", help="mutate this model alone")
    arguments.add_argument("--windows", type=int, default=len(WINDOWS), help="use the first N windows of cases")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as home:
        warehouses = []
        for number, window in enumerate(WINDOWS[: chosen.windows]):
            print(f"building {windows.name_of(window)}", file=sys.stderr, flush=True)
            warehouses.append(build(Path(home) / str(number), window))
        unit_tests = UnitTests(Path(home) / "unit_tests", warehouses[0])
        tried = [mutant for mutant in candidates(warehouses[0]) if chosen.only in (None, mutant.model)]
        for model in dict.fromkeys(mutant.model for mutant in tried):
            same = Mutant(model, "none", 0, "", "", warehouses[0].models[model].sql)
            if fate(same, warehouses, unit_tests) != "survived":
                print(f"{model} already differs from what is expected, unchanged: pass the tests first.")
                return 1
        return judge(tried, warehouses, unit_tests)


def judge(tried: list[Mutant], warehouses: list[Warehouse], unit_tests: UnitTests) -> int:
    killed, endless, stillborn = 0, 0, 0
    survivors = []
    started = time.monotonic()
    for number, mutant in enumerate(tried, 1):
        outcome = fate(mutant, warehouses, unit_tests)
        killed += outcome in ("killed", "endless")
        endless += outcome == "endless"
        stillborn += outcome == "stillborn"
        if outcome == "survived":
            survivors.append(mutant)
            print(mutant.name, flush=True)
        if number % 50 == 0:
            minutes = (time.monotonic() - started) / 60
            print(f"{number} of {len(tried)}, {minutes:.1f} min", file=sys.stderr, flush=True)
    explained: dict[str, str] = yaml.safe_load(EXPLAINED.read_text(encoding="utf-8")) or {}
    unexplained = [mutant for mutant in survivors if not any(text in mutant.name for text in explained)]
    alive = killed + len(survivors)
    share = killed / alive if alive else 0
    print(f"{killed} of {alive} mutants killed ({share:.1%}), {endless} of them since they never end")
    print(f"{stillborn} were no SQL; {len(survivors)} survive, {len(unexplained)} of them unexplained")
    return 0 if share >= DEMANDED and not unexplained else 1


def fate(mutant: Mutant, warehouses: list[Warehouse], unit_tests: UnitTests) -> str:
    for warehouse in warehouses:
        try:
            if warehouse.differs(mutant):
                return "killed"
        except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException):
            return "stillborn"
        except (duckdb.OutOfMemoryException, duckdb.InterruptException):
            return "endless"
        except (duckdb.OutOfRangeException, duckdb.ConversionException, duckdb.InvalidInputException):
            return "killed"
    return "killed" if unit_tests.fail(mutant) else "survived"


if __name__ == "__main__":
    sys.exit(main())
