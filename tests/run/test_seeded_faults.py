"""Faults from the landing zone to the exit code: after each, ``current`` is the release that it was, byte for byte."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable

import duckdb
import pytest

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


def test_an_impossible_date_and_one_far_away_are_quarantined_and_the_month_published(
    installation: Installation, edit_delivery: Edit
) -> None:
    """From a landing zone whose first month has gone: what lies before the first that is left is not missing."""
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
    outcome = installation.release(NEXT)
    assert outcome["status"] == "published", outcome["message"]
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


def test_a_hospital_that_is_gone_blocks_and_publishing_alone_refuses(
    installation: Installation, edit_delivery: Edit, unchanged: Callable[[], None]
) -> None:
    def without_busiest(lines: list[str]) -> list[str]:
        header = lines[0].rstrip("\n").split(";")
        column = header.index("hospital_id")
        hospitals = [line.split(";")[column] for line in lines[1:]]
        busiest = max(set(hospitals), key=hospitals.count)
        return [lines[0], *(line for line in lines[1:] if line.split(";")[column] != busiest)]

    edit_delivery(NEXT, "episodes", without_busiest)
    outcome = installation.release(NEXT)
    assert (outcome["exit_code"], outcome["status"]) == (4, "blocked")
    assert "hospital" in outcome["message"]
    unchanged()
    alone = installation.dagster("key:release/release")
    assert alone.returncode != 0
    assert f"The gate blocks {REGION}/{NEXT}" in alone.stderr
    unchanged()


def test_the_month_before_sent_again_blocks(installation: Installation, unchanged: Callable[[], None]) -> None:
    earlier, later = installation.delivery(PUBLISHED), installation.delivery(NEXT)
    facts = json.loads((later / "delivery.json").read_text(encoding="utf-8"))
    again = json.loads((earlier / "delivery.json").read_text(encoding="utf-8"))
    shutil.rmtree(later)
    shutil.copytree(earlier, later)
    facts["files"] = again["files"]
    (later / "delivery.json").write_text(json.dumps(facts), encoding="utf-8")
    outcome = installation.release(NEXT)
    assert (outcome["exit_code"], outcome["status"]) == (4, "blocked")
    unchanged()
