"""The scripts that ``docs/bi.md`` shows run unchanged on one release after another."""

from __future__ import annotations

import contextlib
import io
import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import psycopg
import pytest

from dagster_project import months
from dagster_project.serving.serve import serve
from dagster_project.settings import Settings
from tests.serving import bi_page, small_releases

ON_DUCKDB, ON_PARQUET, ON_POSTGRES = bi_page.blocks("python")
(IN_SQL,) = bi_page.blocks("sql")
MONTHS = months.months_between("2025-01", "2026-12")


def _printed(script: str) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(script, "docs/bi.md", "exec"), {})
    return out.getvalue()


def test_the_scripts_run_on_24_releases(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each release of its month has the month's number as its figure; PostgreSQL is given every eighth."""
    (settings.home.parent / "var").symlink_to(settings.home)
    monkeypatch.chdir(settings.home.parent)
    for figure, month in enumerate(MONTHS, 1):
        small_releases.release(settings, month, figure=figure, with_open=False)
        first = date(int(month[:4]), int(month[5:]), 1)
        assert _printed(ON_DUCKDB) == f"{[(first, f'01{code}', figure) for code in (80, 81, 82)]}\n"
        assert f"0182                 {figure}\n" in _printed(ON_PARQUET)
        expected = [(first, "own row of 01", figure, round(Decimal(figure) + Decimal("0.01"), 1))]
        marts = Path("var/releases/01/current/marts/marts.duckdb")
        with duckdb.connect(str(marts), read_only=True) as connection:
            assert connection.execute(IN_SQL).fetchall() == expected
        if figure % 8 == 0:
            serve(settings, "01")
            with psycopg.connect(str(settings.postgres_url)) as connection:
                connection.execute("set role lus_analyst; set search_path = lus")
                assert connection.execute(IN_SQL).fetchall() == expected


def test_sqlalchemy_reads_postgres_as_the_page_says(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    small_releases.release(settings)
    serve(settings, "01")
    with psycopg.connect(str(settings.postgres_url), autocommit=True) as connection:
        connection.execute("create role dashboard login in role lus_reader")
    url = str(settings.postgres_url).replace("postgresql://postgres@", "postgresql+psycopg://dashboard@")
    monkeypatch.setitem(os.environ, "DASHBOARD_URL", url)
    printed = _printed(ON_POSTGRES)
    assert "01/2026-10/r01" in printed
    assert "ready_days_status" in printed
