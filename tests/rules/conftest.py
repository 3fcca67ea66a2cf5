"""One small warehouse, built once by dbt, that the tests of the rules share."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from tests.rules import bronze, scenario
from tests.rules.dbt_project import dbt


@dataclass(frozen=True)
class Built:
    """A warehouse file, dbt's target directory, and the outcome of every node that was built or tested."""

    warehouse: Path
    target: Path
    outcomes: dict[str, str]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Made once for all test processes, which may read it and nothing else."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "rules"
    warehouse, target, outcomes = home / "warehouse.duckdb", home / "target", home / "outcomes.json"
    with FileLock(f"{home}.lock"):
        if not outcomes.exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            bronze.build(
                warehouse,
                scenario.ROWS,
                month=scenario.MONTH,
                first_month=scenario.FIRST_MONTH,
                quarantined=scenario.QUARANTINED,
                frozen=scenario.FROZEN,
            )
            found = dbt(warehouse, target, "build", "--exclude-resource-type", "unit_test")
            outcomes.write_text(json.dumps(found), encoding="utf-8")
    return Built(warehouse, target, json.loads(outcomes.read_text(encoding="utf-8")))
