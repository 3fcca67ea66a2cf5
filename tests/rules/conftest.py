"""One small warehouse, built once by dbt, that the tests of the rules share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

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
    home = tmp_path_factory.mktemp("rules")
    warehouse, target = home / "warehouse.duckdb", home / "target"
    bronze.build(
        warehouse,
        scenario.ROWS,
        month=scenario.MONTH,
        first_month=scenario.FIRST_MONTH,
        quarantined=scenario.QUARANTINED,
        frozen=scenario.FROZEN,
    )
    return Built(warehouse, target, dbt(warehouse, target, "build", "--exclude-resource-type", "unit_test"))
