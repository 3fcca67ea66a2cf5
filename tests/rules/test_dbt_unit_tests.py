"""Every boundary of the rules, as dbt's unit tests beside the models, run against relations that exist."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.rules.conftest import Built
from tests.rules.dbt_project import dbt, failures


def test_the_models_build_and_their_data_tests_pass(built: Built) -> None:
    assert failures(built.outcomes) == []


def test_every_unit_test_passes(built: Built, tmp_path: Path) -> None:
    warehouse = Path(shutil.copy(built.warehouse, tmp_path))
    target = Path(shutil.copytree(built.target, tmp_path / "target"))
    outcomes = dbt(warehouse, target, "test", "--select", "test_type:unit")
    assert failures(outcomes) == []
    assert len(outcomes) >= 40
