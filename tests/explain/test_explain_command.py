"""``lus explain`` as its user meets it: languages, JSON, other releases, and what is never repeated."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import duckdb
import pytest
from click.testing import Result
from typer.testing import CliRunner

from dagster_project.cli.main import app
from dagster_project.releases import catalogue, withdraw
from dagster_project.settings import Settings
from tests.explain import small_releases
from tests.oracle.worked_examples import Example

WIDE = {"COLUMNS": "200"}


def lus(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["explain", *arguments, "--home", str(settings.home)], env=WIDE)


def example(month: str = "2020-02", region: str = "01", number: str = "1") -> Example:
    made = Example(region, month)
    stay = {"care_area": "psychiatric", "municipality_code": "0180", "district_code": "18"}
    made.patient("2020-02-03T09:00", "2020-02-12T10:00", number=number, stay=stay)
    return made


@pytest.fixture
def published(settings: Settings) -> Settings:
    small_releases.publish(settings, example())
    return settings


def test_swedish_is_what_a_story_is_told_in(published: Settings) -> None:
    run = lus(published, "C1")
    assert (run.exit_code, run.stderr) == (0, "")
    assert run.stdout.startswith("ÄRENDE C1\n")
    for said in (
        "01/2020-02/r01 (Region Stockholm, 2020-02)",
        "Publicerad       2026-11-05 09:00",
        "Betalare         0180 Stockholm",
        "Stadsdelsområde  Farsta",
        "Status: provisorisk: val som projektet gjort, inte bekräftat av avtalets ägare.",
        "Summa: 3 dagar, 24 600 kr; att fakturera 24 600 kr.",
    ):
        assert said in run.stdout


def test_english_when_asked(published: Settings) -> None:
    run = lus(published, "C1", "--lang", "en")
    assert run.stdout.startswith("CASE C1\n")
    assert "Sum: 3 days, SEK 24,600; to invoice SEK 24,600." in run.stdout
    assert lus(published, "C1", "--lang", "de").exit_code == 2


def test_json_is_the_same_story_in_the_contracts_names(published: Settings) -> None:
    run = lus(published, "C1", "--json")
    told = json.loads(run.stdout)
    [interval] = told["intervals"]
    assert told["header"]["edition"]["name"] == "01/2020-02/r01"
    assert interval["interval"]["ready_at"] == "2020-02-03T09:00:00+01:00"
    assert interval["payment"]["amount"] == "24600.00"
    liable = [day for day in interval["days"] if day["status"] == "liable"]
    assert [(day["on"], day["sek_per_day"]) for day in liable] == [
        ("2020-02-09", "8200.00"),
        ("2020-02-10", "8200.00"),
        ("2020-02-11", "8200.00"),
    ]


def test_a_withdrawn_release_and_an_older_one_say_so(published: Settings) -> None:
    reason = "the wrong hospital's file"
    withdraw.withdraw(published, catalogue.find(published, "2020-02"), reason, datetime(2026, 11, 6, 8, tzinfo=UTC))
    small_releases.publish(published, example("2020-03"))
    run = lus(published, "C1", "--release", "2020-02")
    said = " ".join(run.stdout.split())
    assert "återkallad 2026-11-06 09:00 och ska inte åberopas. Skäl: the wrong hospital's file" in said
    assert "läsarna ser en annan utgåva, 01/2020-03/r01" in said
    assert "Återkallad" not in lus(published, "C1").stdout


def test_an_unknown_case_names_what_is_near_and_where_else_it_is(published: Settings) -> None:
    later = example("2020-03")
    for number in ("2717", "2718", "31415"):
        later.patient("2020-02-03T09:00", number=number)
    small_releases.publish(published, later)
    run = lus(published, "c271")
    assert (run.exit_code, run.stdout) == (2, "")
    assert "There is no case 'c271' in 01/2020-03/r01. Near are C2717, C2718." in run.stderr
    elsewhere = lus(published, "C31415", "--release", "2020-02")
    assert elsewhere.exit_code == 2
    assert "It is in 01/2020-03/r01: name one with --release." in elsewhere.stderr
    nothing = lus(published, "nothing-like-it")
    assert nothing.exit_code == 2
    assert "'lus releases' lists what else to look in" in nothing.stderr
    assert json.loads(lus(published, "c271", "--json").stdout)["exit_code"] == 2


@pytest.mark.parametrize(
    "person_id",
    [
        "194013000001",
        "19401300-0001",
        "194013+0001",
        "4013000001",
        "401300-0001",
        " 4013000001 ",
        "SE2321000016-1:77",
        "19401300–0001",
        "1940 1300 0001",
        "19401300 - 0001",
        "19401300--0001",
        "19401300TF01",
    ],
)
def test_what_could_be_a_person_id_is_refused_and_never_repeated(published: Settings, person_id: str) -> None:
    for arguments in ([person_id], ["C1", "--release", person_id], [person_id, "--json"]):
        run = lus(published, *arguments)
        assert run.exit_code == 2
        assert person_id.strip() not in run.output
        assert "A case is asked for by its case id" in run.output


def test_a_person_id_inside_an_unknown_case_id_is_not_repeated(published: Settings) -> None:
    run = lus(published, "case-194013000001")
    assert run.exit_code == 2
    assert "0001" not in run.output


def test_a_near_id_that_could_be_a_person_is_not_offered(settings: Settings) -> None:
    changes = small_releases.tables(example())
    rows = [row | {"case_id": "194013000001"} for row in changes["fct_case_events"]]
    small_releases.publish(settings, example(), changes={"fct_case_events": rows})
    run = lus(settings, "19401300000x")
    assert "194013000001" not in run.output


def test_an_older_release_cannot_explain_and_says_what_to_do(published: Settings) -> None:
    directory = catalogue.find(published, "2020-02").path
    with duckdb.connect(str(directory / "marts" / "marts.duckdb")) as connection:
        connection.execute("drop table dim_condition")
        connection.execute("alter table fct_readiness_intervals drop column day_zero")
    run = lus(published, "C1")
    assert run.exit_code == 2
    assert "lack fct_readiness_intervals.day_zero, dim_condition" in run.stderr.replace(
        "dim_condition, fct", "fct"
    ) or ("dim_condition" in run.stderr and "fct_readiness_intervals.day_zero" in run.stderr)
    assert "Publish the month again with 'lus release 2020-02'" in run.stderr


def test_a_damaged_release_says_so(published: Settings) -> None:
    (catalogue.find(published, "2020-02").path / "marts" / "marts.duckdb").write_bytes(b"not a database")
    run = lus(published, "C1")
    assert run.exit_code == 4
    assert "the release is damaged" in run.stderr


def test_a_case_is_found_in_the_region_that_has_it(published: Settings) -> None:
    small_releases.publish(published, example(region="24", number="2"))
    assert "24/2020-02/r01" in lus(published, "C2").stdout
    assert "01/2020-02/r01" in lus(published, "C1").stdout
    assert lus(published, "C1", "--region", "24").exit_code == 2


def test_a_case_of_two_regions_asks_which(published: Settings) -> None:
    small_releases.publish(published, example(region="24"))
    run = lus(published, "C1")
    assert run.exit_code == 2
    assert "Case C1 is in regions 01 and 24: say which with --region." in run.stderr
    assert "24/2020-02/r01" in lus(published, "C1", "--region", "24").stdout


def test_without_a_release_there_is_nothing_to_explain(settings: Settings) -> None:
    run = lus(settings, "C1")
    assert run.exit_code == 2
    assert "There is no current release in" in run.stderr
