"""The verdict: what makes it green, that its bytes hang on nothing but its input, and that a file is read strictly."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from dagster_project.errors import ConfigurationError, LusError
from dagster_project.gate import verdict
from dagster_project.gate.checks import COLUMNS, CheckResult, plain_message
from dagster_project.gate.waivers import Waiver
from dagster_project.settings import PROJECT_ROOT

FACTS = {"region": "01", "month": "2026-10", "inputs_hash": "1f" * 32, "code_version": "not in the verdict"}
NEWEST = datetime(2026, 11, 3, 1, 10, tzinfo=UTC)


def check(name: str, source: str = "expectations", **changes: str) -> CheckResult:
    fields = {
        "category": "completeness",
        "severity": "block",
        "protects": "fct_spells",
        "result": "passed",
        "observed": "12 judged, all as expected",
        "expected": "at least 1",
        **changes,
    }
    return CheckResult(check_name=name, source=source, **fields)


def waiver(name: str, until: date = date(2026, 12, 31)) -> Waiver:
    return Waiver(name, "2026-10", "The hospital closed on 1 October", "Head of care statistics", until, 2)


def decide(directory: Path, *checks: CheckResult, waivers: tuple[Waiver, ...] = ()) -> verdict.Verdict:
    return verdict.decide(directory, "ab" * 32, [check("keys_are_unique", "dbt"), *checks], waivers, NEWEST, FACTS)


def test_all_passed_is_green_and_written_for_its_owner_alone(tmp_path: Path) -> None:
    decided = decide(tmp_path, check("hospital_is_present"))
    assert decided.green
    path = tmp_path / "gate" / "verdict.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert verdict.read(path) == decided
    content = json.loads(path.read_bytes())
    assert content["green"] is True
    assert (content["content_hash"], content["inputs_hash"]) == ("ab" * 32, "1f" * 32)
    assert (content["region"], content["month"]) == ("01", "2026-10")
    assert "code_version" not in content


@pytest.mark.parametrize(
    ("severity", "result", "green"),
    [
        ("block", "passed", True),
        ("block", "failed", False),
        ("block", "error", False),
        ("warn", "failed", True),
        ("warn", "error", True),
    ],
)
def test_what_blocks(tmp_path: Path, severity: str, result: str, green: bool) -> None:
    decided = decide(tmp_path, check("hospital_is_present", severity=severity, result=result))
    assert decided.green is green
    assert [found.check_name for found in decided.blocking] == ([] if green else ["hospital_is_present"])


@pytest.mark.parametrize("result", ["failed", "error"])
def test_a_waived_check_no_longer_blocks_and_says_who_and_until(tmp_path: Path, result: str) -> None:
    held = waiver("hospital_is_present")
    decided = decide(tmp_path, check("hospital_is_present", result=result), waivers=(held,))
    assert decided.green
    assert decided.waivers == (
        {
            "check": "hospital_is_present",
            "month": "2026-10",
            "reason": "The hospital closed on 1 October",
            "who": "Head of care statistics",
            "until": "2026-12-31",
        },
    )
    [row] = [row for row in verdict.audit_rows(decided) if row["check_name"] == "hospital_is_present"]
    assert (row["result"], row["waived_by"], row["waived_until"]) == (
        result,
        "Head of care statistics",
        date(2026, 12, 31),
    )


def test_a_waiver_that_was_not_needed_is_not_shown(tmp_path: Path) -> None:
    decided = decide(tmp_path, check("hospital_is_present"), waivers=(waiver("hospital_is_present"),))
    assert decided.waivers == ()
    assert decided.counts["waived"] == 0


def test_a_waiver_of_a_check_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"line 2, column check: the gate has no check 'hospital_is_presnt'"):
        decide(tmp_path, check("hospital_is_present"), waivers=(waiver("hospital_is_presnt"),))
    assert not (tmp_path / "gate").exists()


def test_counts_say_what_was_found(tmp_path: Path) -> None:
    decided = decide(
        tmp_path,
        check("failed_and_waived", result="failed"),
        check("raised", result="error"),
        check("warned", result="failed", severity="warn"),
        waivers=(waiver("failed_and_waived"),),
    )
    assert decided.counts == {"passed": 1, "failed": 2, "error": 1, "blocking": 1, "waived": 1, "warnings": 1}


def test_a_gate_in_which_one_side_was_silent_decides_nothing(tmp_path: Path) -> None:
    with pytest.raises(LusError, match="no result from expectations"):
        decide(tmp_path)
    with pytest.raises(LusError, match="no result from dbt"):
        verdict.decide(tmp_path, "ab" * 32, [check("hospital_is_present")], [], NEWEST, FACTS)


def test_a_verdict_made_without_one_side_is_never_green() -> None:
    alone = verdict.Verdict("01", "2026-10", "ab", "1f", (check("hospital_is_present"),), ())
    assert alone.blocking == []
    assert not alone.green


def test_two_checks_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LusError, match="named keys_are_unique"):
        decide(tmp_path, check("keys_are_unique"))


def test_audit_rows_have_the_columns_of_the_contract(tmp_path: Path) -> None:
    decided = decide(tmp_path, check("hospital_is_present"))
    rows = verdict.audit_rows(decided)
    assert [list(row) for row in rows] == [list(COLUMNS)] * 2
    assert list(COLUMNS) == [
        "check_name",
        "source",
        "category",
        "severity",
        "protects",
        "result",
        "observed",
        "expected",
        "waived_by",
        "waived_until",
    ]
    assert [row["check_name"] for row in rows] == ["hospital_is_present", "keys_are_unique"]
    assert rows[0]["waived_by"] is None
    assert rows[0]["waived_until"] is None


def test_the_explanation_says_what_blocks_and_what_to_do(tmp_path: Path) -> None:
    gone = check("hospital_is_present", result="failed", observed="hospital_id SE-A: 0 stays")
    text = verdict.explain(decide(tmp_path, gone, check("warned", result="failed", severity="warn")))
    assert text.startswith("The gate blocks 01/2026-10: 1 of 3 checks.")
    assert "hospital_is_present (failed, protects fct_spells): hospital_id SE-A: 0 stays, expected at least 1" in text
    assert "warned" not in text
    assert "waivers.csv" in text
    assert "\n" not in text
    assert verdict.explain(decide(tmp_path, check("hospital_is_present"))).startswith(
        "The gate lets 01/2026-10 through"
    )


_PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_verdict import check, decide, waiver
checks = [check("å_check", observed="0 vårdtillfällen"), check("b_check", result="failed"), check("a_check")]
order = sorted(checks, key=hash) if sys.argv[3] == "shuffled" else checks
decide(Path(sys.argv[1]), *order, waivers=(waiver("b_check"),))
"""


