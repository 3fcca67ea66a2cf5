"""A reader sees one release or the next, never a mixture; a load that fails leaves the last one in place."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dagster_project.errors import NotServed
from dagster_project.serving import switch
from dagster_project.serving.serve import serve
from dagster_project.settings import PROJECT_ROOT, Settings
from tests.serving import small_releases

Ask = Callable[..., list[tuple[Any, ...]]]

JANUARY, FEBRUARY = ([([number] * 5,)] for number in (1, 2))
"""What ``AT_ONCE`` gives of the releases of the two months: every figure is the month's number."""

AT_ONCE = """
select
    (select array_agg(distinct ready_days) from lus.mart_ready_days_monthly)
    || (select array_agg(distinct amount::integer) from lus.mart_invoice_basis where amount > 0)
    || (select array_agg(distinct stays::integer) from lus.fct_spells where stays is not null)
    || (select array_agg(distinct ready_days) from lus_open.mart_ready_days_monthly)
    || (select array_agg(extract(month from month)::integer) from lus.served_releases)
"""
ONE_BY_ONE = (
    "select distinct stays::integer from lus.fct_spells where stays is not null",
    "select distinct ready_days from lus_open.mart_ready_days_monthly",
    "select distinct ready_days from lus.mart_ready_days_monthly",
    "select extract(month from month)::integer from lus.served_releases",
)


@contextmanager
def reading(read: Callable[[], list[int]]) -> Iterator[list[list[int]]]:
    """Another thread reads again and again; gives what it saw. Whatever it raised is raised at the end."""
    seen: list[list[int]] = []
    failed: list[BaseException] = []
    done = threading.Event()

    def loop() -> None:
        try:
            while not done.wait(0.05):
                seen.append(read())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()
    assert not failed, failed


def test_readers_see_whole_releases_during_ten_publications(settings: Settings) -> None:
    """Each month's figures are its number: one statement over many tables, and a transaction of several statements."""
    url = str(settings.postgres_url)
    small_releases.release(settings, "2026-01", figure=1)
    serve(settings, "01")
    with psycopg.connect(url, autocommit=True) as first, psycopg.connect(url) as second:

        def at_once() -> list[int]:
            ((figures,),) = first.execute(AT_ONCE).fetchall()
            return sorted(set(figures))

        def one_by_one() -> list[int]:
            with second.transaction():
                return sorted({figure for query in ONE_BY_ONE for (figure,) in second.execute(query)})

        with reading(at_once) as seen_at_once, reading(one_by_one) as seen_one_by_one:
            for month in range(2, 12):
                small_releases.release(settings, f"2026-{month:02d}", figure=month)
                serve(settings, "01")
    for seen in (seen_at_once, seen_one_by_one):
        assert all(len(figures) == 1 for figures in seen), [figures for figures in seen if len(figures) != 1]
        assert seen == sorted(seen)
        assert len({figures[0] for figures in seen}) > 5


def test_a_snapshot_from_before_the_switch_finds_the_new_release_whole(settings: Settings) -> None:
    small_releases.release(settings, "2026-01", figure=1)
    serve(settings, "01")
    with psycopg.connect(str(settings.postgres_url)) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("select 1 from pg_class limit 1")
        small_releases.release(settings, "2026-02", figure=2)
        serve(settings, "01")
        assert reader.execute(AT_ONCE).fetchall() == FEBRUARY


def test_a_reader_who_stays_is_not_broken_off_and_keeps_the_last_release(
    settings: Settings, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switch, "PATIENCE", 0.5)
    small_releases.release(settings, "2026-01", figure=1)
    serve(settings, "01")
    small_releases.release(settings, "2026-02", figure=2)
    with psycopg.connect(str(settings.postgres_url)) as reader:
        reader.execute(ONE_BY_ONE[0])
        with pytest.raises(NotServed, match="in the midst of a transaction"):
            serve(settings, "01")
        assert reader.execute(AT_ONCE).fetchall() == JANUARY
    assert serve(settings, "01").loaded == []  # it was loaded; only the views had to move
    assert ask(AT_ONCE) == FEBRUARY


