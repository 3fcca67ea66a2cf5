"""Finding, listing and withdrawing releases."""

from __future__ import annotations

import json
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dagster_project.errors import ConfigurationError
from dagster_project.releases import catalogue, listing, withdraw
from dagster_project.settings import Settings
from tests.release import candidates


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("three") / "home"
    settings = Settings(home, home / "landing")
    candidates.released(settings, month="2026-09")
    candidates.released(settings, month="2026-10")
    candidates.released(settings, month="2026-10", factor=2)
    return home


@pytest.fixture
def three(published: Path, settings: Settings) -> Settings:
    """A copy of a region with three releases, that a test may do anything to."""
    shutil.copytree(published, settings.home, symlinks=True, dirs_exist_ok=True)
    return settings


@pytest.mark.parametrize(
    ("name", "region", "found"),
    [
        ("2026-10", None, "01/2026-10/r02"),
        ("2026-10", "01", "01/2026-10/r02"),
        ("2026-10/r01", None, "01/2026-10/r01"),
        ("01/2026-09", None, "01/2026-09/r01"),
        ("01/2026-10/r02", "01", "01/2026-10/r02"),
        ("01/2026-10/", None, "01/2026-10/r02"),
    ],
)
def test_a_release_is_found_by_its_name(three: Settings, name: str, region: str | None, found: str) -> None:
    assert catalogue.find(three, name, region).name == found


@pytest.mark.parametrize(
    ("name", "region", "message"),
    [
        ("2026-11", None, "no release 01/2026-11. Near are 01/2026-10/r0"),
        ("2026-10/r03", None, "no release 01/2026-10/r03. Near are 01/2026-10/r01, 01/2026-10/r02"),
        ("1999-01", None, "no release 01/1999-01."),
        ("24/2026-10", None, "no release 24/2026-10"),
        ("01/2026-10", "24", "--region says 24"),
        ("october", None, "is not the name of a release"),
        ("2026-13", None, "is not the name of a release"),
        ("2026-10/2", None, "is not the name of a release"),
        ("../2026-10", None, "is not the name of a release"),
        ("", None, "is not the name of a release"),
    ],
)
def test_an_unknown_name_is_a_clear_error(three: Settings, name: str, region: str | None, message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        catalogue.find(three, name, region)
    assert message in str(error.value)


def test_without_any_release_the_error_says_so(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="There is no release in"):
        catalogue.find(settings, "2026-10")
    assert catalogue.all_releases(settings) == []
    assert catalogue.current(settings, "01") is None
    assert catalogue.newest_of_region(settings, "01") is None


def test_with_several_regions_a_name_needs_its_region(three: Settings) -> None:
    candidates.released(three, region="24")
    with pytest.raises(ConfigurationError, match=r"could be of region 01, 24: write 01/2026-10"):
        catalogue.find(three, "2026-10")
    assert catalogue.find(three, "2026-10", "24").name == "24/2026-10/r01"


def test_only_releases_are_listed(three: Settings) -> None:
    for stray in ("01/2026-10/.r03.partial", "01/2026-10/notes", "01/2026-13/r01", "lost+found/2026-10/r01"):
        (three.releases / stray).mkdir(parents=True)
    assert [release.name for release in catalogue.all_releases(three)] == [
        "01/2026-09/r01",
        "01/2026-10/r01",
        "01/2026-10/r02",
    ]


def test_the_versions_that_the_newest_revisions_were_made_from(three: Settings) -> None:
    assert catalogue.delivered_versions(three, "01") == {"2026-09": 1, "2026-10": 2}
    assert catalogue.delivered_versions(three, "24") == {}


def test_a_listing_tells_what_is_current_withdrawn_or_damaged(three: Settings) -> None:
    withdraw.withdraw(three, catalogue.find(three, "2026-10/r01"), "wrong  file\nof a hospital", _at(12))
    manifest = catalogue.find(three, "2026-09").path / "manifest.json"
    manifest.chmod(0o600)
    manifest.write_text("{}")
    damaged, withdrawn, current = listing.listed(three)
    assert damaged.status.startswith("damaged: ")
    assert withdrawn.status == "withdrawn 2026-11-05T12:00:00+00:00: wrong file of a hospital"
    assert current.status == "current"
    assert (current.release, current.published_at) == ("01/2026-10/r02", "2026-11-05T08:00:00+00:00")
    assert (current.tables, current.rows) == (12, 310)
    assert listing.listed(three, "24") == []
    assert catalogue.delivered_versions(three, "01") == {"2026-10": 2}


def test_a_withdrawn_release_keeps_its_place_and_bytes_and_says_so(three: Settings) -> None:
    release = catalogue.find(three, "2026-10")
    before = candidates.snapshot(three.releases)
    withdrawal = withdraw.withdraw(three, release, "the rates were another year's", _at(12))
    after = candidates.snapshot(three.releases)
    record = "01/2026-10/r02.withdrawn.json"
    assert {name: value for name, value in after.items() if name != record} == before
    assert json.loads((three.releases / record).read_text()) == {
        "release": "01/2026-10/r02",
        "reason": "the rates were another year's",
        "withdrawn_at": "2026-11-05T12:00:00+00:00",
    }
    assert stat.S_IMODE((three.releases / record).stat().st_mode) == 0o440
    assert release.is_withdrawn
    assert release.withdrawal == withdrawal
    assert catalogue.current(three, "01") == release
    assert not catalogue.find(three, "2026-10/r01").is_withdrawn


def test_withdrawing_twice_says_so(three: Settings) -> None:
    release = catalogue.find(three, "2026-10")
    withdraw.withdraw(three, release, "first reason", _at(12))
    before = candidates.snapshot(three.releases)
    with pytest.raises(ConfigurationError, match=r"withdrawn already, since 2026-11-05T12:00:00\+00:00: first reason"):
        withdraw.withdraw(three, release, "second reason", _at(13))
    assert candidates.snapshot(three.releases) == before


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 1001])
def test_a_withdrawal_needs_a_reason(three: Settings, reason: str) -> None:
    release = catalogue.find(three, "2026-10")
    with pytest.raises(ConfigurationError, match="needs a reason"):
        withdraw.withdraw(three, release, reason)
    assert not release.is_withdrawn


@pytest.mark.parametrize("person_id", ["191212121212", "19121212-1212", "121212+1212", "1212121212", "121212 1212"])
def test_a_reason_with_what_could_be_a_person_id_is_not_written(three: Settings, person_id: str) -> None:
    release = catalogue.find(three, "2026-10")
    with pytest.raises(ConfigurationError, match="could be a person id") as error:
        withdraw.withdraw(three, release, f"the stays of {person_id} are another's")
    assert person_id not in str(error.value)
    assert not release.is_withdrawn


def test_a_damaged_record_still_withdraws(three: Settings) -> None:
    release = catalogue.find(three, "2026-10")
    release.withdrawal_record.write_text("{")
    assert release.withdrawal is not None
    assert "cannot be read" in release.withdrawal.reason


def test_a_new_revision_takes_over_from_a_withdrawn_one(three: Settings) -> None:
    withdraw.withdraw(three, catalogue.find(three, "2026-10"), "wrong file")
    revised = candidates.released(three, factor=3)
    assert revised.name == "01/2026-10/r03"
    assert catalogue.current(three, "01") == revised


def _at(hour: int) -> datetime:
    return datetime(2026, 11, 5, hour, tzinfo=UTC)
