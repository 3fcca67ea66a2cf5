"""A landing zone and a home of a test's own, and what ingestion makes of one delivery there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.deliveries import bronze
from dagster_project.errors import DeliveryRejected
from dagster_project.settings import Settings
from tests.deliveries import write_delivery, write_files

REGION, MONTH = "01", "2026-10"


@dataclass
class Site:
    """``ingest`` and ``rejected`` read the winning delivery of region 01, October 2026."""

    settings: Settings

    @property
    def landing(self) -> Path:
        return self.settings.landing

    def ingest(self) -> Ingested:
        return Ingested(bronze.ingest(self.settings, REGION, MONTH))

    def deliver(self, **feeds: Any) -> Ingested:
        write_delivery(self.landing, REGION, MONTH, **feeds)
        return self.ingest()

    def deliver_files(self, files: dict[str, bytes], **given: Any) -> Ingested:
        """Deliver ``files`` and, for the required feeds that are not among them, files without rows."""
        directory = write_delivery(self.landing, REGION, MONTH)
        named = {name.partition(".")[0] for name in files}
        others = {path.name: path.read_bytes() for path in directory.glob("*.csv") if path.stem not in named}
        for path in directory.iterdir():
            path.unlink()
        write_files(self.landing, REGION, MONTH, others | files, **given)
        return self.ingest()

    def rejected(self, act: Callable[[], Any]) -> str:
        with pytest.raises(DeliveryRejected) as error:
            act()
        assert not list(self.settings.bronze.glob("*/*/*"))
        assert not list((self.settings.work / "spill").glob("ingest-*"))
        return str(error.value)


@dataclass
class Ingested:
    delivery: bronze.BronzeDelivery

    def rows(self, table: str, columns: str = "*") -> list[Any]:
        """The rows of a bronze table in its stored order; single values where one column is asked for."""
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            found = connection.execute(f"select {columns} from '{self.delivery.path / table}.parquet'").fetchall()
        return [row[0] for row in found] if found and len(found[0]) == 1 else found

    def reasons(self, feed: str) -> dict[int, str]:
        """Line → reasons of the feed's quarantined rows."""
        return {line: why for name, line, why in self.rows("quarantine", "feed, line, reasons") if name == feed}

    def reports(self, feed: str) -> dict[str, int]:
        return {rule: rows for name, rule, rows in self.rows("reports", "feed, rule, rows") if name == feed}

    @property
    def facts(self) -> dict[str, Any]:
        return json.loads((self.delivery.path / bronze.FACTS).read_text())


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("LUS_PSEUDONYM_KEY", "a key of the tests alone")
    return Site(Settings(tmp_path / "home", tmp_path / "landing"))
