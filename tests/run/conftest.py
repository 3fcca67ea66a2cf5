"""A small synthetic region with one published month, and a way to run ``lus`` on a copy of it as a user would."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from filelock import FileLock
from psycopg import sql

from dagster_project import months
from dagster_project.settings import PROJECT_ROOT
from tests.serving import server

REGION = "24"
FIRST, PUBLISHED, NEXT = "2024-05", "2024-09", "2024-10"
MEAN_AGREEMENT, MEAN_FROM = "vasterbotten-somatic", "2024-07"
INVOICED_FROM = "2024-08"
SEEN = "seen_in_postgresql.json"
"""Beside the published home: the server is gone when the tests run."""
LUS = str(Path(sys.executable).with_name("lus"))


@dataclass(frozen=True)
class Installation:
    """A LUS_HOME with its landing zone inside."""

    home: Path

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    def delivery(self, month: str, version: int = 1) -> Path:
        return self.landing / REGION / month / f"v{version:02d}"

    def lus(self, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [LUS, *arguments, "--home", str(self.home)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LUS_HOME": "", "LUS_LANDING": "", **(environment or {})},
        )

    def release(self, month: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
        """The outcome that ``lus release --json`` prints."""
        run = self.lus("release", month, "--json", environment=environment)
        outcome: dict[str, Any] = json.loads(run.stdout)
        assert outcome["exit_code"] == run.returncode
        assert "Traceback" not in run.stderr
        return outcome

    def dagster(self, selection: str, month: str) -> subprocess.CompletedProcess[str]:
        """Start assets of a month from Dagster's own command line, as an operator could."""
        return subprocess.run(
            [
                sys.executable, "-m", "dagster", "asset", "materialize", "--select", selection,
                "--partition", f"{month}|{REGION}", "-m", "dagster_project.code_location",
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=PROJECT_ROOT,
            env={
                **os.environ,
                "LUS_HOME": str(self.home),
                "LUS_LANDING": str(self.landing),
                "DAGSTER_HOME": str(self.home / "dagster"),
            },
        )  # fmt: skip

    def current(self) -> dict[str, str]:
        """Every file that ``current`` leads to, with its hash, and where the link points."""
        link = self.home / "releases" / REGION / "current"
        files = {
            path.relative_to(link).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(link.rglob("*"))
            if path.is_file()
        }
        return {"->": str(link.readlink()), **files}


OWN_ROWS = {
    "agreements": "agreement_id,region_code,payment_class,valid_from,model,last_free_day,day_count,noon_cutoff,"
    "consecutive_months,status,source\n"
    f"{MEAN_AGREEMENT},{REGION},somatic,{MEAN_FROM}-01,mean,2,calendar,12:00,1,provisional,test\n",
    "invoicing_periods": "region_code,payment_class,valid_from,valid_to,invoicing_active,status,source\n"
    f"{REGION},all,2018-01-01,{months.last_day(months.next_month(INVOICED_FROM, -1))},false,provisional,test\n",
}
"""The installation's own reference rows: from July the mean model, from August invoices."""


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Six months delivered, the fifth released and loaded into PostgreSQL: made once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "published" / "home"
    installation = Installation(home)
    with FileLock(str(home.parent) + ".lock"):
        if not (home.parent / "made").exists():
            shutil.rmtree(home.parent, ignore_errors=True)
            home.mkdir(parents=True)
            made = installation.lus(
                "generate", "--region", REGION, "--from", FIRST, "--to", NEXT, "--stays-per-month", "600", "--seed", "7"
            )
            assert made.returncode == 0, made.stderr
            (home / "reference").mkdir()
            for table, rows in OWN_ROWS.items():
                (home / "reference" / f"{table}.csv").write_text(rows, encoding="utf-8")
            with server.running() as url:
                outcome = installation.release(PUBLISHED, {"LUS_POSTGRES_URL": url})
                assert outcome["status"] == "published", outcome["message"]
                (home.parent / SEEN).write_text(json.dumps(_seen(url)), encoding="utf-8")
            (home.parent / "made").touch()
    return installation


def _seen(url: str) -> dict[str, Any]:
    """What readers of PostgreSQL see, by schema: the releases shown, and each table's number of rows."""
    seen = {}
    with psycopg.connect(url) as connection:
        for schema in ("lus", "lus_open"):
            views = connection.execute("select viewname from pg_views where schemaname = %s", [schema]).fetchall()
            counted = {
                view: connection.execute(
                    sql.SQL("select count(*) from {}").format(sql.Identifier(schema, view))
                ).fetchone()
                for (view,) in views
                if view != "served_releases"
            }
            seen[schema] = {
                "releases": [one for (one,) in connection.execute(f"select release from {schema}.served_releases")],
                "rows": {view: rows for view, (rows,) in counted.items()},
            }
    return seen


@pytest.fixture
def installation(published: Installation, tmp_path: Path) -> Installation:
    """A copy of the published region that a test may do anything to."""
    copy = tmp_path / "home"
    shutil.copytree(published.home, copy, symlinks=True)
    return Installation(copy)


@pytest.fixture
def edit_delivery(installation: Installation) -> Callable[..., None]:
    """Change a feed's lines in a delivery and make delivery.json agree, as a source system would."""

    def edit(month: str, feed: str, change: Callable[[list[str]], list[str]]) -> None:
        directory = installation.delivery(month)
        facts = json.loads((directory / "delivery.json").read_text(encoding="utf-8"))
        name = next(name for name in facts["files"] if name.split(".")[0] == feed)
        lines = change((directory / name).read_text(encoding="utf-8").splitlines(keepends=True))
        (directory / name).write_text("".join(lines), encoding="utf-8")
        facts["files"][name]["rows"] = len(lines) - 1
        facts["files"][name]["sha256"] = hashlib.sha256((directory / name).read_bytes()).hexdigest()
        (directory / "delivery.json").write_text(json.dumps(facts), encoding="utf-8")

    return edit
