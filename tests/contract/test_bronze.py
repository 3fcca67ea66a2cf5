"""Bronze: written once by content, whole or not at all, the same bytes each time, every row accounted for."""

from __future__ import annotations

import hashlib
import multiprocessing
import random
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.deliveries import bronze, contract, loading
from dagster_project.settings import Settings
from tests.contract.conftest import MONTH, REGION, Ingested, Site
from tests.deliveries import write_delivery


def many_rows(count: int = 3000) -> dict[str, list[dict[str, Any]]]:
    """Rows of which some are wrong in many ways, the same every time."""
    chance = random.Random(7)
    return {
        "episodes": [
            {
                "episode_id": f"E{chance.randrange(count)}",
                "sex": chance.choice("1123"),
                "clinic_code": chance.choice(["", "K1", 'q"uote', "line\nbreak", "semi;colon", "å" * 1001]),
                "admitted_at": chance.choice(["2026-10-02T10:00", "2026-10-25 02:30", "2026-03-29 02:30", "x", ""]),
            }
            for _ in range(count)
        ],
        "cases": [{"episode_id": f"E{number}"} for number in range(50)],
        "contacts": [{"unit_name": f"Enhet {number % 30}"} for number in range(60)],
    }


def contents(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def test_every_row_is_loaded_or_quarantined(site: Site) -> None:
    ingested = site.deliver(**many_rows())
    delivered = {"episodes": 3000, "cases": 50, "messages": 0, "invoices": 0, "contacts": 60}
    counted = ingested.rows("files", "feed, rows_delivered, rows_loaded, rows_quarantined")
    files = {feed: counts for feed, *counts in counted}
    assert {feed: counts[0] for feed, counts in files.items()} == delivered
    for feed, (rows, loaded, quarantined) in files.items():
        good, bad = ingested.rows(feed, "line"), list(ingested.reasons(feed))
        assert (len(good), len(bad)) == (loaded, quarantined)
        assert sorted(good + bad) == list(range(2, rows + 2))
    assert files["episodes"][1] > 100 and files["contacts"][1] == 30


def test_the_same_delivery_gives_the_same_bytes_on_any_threads(site: Site, tmp_path: Path) -> None:
    write_delivery(site.landing, REGION, MONTH, **many_rows())
    first = site.ingest().delivery
    other = Settings(tmp_path / "other", site.landing, threads=1, memory_limit="500MB")
    second = bronze.ingest(other, REGION, MONTH)
    assert first.digest == second.digest
    assert contents(first.path) == contents(second.path)


def test_bronze_is_written_once_and_by_content(site: Site) -> None:
    said: list[str] = []
    write_delivery(site.landing, REGION, MONTH, episodes=[{}])
    first = bronze.ingest(site.settings, REGION, MONTH, said.append)
    assert said
    told = len(said)
    before = {path: path.stat().st_mtime_ns for path in first.path.iterdir()}
    assert bronze.ingest(site.settings, REGION, MONTH, said.append) == first
    assert len(said) == told
    assert {path: path.stat().st_mtime_ns for path in first.path.iterdir()} == before
    write_delivery(site.landing, REGION, MONTH, version=2, episodes=[{}, {}])
    second = bronze.ingest(site.settings, REGION, MONTH)
    assert second.version == 2
    assert sorted(path.name for path in first.path.parent.iterdir()) == sorted([first.digest, second.digest])


def test_every_feed_has_its_table_with_the_contract_s_types(site: Site) -> None:
    ingested = site.deliver(episodes=[{}], population=[{}])
    connection = duckdb.connect()
    for feed in contract.feeds().values():
        path = ingested.delivery.path / f"{feed.name}.parquet"
        described = connection.execute(f"describe select * from '{path}'").fetchall()
        expected = {
            name: "TIMESTAMP WITH TIME ZONE" if kind == "TIMESTAMPTZ" else kind
            for name, kind in feed.bronze_columns.items()
        }
        assert {row[0]: row[1] for row in described} == expected
    assert ingested.rows("population", "year, sex, age_from, inhabitants") == [(2026, 1, 65, 1000)]


def test_the_facts_agree_with_the_files(site: Site) -> None:
    ingested = site.deliver(episodes=[{}, {"sex": "x"}])
    facts = ingested.facts
    assert (facts["region_code"], facts["month"], facts["version"]) == (REGION, MONTH, 1)
    assert facts["extracted_at"] == "2026-11-03T02:00:00+00:00"
    assert facts["digest"] == ingested.delivery.digest == ingested.delivery.path.name
    assert facts["files"]["episodes.csv"] | {"sha256": ""} == {
        "feed": "episodes", "sha256": "", "rows_delivered": 2, "rows_loaded": 1, "rows_quarantined": 1
    }  # fmt: skip
    written = ingested.delivery.path.glob("*.parquet")
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in written}
    assert facts["parquet"] == hashes
    assert len(hashes) == 12


