"""The open part of a candidate: what disclosure control lets out, as Parquet."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np

from dagster_project.disclosure import annual, cells, tables
from dagster_project.disclosure.vintages import Places, Vintages, hidden_of
from dagster_project.releases import export
from dagster_project.releases.hashing import literal
from dagster_project.releases.history import Published
from dagster_project.settings import Settings, private_directory


def write_open_tables(settings: Settings, candidate: Path, warehouse: Path, history: Sequence[Published]) -> None:
    """Write every open table to ``open/parquet/<table>.parquet`` of the candidate, in place of what was there.

    ``history`` are the region's releases, the first published first: what they hid stays hidden, and what they showed
    hides nothing. Raises VerificationFailed where an open file of an earlier release is damaged.
    """
    out = candidate / tables.PARQUET
    shutil.rmtree(candidate / "open", ignore_errors=True)
    with settings.connect() as connection:
        connection.execute(f"attach {literal(warehouse)} as warehouse (read_only)")
        private_directory(out)
        lay(connection, [tables.truth_of(release) for release in history], settings.threads)
        for table, key in tables.KEYS.items():
            export.export_table(connection, table, out, key)


def lay(connection: duckdb.DuckDBPyConnection, earlier: list[dict[str, str]], threads: int) -> None:
    """Make the open tables in a connection that has the warehouse attached.

    ``earlier`` are the open tables published before by name, as ``tables.with_truth`` gives them. Systems are solved
    side by side; none hangs on another.
    """
    tables.lay_earlier_cells(connection, earlier)
    found = cells.load(connection)
    with ThreadPoolExecutor(threads) as pool:
        hidden = list(pool.map(_hidden, found.systems))
    numbers = np.concatenate([found.stay_hidden, *hidden]).tolist()
    connection.execute("create table hidden_cell as select unnest(?::integer[]) as cell", [numbers])
    tables.lay_tables(connection)
    annual.lay_table(connection)


def _hidden(of_system: tuple[Places, Vintages]) -> Places:
    """The numbers of the cells that the candidate hides of a system."""
    one, told = of_system
    return one[hidden_of(told)]