def _served_then_failing(settings: Settings, **release: Any) -> None:
    """One release served, and the next there to be."""
    small_releases.release(settings, "2026-01", figure=1)
    serve(settings, "01")
    small_releases.release(settings, "2026-02", figure=2, **release)


def _assert_january_is_all_there_is(ask: Ask) -> None:
    assert ask(AT_ONCE) == JANUARY
    assert ask("select distinct nspname from pg_namespace where nspname like 'lus_01_2026_02%'") == []
    assert ask("select release from lus_serving.releases") == [("01/2026-01/r01",)]


def test_a_loader_killed_half_way_leaves_the_last_release(settings: Settings, ask: Ask) -> None:
    _served_then_failing(settings, rows=100_000)
    loader = subprocess.Popen(
        [sys.executable, "-m", "dagster_project.cli.main", "serve", "--home", str(settings.home)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "LUS_POSTGRES_URL": str(settings.postgres_url)},
    )
    until = time.monotonic() + 60
    with psycopg.connect(str(settings.postgres_url), autocommit=True) as watcher:
        while not watcher.execute("select 1 from pg_stat_progress_copy where tuples_processed > 1000").fetchall():
            assert time.monotonic() < until and loader.poll() is None
    loader.send_signal(signal.SIGKILL)
    loader.wait()
    while ask("select 1 from pg_stat_activity where application_name = 'lus'"):
        assert time.monotonic() < until
        time.sleep(0.05)
    _assert_january_is_all_there_is(ask)
    serve(settings, "01")
    assert ask(AT_ONCE) == FEBRUARY


def test_a_bad_table_leaves_the_last_release(settings: Settings, ask: Ask) -> None:
    _served_then_failing(settings, change="insert into mart_ready_days_monthly from mart_ready_days_monthly limit 1;")
    with pytest.raises(NotServed, match="could not create unique index") as refused:
        serve(settings, "01")
    assert "2026-02-01" not in str(refused.value)  # the key's value, which PostgreSQL tells in a line of its own
    _assert_january_is_all_there_is(ask)


def test_a_type_that_postgres_is_not_given_is_told(settings: Settings, ask: Ask) -> None:
    _served_then_failing(settings, change="alter table fct_spells add column strange uuid;")
    with pytest.raises(NotServed, match="fct_spells has a column of type UUID"):
        serve(settings, "01")
    _assert_january_is_all_there_is(ask)


def test_a_value_that_postgres_does_not_take_is_not_told(settings: Settings, ask: Ask) -> None:
    _served_then_failing(settings, change="update fct_spells set hospital_id = 'secret' || chr(0);")
    with pytest.raises(NotServed, match="could not take a value") as refused:
        serve(settings, "01")
    assert "secret" not in str(refused.value)
    _assert_january_is_all_there_is(ask)


def test_a_damaged_release_is_not_loaded(settings: Settings, ask: Ask) -> None:
    _served_then_failing(settings)
    marts = settings.releases / "01" / "2026-02" / "r01" / "marts" / "marts.duckdb"
    content = bytearray(marts.read_bytes())
    content[len(content) // 2] ^= 1
    marts.write_bytes(content)
    with pytest.raises(NotServed, match="another SHA-256"):
        serve(settings, "01")
    _assert_january_is_all_there_is(ask)


def test_a_disk_that_fails_leaves_the_last_release(settings: Settings, ask: Ask, database: str) -> None:
    """The server's disk: new tables go to a place that is not there any more."""
    _served_then_failing(settings)
    place = Path(database.split("host=")[1]) / "disk"
    place.mkdir()
    shutil.chown(place, place.parent.owner())
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"create tablespace disk location '{place}'")
        connection.execute(f"alter database {name} set default_tablespace = disk")
    shutil.rmtree(place)
    with pytest.raises(NotServed, match="No such file or directory"):
        serve(settings, "01")
    _assert_january_is_all_there_is(ask)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"alter database {name} reset default_tablespace")
    serve(settings, "01")
    assert ask(AT_ONCE) == FEBRUARY
