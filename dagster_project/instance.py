"""The persistent Dagster instance under ``LUS_HOME``: runs from the command line show in the interface."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dagster_project.settings import Settings, private_directory

if TYPE_CHECKING:
    from dagster import DagsterInstance

_CONFIGURATION = """\
telemetry:
  enabled: false
run_monitoring:
  enabled: true
concurrency:
  runs:
    max_concurrent_runs: 1   # a run uses the machine's cores and memory for itself
"""


def write_configuration(settings: Settings) -> None:
    """Lay ``dagster.yaml`` where there is none; an installation's own stays as it is."""
    configuration = private_directory(settings.dagster) / "dagster.yaml"
    if not configuration.exists():
        configuration.write_text(_CONFIGURATION, encoding="utf-8")


def open_instance(settings: Settings) -> DagsterInstance:
    from dagster import DagsterInstance

    write_configuration(settings)
    os.environ["DAGSTER_HOME"] = str(settings.dagster)  # what a step's own processes look for
    return DagsterInstance.from_config(str(settings.dagster))
