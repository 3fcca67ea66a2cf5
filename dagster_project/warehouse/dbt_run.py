"""Starts dbt on a candidate as its own process and reads what it did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.errors import LusError, ModelsNotBuilt
from dagster_project.progress import Progress
from dagster_project.settings import PROJECT_ROOT, Settings, private_directory
from dagster_project.warehouse import dbt_arguments
from dagster_project.warehouse.parsed import parsed_project


@dataclass(frozen=True)
class NodeResult:
    """What dbt says of one model, seed or test: ``status`` as dbt spells it, ``failures`` rows for a test."""

    unique_id: str
    status: str
    seconds: float
    failures: int | None
    message: str


def run_dbt(settings: Settings, candidate: Path, progress: Progress) -> None:
    """Build, test and document the candidate's ``warehouse.duckdb``; dbt's records go to ``dbt/`` in it.

    Raises LusError where a model cannot be built. A failed test raises nothing: the gate judges it.
    """
    error = _run(settings, candidate, progress, [])
    if error:
        raise LusError(f"dbt could not build the candidate: {error}. Its log is {candidate}/dbt/dbt.log.")


def run_models(settings: Settings, directory: Path, models: Sequence[str], progress: Progress) -> None:
    """Run the models that ``models`` selects (as dbt's ``--select``) on ``warehouse.duckdb`` in ``directory``.

    What they read must be there. Raises ModelsNotBuilt where one cannot be built.
    """
    error = _run(settings, directory, progress, models)
    if error:
        raise ModelsNotBuilt(f"dbt could not run the models: {error}.")


def _run(settings: Settings, directory: Path, progress: Progress, models: Sequence[str]) -> str:
    """Start dbt and wait; returns what went wrong, empty where nothing did."""
    target = private_directory(directory / "dbt")
    command = [
        sys.executable,
        "-m",
        "dagster_project.warehouse.dbt_process",
        str(target),
        str(parsed_project(settings) / "partial_parse.msgpack"),
        *models,
    ]
    environment = {
        **os.environ,
        dbt_arguments.WAREHOUSE_VARIABLE: str(directory / "warehouse.duckdb"),
        "LUS_THREADS": str(settings.threads),
        "LUS_MEMORY": settings.memory_limit,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    error = ""
    with (
        (target / "dbt.log").open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command, cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            message = _message(line)
            if message is None:
                log.write(line)
            elif "error" in message:
                error = message["error"]
                log.write(error + "\n")
            else:
                progress.count(f"dbt {message['phase']}", message["done"], message["total"])
    return (error or "it ended early") if process.returncode else ""


def _message(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        return dict(json.loads(line))
    except ValueError:
        return None


def results(candidate: Path, phase: str) -> list[NodeResult]:
    """The nodes of a phase ('build' or 'test') as dbt recorded them."""
    record = json.loads((candidate / "dbt" / f"run_results_{phase}.json").read_text(encoding="utf-8"))
    return [
        NodeResult(
            unique_id=row["unique_id"],
            status=row["status"],
            seconds=row["execution_time"],
            failures=row.get("failures"),
            message=row.get("message") or "",
        )
        for row in record["results"]
    ]
