"""dbt's parsed project, made once per state of the code and kept: parsing costs more than many a model."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from dagster_project.code_version import code_version
from dagster_project.errors import LusError
from dagster_project.settings import Settings, private_directory
from dagster_project.warehouse import dbt_arguments


def parsed_project(settings: Settings) -> Path:
    """Directory that holds ``manifest.json`` and ``partial_parse.msgpack`` of this very code; parses where needed.

    Raises LusError where dbt cannot parse the project.
    """
    kept = settings.work / "dbt" / code_version()
    if not kept.exists():
        private_directory(kept.parent)
        making = Path(tempfile.mkdtemp(prefix=".parsing-", dir=kept.parent))
        environment = {**os.environ, dbt_arguments.WAREHOUSE_VARIABLE: str(making / "warehouse.duckdb")}
        command = [sys.executable, "-m", "dbt.cli.main", "--quiet", *dbt_arguments.parse(making)]
        outcome = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if outcome.returncode:
            shutil.rmtree(making)
            raise LusError(f"dbt cannot read the project's models: {outcome.stdout.strip() or outcome.stderr.strip()}")
        try:
            making.rename(kept)
        except OSError:  # another process was faster: its result is the same
            shutil.rmtree(making)
        for old in kept.parent.iterdir():
            if old != kept and not old.name.startswith(".parsing-"):
                shutil.rmtree(old, ignore_errors=True)
    return kept


def manifest(settings: Settings) -> dict[str, Any]:
    return dict(json.loads((parsed_project(settings) / "manifest.json").read_text(encoding="utf-8")))
