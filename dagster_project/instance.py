"""The persistent Dagster instance under ``LUS_HOME``: runs from the command line show in the interface."""

from __future__ import annotations

import json
import os
import sqlite3
from typing import TYPE_CHECKING, Any

from dagster_project.settings import Settings, private_directory

if TYPE_CHECKING:
    from dagster import DagsterInstance

_CONFIGURATION = """\
telemetry:
  enabled: false
nux:                         # no invitation to leave an address with Dagster's makers
  enabled: false
run_monitoring:
  enabled: true
concurrency:
  runs:
    max_concurrent_runs: 1   # a run uses the machine's cores and memory for itself
event_log_storage:           # every event in one file: written once, not to a run's file and an index besides
  module: dagster._core.storage.event_log
  class: ConsolidatedSqliteEventLogStorage
  config:
    base_dir: {events}
"""


def write_configuration(settings: Settings) -> None:
    """Lay ``dagster.yaml`` where there is none; an installation's own stays as it is."""
    configuration = private_directory(settings.dagster) / "dagster.yaml"
    if not configuration.exists():
        events = json.dumps(str(settings.dagster / "events"))
        configuration.write_text(_CONFIGURATION.format(events=events), encoding="utf-8")


def open_instance(settings: Settings) -> DagsterInstance:
    from dagster import DagsterInstance
    from sqlalchemy import Engine, event

    write_configuration(settings)
    if not event.contains(Engine, "connect", _sync_less):
        event.listen(Engine, "connect", _sync_less)
    os.environ["DAGSTER_HOME"] = str(settings.dagster)  # what a step's own processes look for
    return DagsterInstance.from_config(str(settings.dagster))


_held: dict[str, sqlite3.Connection] = {}


def _sync_less(connection: Any, _: Any) -> None:
    """Do not wait for the disk at each of a run's several hundred events: Dagster's log is a record, not the truth.

    Dagster opens and closes its files for every event, and SQLite folds its journal in, synchronously, when the last
    connection closes. So one idle connection a file is held, and the journal is folded in when it has grown.
    """
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.execute("pragma synchronous = normal")
    (_, _, file), *_ = connection.execute("pragma database_list").fetchall()
    if file and file not in _held:
        _held[file] = sqlite3.connect(file, check_same_thread=False)
        _held[file].execute("select count(*) from sqlite_master").fetchone()
