"""``lus diff``, ``lus vintages`` and ``lus revisions`` over four releases, as their user meets them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from dagster_project.cli.main import app
from dagster_project.releases import manifest, withdraw
from dagster_project.settings import Settings
from tests.revisions.hand_made import DAYS, MONEY, SHARES, YEARS, Made, publish

WAIVER = {"check": "hospital_is_present", "reason": "rebuilding", "who": "head", "until": "2026-12-31"}


def made(month: str, days: list[tuple[Any, ...]], **changes: Any) -> Made:
    rows = {
        DAYS: days,
        MONEY: [("2026-07-01", "0180", "1000.50" if changes else "1000.00", None, None, "under")],
        SHARES: [("2026-07-01", "0180", 2, "0.125" if changes else "0.25", "final")],
    }
    return Made(month, rows, **changes)


JULY, AUGUST = ("2026-07-01", "0180"), ("2026-08-01", "0180")


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two months, the second of which was withdrawn and revised; then the first once more."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home, home / "landing")
    publish(settings, made("2026-07", [(*JULY, 1, 10, "0.3226")]), "2026-08-08T08:00:00+00:00")
    august = [(*JULY, 1, 12, "0.3871"), (*JULY, 2, 1, "0.0323"), (*AUGUST, 1, 5, "0.1613")]
    wrong = publish(settings, made("2026-08", august), "2026-09-08T21:59:59+00:00")
    withdraw.withdraw(settings, wrong, "the rates were another year's", datetime(2026, 9, 9, 6, tzinfo=UTC))
    changes = {
        "versions": {"2026-08": 2},
        "digests": {"2026-07": "read anew"},
        "reference": {"day_rates": "b", "districts": "a"},
        "code_version": "c2",
        "waivers": [WAIVER],
    }
    revised = [(*JULY, 1, 12, "0.3871"), (*AUGUST, 1, 8, "0.2581")]
    publish(settings, made("2026-08", revised, **changes), "2026-09-10T08:00:00+00:00")
    publish(settings, made("2026-07", [(*JULY, 1, 11, "0.3548")], versions={"2026-07": 2}), "2026-09-11T08:00:00+00:00")
    return settings


def lus(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--home", str(settings.home)])


def answer(settings: Settings, *arguments: str) -> Any:
    run = lus(settings, *arguments, "--json")
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)


def lines(run: Result) -> list[list[str]]:
    assert (run.exit_code, run.stderr) == (0, "")
    return [line.split() for line in run.stdout.splitlines()]


def test_diff_tells_what_two_releases_were_made_from_and_how_the_figures_moved(four: Settings) -> None:
    told = answer(four, "diff", "2026-08/r01", "01/2026-08/r02")
    assert told["before"]["withdrawn"]["reason"] == "the rates were another year's"
    assert told["months"] == {"first": "2026-07", "last": "2026-08"}
    assert told["deliveries"] == {"2026-08": {"before": "v01", "now": "v02"}}
    assert told["read_anew"] == ["2026-07"]
    assert told["reference"] == ["day_rates"]
    assert told["code_version"] == {"before": "c1", "now": "c2"}
    assert told["waivers"] == {"hospital_is_present": {"before": None, "now": "rebuilding (head, until 2026-12-31)"}}
    assert told["rows"] == {DAYS: {"before": 3, "now": 2}}
    assert told["changes"] is None
    both = "late_data|changed_rule"
    assert [tuple(figure.values()) for figure in told["figures"]] == [
        (MONEY, "expected_amount", 1, 0, 0, 0.5, 0.5, f"{both}|changed_reference:day_rates"),
        (SHARES, "share", 1, 0, 0, None, 0.125, both),
        (DAYS, "beds", 2, 0, 1, None, 0.0968, both),
        (DAYS, "ready_days", 2, 0, 1, 2, 3, both),
    ]


def test_diff_of_a_table_lists_each_value_the_largest_first(four: Settings) -> None:
    told = answer(four, "diff", "2026-08/r01", "2026-08/r02", "--table", DAYS, "--figure", "ready_days")
    assert [figure["figure"] for figure in told["figures"]] == ["ready_days"]
    assert [(one["month"], one["old_value"], one["new_value"], one["difference"]) for one in told["changes"]] == [
        ("2026-08-01", 5, 8, 3),
        ("2026-07-01", 1, None, None),
    ]
    page = lines(lus(four, "diff", "2026-08/r01", "2026-08/r02", "--table", DAYS))
    assert ["ready_days", "2026-08-01", "0180", "1", "5", "8", "+3"] in page
    assert ["ready_days", "2026-07-01", "0180", "2", "1", "–", "–"] in page
    assert ["code", "c1", "→", "c2"] in page
    assert ["deliveries", "2026-08", "v01", "→", "v02"] in page


def test_diff_of_a_release_with_itself_finds_nothing(four: Settings) -> None:
    run = lus(four, "diff", "2026-08", "2026-08")
    assert run.stdout.count("no difference") == 7


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["diff", "2026-08", "2026-09"], "There is no release 01/2026-09"),
        (["diff", "2026-07", "2026-08", "--table", "mart_ready_days"], f"no table 'mart_ready_days'.*There is {DAYS}"),
        (["diff", "2026-07", "2026-08", "--figure", "shares"], "no figure 'shares' in any table.*There is share"),
        (["revisions", "--figure", "status"], "no figure 'status'"),
        (["vintages", DAYS, "ready_days", "2026-07", "0180"], "'0180' names no rows: write COLUMN=VALUE"),
        (
            ["vintages", DAYS, "ready_days", "2026-07", "hospital=1"],
            "hospital is not in the key.*municipality_code, sex",
        ),
        (["vintages", DAYS, "beds", "2026-07"], "beds cannot be added up, and 01/2026-08/r01 has 2 such rows"),
        (["vintages", DAYS, "ready_days", "2026-07", "--as-of", "tomorrow"], "'tomorrow' is not a date"),
        (["vintages", DAYS, "ready_days", "07"], "'07' is not a month"),
    ],
)
def test_wrong_use_is_said_in_one_paragraph(four: Settings, arguments: list[str], said: str) -> None:
    run = lus(four, *arguments)
    assert run.exit_code == 2
    assert run.stderr.count("\n") == 1
    assert re.search(said, run.stderr)


def test_every_release_says_its_value_in_order_of_publication(four: Settings) -> None:
    told = answer(four, "vintages", DAYS, "ready_days", "2026-07", "municipality_code=0180")
    assert told["seen"] is None
    assert [(one["release"], one["rows"], one["value"]) for one in told["vintages"]] == [
        ("01/2026-07/r01", 1, 10),
        ("01/2026-08/r01", 2, 13),
        ("01/2026-08/r02", 1, 12),
        ("01/2026-07/r02", 1, 11),
    ]
    august = answer(four, "vintages", DAYS, "ready_days", "2026-08", "sex=2")["vintages"]
    assert [(one["rows"], one["value"]) for one in august] == [(None, None), (0, None), (0, None), (None, None)]


@pytest.mark.parametrize(
    ("date", "seen"),
    [
        ("2026-08-07", None),
        ("2026-08-08", "01/2026-07/r01"),
        ("2026-09-08", "01/2026-08/r01"),  # 23:59:59 in Sweden
        ("2026-09-10", "01/2026-08/r02"),
        ("2026-12-31", "01/2026-08/r02"),
    ],
)
def test_as_of_a_date_a_reader_saw_what_was_current_then(four: Settings, date: str, seen: str | None) -> None:
    told = answer(four, "vintages", DAYS, "ready_days", "2026-07", "--as-of", date)
    assert (told["seen"] and told["seen"]["release"]) == seen


def test_vintages_say_what_was_seen_and_what_was_withdrawn(four: Settings) -> None:
    run = lus(four, "vintages", DAYS, "ready_days", "2026-08", "--as-of", "2026-09-08")
    withdrawn = "withdrawn 2026-09-09T06:00:00+00:00: the rates were another year's"
    assert f"1  5  seen on 2026-09-08; {withdrawn}".split() in [line[2:] for line in lines(run)]
    assert ["01/2026-07/r01", "2026-08-08T08:00:00+00:00", "not", "published"] in lines(run)
    early = lus(four, "vintages", DAYS, "ready_days", "2026-08", "--as-of", "2026-08-01")
    assert early.stdout.endswith("On 2026-08-01 nothing had been published.\n")


def test_revisions_are_summed_by_the_months_that_lie_between(four: Settings) -> None:
    told = answer(four, "revisions", "--table", DAYS)
    assert told["untold"] == []
    names = ("figure", "age", "releases", "changed", "net", "gross", "published", "largest")
    found = [tuple(one[name] for name in names) for one in told["sizes"]]
    assert found == [
        ("beds", 0, 2, 2, None, None, None, 0.0968),
        ("beds", 1, 2, 3, None, None, None, 0.0645),
        ("ready_days", 0, 2, 2, 4, 4, 19, 3),
        ("ready_days", 1, 2, 3, 2, 4, 25, 2),
    ]
    assert told["sizes"][2]["share"] == pytest.approx(4 / 19)
    page = lines(lus(four, "revisions", "--figure", "ready_days"))
    assert [DAYS, "ready_days", "1", "2", "3", "+2", "4", "16.00%", "2"] in page


def test_a_year_is_told_by_every_release_and_aged_from_its_december(tmp_path: Path) -> None:
    settings = Settings(tmp_path, tmp_path / "landing")
    for month, numerators in (("2026-12", [4, 5]), ("2027-01", [5, 6]), ("2027-02", [7, 6]), ("2027-03", [7, 9])):
        years = [(2026, code, number, "0.5", "") for code, number in zip(("01", "0180"), numerators, strict=True)]
        publish(settings, Made(month, {YEARS: years}), f"{month}-28T08:00:00+00:00")
    told = answer(settings, "vintages", YEARS, "numerator", "2026-12", "municipality_code=01")
    assert [one["value"] for one in told["vintages"]] == [4, 5, 7, 7]
    whole = lus(settings, "vintages", YEARS, "numerator", "2026-12")
    assert (whole.exit_code, "numerator cannot be added up" in whole.stderr) == (2, True)
    names = ("figure", "age", "releases", "changed", "net", "largest")
    sizes = answer(settings, "revisions", "--table", YEARS)["sizes"]
    assert [tuple(one[name] for name in names) for one in sizes] == [
        ("numerator", 2, 1, 1, None, 2),
        ("numerator", 3, 1, 1, None, 3),
    ]
    changes = answer(settings, "diff", "2027-01", "2027-03", "--table", YEARS)["changes"]
    assert [(one["month"], one["old_value"], one["new_value"]) for one in changes] == [
        ("2026-12-01", 6, 9),
        ("2026-12-01", 5, 7),
    ]


def test_a_release_that_does_not_tell_its_revisions_is_named(tmp_path: Path) -> None:
    settings = Settings(tmp_path, tmp_path / "landing")
    release = publish(settings, made("2026-07", []), "2026-08-08T08:00:00+00:00")
    facts = json.loads((release.path / "manifest.json").read_text())
    del facts["files"]["marts/parquet/mart_revisions.parquet"]
    (release.path / "manifest.json").write_text(json.dumps({**facts, "manifest_hash": manifest.own_hash(facts)}))
    run = lus(settings, "revisions")
    assert run.stdout.startswith("No figure was revised.\n")
    assert "01/2026-07/r01" in run.stdout


@pytest.mark.parametrize(
    "arguments", [["diff", "2026-07", "2026-07"], ["vintages", DAYS, "ready_days", "2026-07"], ["revisions"]]
)
def test_a_damaged_release_ends_with_4(tmp_path: Path, arguments: list[str]) -> None:
    settings = Settings(tmp_path, tmp_path / "landing")
    release = publish(settings, made("2026-07", []), "2026-08-08T08:00:00+00:00")
    (release.path / "marts" / "parquet" / f"{DAYS}.parquet").unlink()
    run = lus(settings, *arguments)
    assert run.exit_code == 4
    assert "01/2026-07/r01 is damaged" in run.stderr
