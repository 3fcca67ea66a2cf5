"""What a month's release is told of the months before it, from real releases of them."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.errors import VerificationFailed
from dagster_project.reference import tables
from dagster_project.releases import catalogue, publish, seal, withdraw
from dagster_project.releases.catalogue import Release
from dagster_project.releases.frozen import RECONCILIATION, FrozenMonth, frozen_months, write_released
from dagster_project.settings import Settings
from dagster_project.warehouse import candidate
from tests.deliveries import write_delivery
from tests.release import candidates
from tests.release.candidates import MONTH, REGION

FIRST, EARLIER = "2026-08", "2026-09"
IN_TIME = "2026-10-08T08:00:00+00:00"
LATE = "2026-10-13T08:00:00+00:00"


def said(
    settings: Settings,
    at: str,
    amount: str | None = "1000.00",
    *,
    month: str = EARLIER,
    region: str = REGION,
    revision: int = 1,
) -> Release:
    """A release of ``month``, published ``at``, that expects ``amount`` (kr) of 0180 and 7.00 of an earlier month."""
    built = candidates.build(settings, region, month, factor=revision)
    with settings.connect(built / "warehouse.duckdb") as connection:
        connection.execute(
            "create table mart_invoice_reconciliation (region_code varchar, month date, municipality_code varchar, "
            "payment_class varchar, expected_amount decimal(14, 2), invoiced_amount decimal(14, 2))"
        )
        connection.executemany(
            "insert into mart_invoice_reconciliation values (?, ?, ?, ?, ?, 0)",
            [(region, f"{month}-01", "0180", "somatic", amount), (region, "2026-01-01", "0180", "somatic", "7.00")],
        )
    seal.seal_candidate(settings, region, month)
    candidates.judge(settings, region, month)
    return publish.publish(settings, region, month, now=datetime.fromisoformat(at))


def found(settings: Settings, month: str = MONTH, *, region: str = REGION, first: str = FIRST) -> list[FrozenMonth]:
    return frozen_months(settings, region, first, month, tables.load(settings))


def amounts(frozen: list[FrozenMonth]) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        write_released(connection, frozen)
        return connection.sql("from released.frozen_amounts order by all").fetchall()


def test_the_newest_revision_in_time_says_what_its_own_month_was_frozen_with(settings: Settings) -> None:
    said(settings, "2026-10-07T08:00:00+00:00", "1000.00")
    second = said(settings, IN_TIME, "1200.50", revision=2)
    said(settings, LATE, "1300.00", revision=3)
    (frozen,) = found(settings)
    assert (frozen.month, frozen.release) == (EARLIER, "01/2026-09/r02")
    assert amounts([frozen]) == [(date(2026, 9, 1), "0180", "somatic", Decimal("1200.50"))]
    assert frozen.facts == {
        "month": EARLIER,
        "release": second.name,
        "manifest_hash": second.manifest["manifest_hash"],
        "content_hash": second.manifest["content_hash"],
        "file": RECONCILIATION,
        "sha256": hashlib.sha256((second.path / RECONCILIATION).read_bytes()).hexdigest(),
    }


@pytest.mark.parametrize(
    ("month", "at", "in_time"),
    [
        ("2026-09", "2026-10-12T21:59:59+00:00", True),
        ("2026-09", "2026-10-12T22:00:00+00:00", False),
        ("2026-10", "2026-11-12T22:59:59+00:00", True),
        ("2026-10", "2026-11-12T23:00:00+00:00", False),
    ],
)
def test_corrections_end_with_their_last_day_in_sweden(settings: Settings, month: str, at: str, in_time: bool) -> None:
    said(settings, at, month=month)
    assert [frozen.month for frozen in found(settings, "2026-11")] == ([month] if in_time else [])


def test_the_regions_own_calendar_goes_before_the_nations(settings: Settings) -> None:
    settings.reference.mkdir()
    (settings.reference / "release_calendar.csv").write_text(
        "region_code,valid_from,valid_to,delivery_due_day,corrections_until_day,publication_day,status,source\n"
        "24,2018-01-01,,5,13,8,provisional,the region\n"
    )
    for region in (REGION, "24"):
        said(settings, LATE, region=region)
    assert found(settings) == []
    assert [frozen.release for frozen in found(settings, region="24")] == ["24/2026-09/r01"]


def test_months_are_in_order_and_neither_the_releases_own_nor_before_the_first_delivery(settings: Settings) -> None:
    for month in (MONTH, EARLIER, FIRST):
        said(settings, "2026-09-01T08:00:00+00:00", month=month)
    assert [frozen.month for frozen in found(settings)] == [FIRST, EARLIER]
    assert [frozen.month for frozen in found(settings, first=EARLIER)] == [EARLIER]
    assert found(settings, EARLIER, first=EARLIER) == []


def test_an_amount_that_was_null_is_frozen_as_null(settings: Settings) -> None:
    said(settings, IN_TIME, None)
    assert amounts(found(settings)) == [(date(2026, 9, 1), "0180", "somatic", None)]


def test_a_withdrawn_revision_still_said_what_it_said(settings: Settings) -> None:
    withdraw.withdraw(settings, said(settings, IN_TIME), "the rates were another year's")
    said(settings, LATE, revision=2)
    assert [frozen.release for frozen in found(settings)] == ["01/2026-09/r01"]


def test_a_release_from_before_the_reconciliation_freezes_nothing(settings: Settings) -> None:
    candidates.prepare(settings, month=EARLIER)
    publish.publish(settings, REGION, EARLIER, now=datetime(2026, 10, 8, tzinfo=UTC))
    assert found(settings) == []


def test_what_was_frozen_stays_in_the_warehouse_without_the_release(settings: Settings, tmp_path: Path) -> None:
    release = said(settings, IN_TIME)
    with settings.connect(tmp_path / "warehouse.duckdb") as warehouse:
        write_released(warehouse, found(settings))
        shutil.rmtree(release.path)
        assert warehouse.sql("from released.frozen_months").fetchall() == [(date(2026, 9, 1), "01/2026-09/r01")]
        columns = warehouse.sql("describe released.frozen_amounts").fetchall()
        assert [(name, kind) for name, kind, *_ in columns] == [
            ("care_month", "DATE"),
            ("municipality_code", "VARCHAR"),
            ("payment_class", "VARCHAR"),
            ("expected_amount", "DECIMAL(14,2)"),
        ]
        assert len(warehouse.sql("from released.frozen_amounts").fetchall()) == 1


@pytest.mark.parametrize(
    ("name", "was", "becomes"),
    [(RECONCILIATION, b"PAR1", b"PAR2"), ("manifest.json", b"2026-10-08T", b"2026-10-07T")],
)
def test_a_changed_byte_stops_the_run_and_says_what_to_do(
    settings: Settings, name: str, was: bytes, becomes: bytes
) -> None:
    path = said(settings, IN_TIME).path / name
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(was, becomes))
    with pytest.raises(VerificationFailed) as error:
        found(settings)
    for part in (str(path), "01/2026-09/r01 is damaged", "Restore its directory", "lus verify 01/2026-09/r01"):
        assert part in str(error.value)


def test_a_file_that_is_gone_stops_the_run(settings: Settings) -> None:
    (said(settings, IN_TIME).path / RECONCILIATION).unlink()
    with pytest.raises(VerificationFailed, match=r"cannot be read \(No such file or directory\): 01/2026-09/r01"):
        found(settings)


def test_damage_to_what_is_not_used_stops_nothing(settings: Settings) -> None:
    said(settings, IN_TIME)
    late = said(settings, LATE, revision=2)
    (late.path / RECONCILIATION).unlink()
    assert [frozen.release for frozen in found(settings)] == ["01/2026-09/r01"]


@pytest.fixture
def delivered(settings: Settings) -> Settings:
    for month in (EARLIER, MONTH):
        write_delivery(settings.landing, REGION, month)
    return settings


def inputs_of(settings: Settings) -> dict[str, Any]:
    return candidate.gather_inputs(settings, REGION, MONTH, candidate.collect(settings, REGION, MONTH))


def test_only_what_an_earlier_month_said_in_time_is_an_input(delivered: Settings) -> None:
    without = inputs_of(delivered)
    assert without["earlier_releases"] == []
    said(delivered, IN_TIME)
    first = inputs_of(delivered)
    said(delivered, "2026-11-05T08:00:00+00:00", month=MONTH)
    assert inputs_of(delivered) == first
    said(delivered, IN_TIME, "1200.00", revision=2)
    second = inputs_of(delivered)
    said(delivered, LATE, "1300.00", revision=3)
    assert inputs_of(delivered) == second
    assert len({inputs["inputs_hash"] for inputs in (without, first, second)}) == 3
    assert [fact["release"] for fact in second["earlier_releases"]] == ["01/2026-09/r02"]


def test_when_an_earlier_month_was_published_is_listed_and_not_hashed(delivered: Settings) -> None:
    listed = []
    for at in (IN_TIME, "2026-10-09T08:00:00+00:00"):
        release = said(delivered, at)
        listed.append(inputs_of(delivered))
        shutil.rmtree(release.path)
    first, second = listed
    assert first["earlier_releases"] != second["earlier_releases"]
    assert first["inputs_hash"] == second["inputs_hash"]


def test_the_candidate_is_laid_with_what_was_frozen_and_its_manifest_lists_it(delivered: Settings) -> None:
    release = said(delivered, IN_TIME)
    sources = candidate.collect(delivered, REGION, MONTH)
    inputs = candidate.gather_inputs(delivered, REGION, MONTH, sources)
    directory = candidate.prepare(delivered, inputs, sources)
    with delivered.connect(directory / "warehouse.duckdb", read_only=True) as warehouse:
        assert warehouse.sql("select release from released.frozen_months").fetchall() == [(release.name,)]
        assert len(warehouse.sql("from released.frozen_amounts").fetchall()) == 1
    candidates.build(delivered)
    (delivered.candidate(REGION, MONTH) / "inputs.json").write_text(json.dumps(inputs))
    seal.seal_candidate(delivered, REGION, MONTH)
    candidates.judge(delivered)
    publish.publish(delivered, REGION, MONTH)
    (listed,) = catalogue.find(delivered, MONTH).manifest["earlier_releases"]
    assert (listed["release"], listed["month"]) == (release.name, EARLIER)
