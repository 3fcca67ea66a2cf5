"""dbt as a process of its own on a warehouse file, and what its results say, for tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from dagster_project.settings import DBT_DIR


def dbt(warehouse: Path, target: Path, *arguments: str) -> dict[str, str]:
    """Run dbt and give each node's name with its status; a run that gives no results fails with dbt's own words."""
    results = target / "run_results.json"
    results.unlink(missing_ok=True)
    command = [
        str(Path(sys.executable).with_name("dbt")),
        *arguments,
        "--project-dir",
        str(DBT_DIR),
        "--profiles-dir",
        str(DBT_DIR),
        "--target-path",
        str(target),
        "--log-path",
        str(target),
    ]
    environment = os.environ | {"LUS_WAREHOUSE": str(warehouse)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if not results.exists():
        raise AssertionError(f"dbt {arguments[0]} gave no results:\n{done.stdout[-4000:]}\n{done.stderr[-2000:]}")
    nodes = json.loads(results.read_text(encoding="utf-8"))["results"]
    return {node["unique_id"]: _outcome(node) for node in nodes}


def failures(outcomes: dict[str, str]) -> list[str]:
    """The nodes that neither passed nor were built, with what dbt says of each."""
    return [
        f"{node}: {outcome}"
        for node, outcome in sorted(outcomes.items())
        if outcome not in ("pass", "success", "no-op")
    ]


def _outcome(node: dict[str, object]) -> str:
    status = str(node["status"])
    return status if status in ("pass", "success", "no-op") else f"{status} {node.get('message') or ''}".strip()