def test_the_same_input_gives_the_same_bytes_in_any_zone_locale_and_order(tmp_path: Path) -> None:
    written = set()
    for zone, locale, seed, order in (
        ("Pacific/Auckland", "C", "1", "plain"),
        ("America/Anchorage", "C.UTF-8", "2", "shuffled"),
        ("Europe/Stockholm", "POSIX", "3", "shuffled"),
    ):
        directory = tmp_path / seed
        environment = {**os.environ, "TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": seed}
        arguments = [str(directory), str(Path(__file__).parent), order]
        subprocess.run([sys.executable, "-c", _PROGRAM, *arguments], env=environment, cwd=PROJECT_ROOT, check=True)
        written.add((directory / "gate" / "verdict.json").read_bytes())
    assert len(written) == 1


def _changed(path: Path, **changes: Any) -> Path:
    content = json.loads(path.read_bytes())
    path.write_text(json.dumps({**content, **changes}), encoding="utf-8")
    return path


@pytest.fixture
def red(tmp_path: Path) -> Path:
    decide(tmp_path, check("hospital_is_present", result="failed"))
    return tmp_path / "gate" / "verdict.json"


def test_a_verdict_made_green_by_hand_is_refused(red: Path) -> None:
    with pytest.raises(LusError, match="contradicts itself"):
        verdict.read(_changed(red, green=True))


def test_a_verdict_whose_counts_were_changed_is_refused(red: Path) -> None:
    with pytest.raises(LusError, match="contradicts itself"):
        verdict.read(_changed(red, counts={}))


@pytest.mark.parametrize(
    "changes",
    [
        {"checks": []},
        {"checks": "none"},
        {"checks": [{"check_name": "x"}]},
        {"content_hash": None},
        {"month": ""},
        {"waivers": [{"check": "x"}]},
        {"signed_by": "nobody"},
    ],
)
def test_a_verdict_of_another_shape_is_refused(red: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(LusError, match=r"is no verdict|contradicts itself"):
        verdict.read(_changed(red, **changes))


def test_checks_out_of_order_are_refused(red: Path) -> None:
    checks = json.loads(red.read_bytes())["checks"]
    with pytest.raises(LusError, match="not sorted by name"):
        verdict.read(_changed(red, checks=checks[::-1]))


def test_no_verdict_and_no_json_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"
    with pytest.raises(LusError, match="There is no verdict"):
        verdict.read(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(LusError, match="not JSON"):
        verdict.read(path)


def test_a_check_knows_only_the_words_of_the_contract() -> None:
    with pytest.raises(ValueError, match="severity 'fatal'"):
        replace(check("x"), severity="fatal")


def test_an_engines_message_loses_paths_values_and_query() -> None:
    message = (
        "Conversion Error: Could not convert string '191212121212' to INT32 in /home/x/var/work/w.duckdb, "
        "id 191212121212\nLINE 1: select secret from y\n ^"
    )
    assert plain_message(message) == "Conversion Error: Could not convert string '…' to INT32 in …, id …"
    assert len(plain_message("x" * 500)) == 200
