"""Where things are and how much of the machine may be used: read from the environment once, in one typed object."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from dagster_project.errors import ConfigurationError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_DIR = PROJECT_ROOT / "dbt"
SEEDS_DIR = PROJECT_ROOT / "seeds"
EXPECTATIONS_DIR = PROJECT_ROOT / "expectations"

TIME_ZONE = "Europe/Stockholm"


@dataclass(frozen=True)
class Settings:
    """Paths under ``LUS_HOME`` and the engine's limits.

    ``home`` and ``landing`` are absolute. ``memory_limit`` is DuckDB's notation ("3GB"); ``threads`` counts cores.
    ``postgres_url`` may hold a password: it is in no text of this object.
    """

    home: Path
    landing: Path
    threads: int = 2
    memory_limit: str = "3GB"
    postgres_url: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, home: Path | None = None, landing: Path | None = None) -> Settings:
        """Arguments go before the ``LUS_`` variables of the environment; then the defaults.

        Raises ConfigurationError on a value that cannot be.
        """
        home = Path(home or os.environ.get("LUS_HOME") or "var").absolute()
        landing = Path(landing or os.environ.get("LUS_LANDING") or home / "landing").absolute()
        threads = os.environ.get("LUS_THREADS", "2")
        if not threads.isdigit() or int(threads) < 1:
            raise ConfigurationError(f"LUS_THREADS is '{threads}': give the number of cores to use, 1 or more.")
        postgres_url = os.environ.get("LUS_POSTGRES_URL") or None
        if postgres_url and not postgres_url.startswith(("postgresql://", "postgres://")):
            raise ConfigurationError(
                "LUS_POSTGRES_URL is no address: write it as postgresql://user:password@host:5432/database."
            )
        return cls(home, landing, int(threads), os.environ.get("LUS_MEMORY", "3GB"), postgres_url)

    @property
    def bronze(self) -> Path:
        return self.home / "bronze"

    @property
    def work(self) -> Path:
        return self.home / "work"

    @property
    def releases(self) -> Path:
        return self.home / "releases"

    @property
    def dagster(self) -> Path:
        return self.home / "dagster"

    @property
    def secrets(self) -> Path:
        return self.home / "secrets"

    @property
    def reference(self) -> Path:
        return self.home / "reference"

    @property
    def mappings(self) -> Path:
        return self.home / "mappings"

    def candidate(self, region: str, month: str) -> Path:
        """The directory of the one candidate of a region and month; a failed one stays for inspection."""
        return self.work / region / month

    def connect(self, database: Path | None = None, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection that spills under ``LUS_HOME`` and whose answers hang on no clock, zone or locale."""
        spill = private_directory(self.work / "spill")
        connection = duckdb.connect(
            str(database or ":memory:"),
            read_only=read_only,
            config={
                "threads": self.threads,
                "memory_limit": self.memory_limit,
                "temp_directory": str(spill),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        connection.execute("set TimeZone = 'UTC'")
        return connection


def private_directory(path: Path) -> Path:
    """Make ``path``, readable by its owner alone (health data: least rights).

    Parents that are missing may be passed through by the group, so that it can reach ``releases/``.
    """
    for directory in reversed(path.parents):
        directory.mkdir(mode=0o750, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    return path
