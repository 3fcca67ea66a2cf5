"""Faults from the landing zone to the exit code: after each, ``current`` is the release that it was, byte for byte."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dagster_project.settings import PROJECT_ROOT
from tests.run.conftest import FIRST, NEXT, PUBLISHED, REGION, Installation

Edit = Callable[..., None]


@pytest.fixture
def unchanged(installation: Installation) -> Callable[[], None]:
    before = installation.current()

    def check() -> None:
        assert installation.current() == before

    return check


def test_a_wrong_hash_rejects(installation: Installation, unchanged: Callable[[], None]) -> None:
    manifest = installation.delivery(NEXT) / "delivery.json"
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    name = next(name for name in facts["files"] if name.startswith("episodes"))
    facts["files"][name]["sha256"] = "0" * 64
    manifest.write_text(json.dumps(facts), encoding="utf-8")
    outcome = installation.release(NEXT)
    assert (outcome["exit_code"], outcome["status"]) == (3, "rejected")
    assert name in outcome["message"] and "sha256" in outcome["message"]
    unchanged()


def test_a_file_cut_short_rejects(installation: Installation, unchanged: Callable[[], None]) -> None:
    file = next(installation.delivery(NEXT).glob("messages*"))
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    outcome = installation.release(NEXT)
    assert outcome["exit_code"] == 3
    assert file.name in outcome["message"]
    unchanged()


def test_a_missing_month_stops(installation: Installation, unchanged: Callable[[], None]) -> None:
    shutil.rmtree(installation.landing / REGION / PUBLISHED)
    outcome = installation.release(NEXT)
    assert outcome["exit_code"] == 3
    assert PUBLISHED in outcome["message"]
    unchanged()


def test_a_run_killed_half_way_can_be_repeated_and_quarantines_impossible_dates(
    installation: Installation, edit_delivery: Edit, unchanged: Callable[[], None]
) -> None:
    """From a landing zone whose first month has gone: what lies before the first that is left is not missing.

    The database that the release is to be loaded into does not answer: the month is published all the same.
    """
    shutil.rmtree(installation.landing / REGION / FIRST)

    def spoil(lines: list[str]) -> list[str]:
        header = lines[0].rstrip("\n").split(";")
        row = lines[5].rstrip("\n").split(";")
        far_away = lines[6].rstrip("\n").split(";")
        row[header.index("admitted_at")] = "2024-10-32T08:00:00"
        far_away[header.index("admitted_at")] = "2094-10-02T08:00:00"
        far_away[header.index("discharged_at")] = ""
        far_away[header.index("discharge_destination")] = ""
        return [*lines[:5], ";".join(row) + "\n", ";".join(far_away) + "\n", *lines[7:]]

    edit_delivery(NEXT, "episodes", spoil)
    _kill_while_it_builds(installation)
    unchanged()
    outcome = installation.release(NEXT, {"LUS_POSTGRES_URL": "postgresql://localhost:1/lus"})
    assert (outcome["status"], outcome["exit_code"]) == ("not_served", 1), outcome["message"]
    assert outcome["message"].startswith(f"Published {REGION}/{NEXT}/r01. PostgreSQL could not be given")
    assert installation.current()["->"] == f"{NEXT}/r01"
    with duckdb.connect(f"{outcome['path']}/marts/marts.duckdb", read_only=True) as marts:
        reasons = marts.execute(
            "select reasons from audit_quarantine where delivery_month = ? and file like 'episodes%' "
            "and line in (6, 7) order by line",
            [f"{NEXT}-01"],
        ).fetchall()
        assert reasons == [("type:admitted_at",), ("time_out_of_range",)]
        lost = marts.execute(
            "select count(*) from audit_deliveries where rows_delivered <> rows_loaded + rows_quarantined"
        ).fetchone()
        assert lost == (0,)


def _kill_while_it_builds(installation: Installation) -> None:
    run = subprocess.Popen(
        [sys.executable, "-m", "dagster_project.cli.main", "release", NEXT, "--home", str(installation.home)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "LUS_LANDING": ""},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stderr is not None
    for line in run.stderr:
        if line.startswith("  dbt build"):
            break
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def test_what_is_gone_what_is_sent_again_and_a_check_that_cannot_run_block_and_publishing_alone_refuses(
    installation: Installation, edit_delivery: Edit, unchanged: Callable[[], None], tmp_path: Path
) -> None:
    """Three faults that do not hide each other, in a project one of whose expectations raises."""

    def without_busiest(lines: list[str]) -> list[str]:
        header = lines[0].rstrip("\n").split(";")
        column = header.index("hospital_id")
        hospitals = [line.split(";")[column] for line in lines[1:]]
        busiest = max(set(hospitals), key=hospitals.count)
        return [lines[0], *(line for line in lines[1:] if line.split(";")[column] != busiest)]

    edit_delivery(NEXT, "episodes", without_busiest)
    _send_again(installation, "messages")
    run = _release_with_a_broken_check(installation, tmp_path / "project", "weekday_without_messages")
    assert run.returncode == 4, run.stdout + run.stderr
    outcome = json.loads(run.stdout)
    assert outcome["status"] == "blocked"
    assert "hospital" in outcome["message"]
    verdict = json.loads((installation.home / "work" / REGION / NEXT / "gate" / "verdict.json").read_text())
    results = {check["check_name"]: check["result"] for check in verdict["checks"]}
    assert results["weekday_without_messages"] == "error"
    assert results["hospital_is_present"] == "failed"
    assert results["delivery_repeats_a_file"] == "failed"
    assert list(results.values()).count("error") == 1
    assert list(results.values()).count("passed") > 200
    unchanged()
    alone = installation.dagster("key:release/release", NEXT)
    assert alone.returncode != 0
    assert f"The gate blocks {REGION}/{NEXT}" in alone.stderr
    unchanged()


def _send_again(installation: Installation, feed: str) -> None:
    """Let the next month's delivery hold the published month's file of this feed, byte for byte."""
    earlier, later = installation.delivery(PUBLISHED), installation.delivery(NEXT)
    facts, again = (
        json.loads((delivery / "delivery.json").read_text(encoding="utf-8")) for delivery in (later, earlier)
    )
    name = next(name for name in facts["files"] if name.startswith(feed))
    shutil.copy(earlier / name, later / name)
    facts["files"][name] = again["files"][name]
    (later / "delivery.json").write_text(json.dumps(facts), encoding="utf-8")


def _release_with_a_broken_check(
    installation: Installation, project: Path, check: str
) -> subprocess.CompletedProcess[str]:
    for part in ("dagster_project", "dbt", "seeds", "expectations"):
        shutil.copytree(
            PROJECT_ROOT / part, project / part, ignore=shutil.ignore_patterns("target", "logs", "__pycache__")
        )
    shutil.copy(PROJECT_ROOT / "requirements.lock", project)
    for suite in (project / "expectations").glob("*.yml"):
        text = suite.read_text(encoding="utf-8")
        broken = re.sub(rf"(check: {check}\n(?:.*\n)*?\s+where: ).*", r'\1"no_such_column > 0"', text, count=1)
        suite.write_text(broken, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "dagster_project.cli.main", "release", NEXT, "--json", "--home", str(installation.home)],
        capture_output=True,
        text=True,
        check=False,
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project), "LUS_HOME": "", "LUS_LANDING": ""},
    )