def test_only_the_owner_can_read_what_is_written(site: Site) -> None:
    site.deliver(episodes=[{}])
    for path in site.settings.home.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_rows_of_one_month_may_be_all_quarantined_or_absent(site: Site) -> None:
    ingested = site.deliver(episodes=[{"sex": "x"}, {"sex": "x"}])
    assert ingested.rows("episodes") == []
    assert ingested.reasons("episodes") == {2: "enum:sex", 3: "enum:sex"}


def _ingest_and_die(settings: Settings) -> None:
    """Killed between the last file and the rename."""

    def die(fresh: Path, target: Path) -> None:
        signal.raise_signal(signal.SIGKILL)

    bronze._settle = die
    bronze.ingest(settings, REGION, MONTH)


def test_a_killed_run_leaves_nothing_that_counts_and_is_cleaned_up(site: Site) -> None:
    write_delivery(site.landing, REGION, MONTH, episodes=[{}])
    write_delivery(site.landing, REGION, "2026-09", episodes=[{}])
    process = multiprocessing.get_context("fork").Process(target=_ingest_and_die, args=(site.settings,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    spill = site.settings.work / "spill" / f"ingest-{REGION}-{MONTH}"
    left = list((site.settings.bronze / REGION / MONTH).iterdir())
    assert [path.name[0] for path in left] == ["."]
    assert spill.exists()
    # The next run, of whatever month, deletes what may hold ids in clear; that of the month, the half-written rest.
    bronze.ingest(site.settings, REGION, "2026-09")
    assert not spill.exists()
    delivery = site.ingest().delivery
    assert list(delivery.path.parent.iterdir()) == [delivery.path]


def _ingest(settings: Settings, results: Any) -> None:
    results.put(bronze.ingest(settings, REGION, MONTH).digest)


def test_two_at_once_do_not_hurt_each_other(site: Site) -> None:
    write_delivery(site.landing, REGION, MONTH, **many_rows(500))
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    both = [context.Process(target=_ingest, args=(site.settings, results)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert results.get() == results.get()
    delivery = site.ingest().delivery
    assert list(delivery.path.parent.iterdir()) == [delivery.path]


def test_an_error_on_the_way_leaves_no_clear_text(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    write_delivery(site.landing, REGION, MONTH, episodes=[{}])

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(loading.Loader, "_count", fail)
    with pytest.raises(OSError, match="no space left"):
        site.ingest()
    assert list((site.settings.work / "spill").iterdir()) == []
    assert list((site.settings.bronze / REGION / MONTH).iterdir()) == []


def test_a_file_larger_than_memory_s_share_is_read_in_parts(site: Site) -> None:
    rows = [{"clinic_code": "K" * 900} for _ in range(20_000)]
    write_delivery(site.landing, REGION, MONTH, episodes=rows)
    assert (site.landing / REGION / MONTH / "v01" / "episodes.csv").stat().st_size > 19_000_000
    small = Ingested(bronze.ingest(replace(site.settings, memory_limit="300MB"), REGION, MONTH))
    assert small.facts["files"]["episodes.csv"]["rows_loaded"] == 20_000
