"""The same input gives the same bytes: on any number of threads, in any time zone and locale."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.releases import catalogue
from dagster_project.releases.hashing import content_hash, logical_hash
from dagster_project.settings import PROJECT_ROOT, Settings
from tests.release import candidates
from tests.release.candidates import MONTH, REGION

ROWS = 300_000  # three row groups, so that two threads have something to share


def published_elsewhere(home: Path, threads: int, **environment: str) -> dict[str, object]:
    home.mkdir()
    subprocess.run(
        [sys.executable, "-m", "tests.release.candidates", str(home), MONTH, str(threads), str(ROWS)],
        cwd=PROJECT_ROOT,
        env={**os.environ, **environment},
        check=True,
    )
    return catalogue.newest(Settings(home, home / "landing"), REGION, MONTH).manifest


def test_bytes_and_hashes_hang_on_no_thread_time_zone_or_locale(tmp_path: Path) -> None:
    here = published_elsewhere(tmp_path / "here", 1, TZ="Europe/Stockholm", LC_ALL="C")
    there = published_elsewhere(tmp_path / "there", 2, TZ="Asia/Tokyo", LC_ALL="C.UTF-8")
    assert here["content_hash"] == there["content_hash"]
    assert here["tables"] == there["tables"]
    assert here["verdict"] == there["verdict"]
    contents = [
        {name: entry["sha256"] for name, entry in manifest["files"].items() if entry["is_content"]}
        for manifest in (here, there)
    ]
    assert contents[0] == contents[1]
    assert "gate/verdict.json" in contents[0]
    assert "marts/parquet/audit_gate.parquet" in contents[0]
    assert here["tables"]["mart_revisions"]["rows"] == 25


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


BASE = "(values ('a', 1, timestamptz '2026-10-25 00:30:00+00'), ('b', null, null)) t(name, days, sent_at)"


@pytest.mark.parametrize(
    "other",
    [
        "(values ('a', 1, timestamptz '2026-10-25 00:30:00+00'), ('c', null, null)) t(name, days, sent_at)",
        "(values ('a', 1, timestamptz '2026-10-25 00:30:00+00'), ('b', 0, null)) t(name, days, sent_at)",
        "(values ('a', 1, timestamptz '2026-10-25 00:30:00.000001+00'), ('b', null, null)) t(name, days, sent_at)",
        "(values ('a', 1, timestamptz '2026-10-25 00:30:00+00')) t(name, days, sent_at)",
        "(values ('a', 1, timestamptz '2026-10-25 00:30:00+00'), ('b', null, null), ('b', null, null)) "
        "t(name, days, sent_at)",
        "(values ('a', 1, timestamptz '2026-10-25 00:30:00+00'), ('b', null, null)) t(name, nights, sent_at)",
        "(select name, days::bigint as days, sent_at from " + BASE + ")",
        "(select days, name, sent_at from " + BASE + ")",
    ],
)
def test_the_logical_hash_sees_every_difference(connection: duckdb.DuckDBPyConnection, other: str) -> None:
    assert logical_hash(connection, BASE).logical_hash != logical_hash(connection, other).logical_hash


def test_the_logical_hash_tells_values_apart_that_look_alike(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [
        "null, 'x'",
        "'', 'x'",
        "'null', 'x'",
        "'NULL', 'x'",
        "'a, b', 'x'",
        "'a', 'b, x'",
        "'a\",\"b', 'x'",
        "'x', null",
    ]
    hashes = {logical_hash(connection, f"(values ({row})) t(one, two)").logical_hash for row in rows}
    assert len(hashes) == len(rows)


def test_the_logical_hash_is_blind_to_order_and_time_zone(connection: duckdb.DuckDBPyConnection) -> None:
    expected = logical_hash(connection, BASE)
    for zone in ("Asia/Tokyo", "America/New_York"):
        connection.execute(f"set TimeZone = '{zone}'")
        assert logical_hash(connection, f"(select * from {BASE} order by name desc)") == expected


def test_the_logical_hash_can_be_computed_without_duckdb(connection: duckdb.DuckDBPyConnection) -> None:
    # Releases are verified years later, by other versions of DuckDB: the definition may never change.
    found = logical_hash(connection, BASE)
    columns = [["name", "VARCHAR"], ["days", "INTEGER"], ["sent_at", "TIMESTAMP WITH TIME ZONE"]]
    instant = int(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()) * 1_000_000
    rows = [f'["a","1","{instant}"]', '["b",null,null]']
    total = sum(int.from_bytes(hashlib.md5(row.encode()).digest()[8:], "little") for row in rows)
    text = json.dumps({"columns": columns, "rows": 2, "sum": str(total)})
    assert found.rows == 2
    assert found.columns == [tuple(column) for column in columns]
    assert found.logical_hash == hashlib.sha256(text.encode()).hexdigest()


def test_an_empty_table_has_a_hash_of_its_columns(connection: duckdb.DuckDBPyConnection) -> None:
    empty = logical_hash(connection, f"(select * from {BASE} where false)")
    assert empty.rows == 0
    assert empty.logical_hash != logical_hash(connection, f"(select name from {BASE} where false)").logical_hash


def test_the_content_hash_is_of_names_and_hashes_in_any_order() -> None:
    assert content_hash({"a": "1", "b": "2"}) == content_hash({"b": "2", "a": "1"})
    assert len({content_hash({"a": "1", "b": "2"}), content_hash({"a": "2", "b": "1"}), content_hash({"a": "1"})}) == 3


def test_the_content_hash_can_be_recomputed_from_the_manifest(settings: Settings) -> None:
    release = candidates.released(settings)
    facts = json.loads((release.path / "manifest.json").read_text())
    listed = {name: entry["sha256"] for name, entry in facts["files"].items() if entry["is_content"]}
    assert content_hash(listed) == facts["content_hash"]
