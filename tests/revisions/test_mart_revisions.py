"""A release lists exactly the figures of earlier months that it changed, each with what may have moved it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from dagster_project.errors import VerificationFailed
from dagster_project.releases import withdraw
from dagster_project.settings import Settings
from tests.revisions import hand_made
from tests.revisions.hand_made import DAYS, MONEY, SHARES, YEARS, Made, Rows, publish, revisions

AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (f"2026-{month}-08T08:00:00+00:00" for month in ("09", "10", "11", "12"))
JULY = "2026-07-01"

ROWS: Rows = {
    DAYS: [
        (JULY, "0180", 1, 10, "0.3226"),
        (JULY, "0180", 2, 7, "0.2258"),
        ("2026-08-01", "0180", 1, 5, "0.1613"),
    ],
    MONEY: [(JULY, "0180", "1000.00", None, None, "missing"), ("2026-08-01", "0180", "0.00", None, None, "matched")],
    SHARES: [(JULY, "0180", 2, "0.125000", "final"), ("2026-08-01", "0180", 0, None, "preliminary")],
}
FIRST = Made("2026-08", ROWS)
NEXT = FIRST.but(month="2026-09")


def rows(**changed: list[tuple[Any, ...]]) -> Rows:
    return ROWS | changed


def of(settings: Settings, before: Made, now: Made) -> list[tuple[Any, ...]]:
    """What ``now`` lists as its revisions, published a month after ``before``."""
    publish(settings, before, SEPTEMBER)
    return revisions(publish(settings, now, OCTOBER))


def test_the_first_release_has_an_empty_table_of_the_published_types(settings: Settings) -> None:
    release = publish(settings, FIRST, SEPTEMBER)
    assert revisions(release) == []
    path = str(release.path / "marts/parquet/mart_revisions.parquet")
    with duckdb.connect() as connection:
        types = {
            name: type_ for name, type_, *_ in connection.execute("describe from read_parquet(?)", [path]).fetchall()
        }
    number = "DECIMAL(18,6)"
    assert types == {
        **dict.fromkeys(["region_code", "table_name", "key", "figure"], "VARCHAR"),
        "month": "DATE",
        **dict.fromkeys(["old_value", "new_value", "difference"], number),
        "cause": "VARCHAR",
    }


def test_a_late_correction_lists_what_it_changed_and_nothing_else(settings: Settings) -> None:
    corrected = [(JULY, "0180", 1, 12, "0.3871"), *ROWS[DAYS][1:], ("2026-09-01", "0180", 1, 99, "3.3")]
    assert of(settings, FIRST, NEXT.but(rows=rows(mart_ready_days_monthly=corrected))) == [
        (DAYS, (JULY, "0180", 1), "beds", "0.3226", "0.3871", "late_data"),
        (DAYS, (JULY, "0180", 1), "ready_days", "10", "12", "late_data"),
    ]


def test_nothing_changed_is_an_empty_table(settings: Settings) -> None:
    assert of(settings, FIRST, NEXT) == []


def test_a_row_carries_its_whole_key_and_the_difference(settings: Settings) -> None:
    publish(settings, FIRST, SEPTEMBER)
    release = publish(settings, NEXT.but(rows=rows(mart_readmissions_headline=[ROWS[SHARES][1]])), OCTOBER)
    path = str(release.path / "marts/parquet/mart_revisions.parquet")
    with duckdb.connect() as connection:
        found = connection.execute("from read_parquet(?) where figure = 'share'", [path]).fetchone()
    assert found is not None
    assert found[:2] == ("01", SHARES)
    assert json.loads(found[2]) == {"region_code": "01", "month": JULY, "municipality_code": "0180"}
    assert (f"{found[4]}", *found[5:]) == (JULY, Decimal("0.125"), None, None, "late_data")


def test_a_row_that_appears_or_goes_is_null_there_and_never_0(settings: Settings) -> None:
    changed = [(JULY, "0180", 1, 10, "0.3226"), (JULY, "0184", 1, 0, None), ("2026-08-01", "0180", 1, 5, "0.1613")]
    assert of(settings, FIRST, NEXT.but(rows=rows(mart_ready_days_monthly=changed))) == [
        (DAYS, (JULY, "0180", 2), "beds", "0.2258", None, "late_data"),
        (DAYS, (JULY, "0180", 2), "ready_days", "7", None, "late_data"),
        (DAYS, (JULY, "0184", 1), "ready_days", None, "0", "late_data"),
    ]


def test_null_is_told_from_0_in_a_row_that_stays(settings: Settings) -> None:
    changed = [(JULY, "0180", None, None, None, "rate_missing"), ("2026-08-01", "0180", "0.00", None, None, "matched")]
    shares = [ROWS[SHARES][0], ("2026-08-01", "0180", 0, "0", "final")]
    now = NEXT.but(rows=rows(mart_invoice_reconciliation=changed, mart_readmissions_headline=shares))
    assert of(settings, FIRST, now) == [
        (MONEY, (JULY, "0180"), "expected_amount", "1000", None, "late_data"),
        (SHARES, ("2026-08-01", "0180"), "share", None, "0", "late_data"),
    ]


def test_a_status_and_an_amount_first_told_are_no_revision_but_a_second_amount_is(settings: Settings) -> None:
    told = [(JULY, "0180", "1000.00", "1000.00", "0.00", "under"), ROWS[MONEY][1]]
    again = [(JULY, "0180", "1000.00", "900.00", "100.00", "under"), ROWS[MONEY][1]]
    assert of(settings, FIRST, NEXT.but(rows=rows(mart_invoice_reconciliation=told))) == []
    frozen = NEXT.but(month="2026-10", rows=rows(mart_invoice_reconciliation=again), frozen={"2026-07": "r02"})
    assert revisions(publish(settings, frozen, NOVEMBER)) == [
        (MONEY, (JULY, "0180"), "expected_at_release", "1000", "900", "late_data"),
        (MONEY, (JULY, "0180"), "late_adjustment", "0", "100", "late_data"),
    ]


MOVED = rows(
    mart_ready_days_monthly=[(JULY, "0180", 1, 11, "0.3226"), *ROWS[DAYS][1:]],
    mart_invoice_reconciliation=[(JULY, "0180", "1100.00", None, None, "under"), ROWS[MONEY][1]],
    mart_readmissions_headline=[(JULY, "0180", 3, "0.125000", "final"), ROWS[SHARES][1]],
)
AGAIN = FIRST.but(rows=MOVED)


@pytest.mark.parametrize(
    ("now", "causes"),
    [
        (AGAIN, ("not_told", "not_told", "not_told")),
        (AGAIN.but(versions={"2026-07": 2}), ("late_data", "late_data", "late_data")),
        (
            AGAIN.but(reference={"day_rates": "b", "districts": "a"}),
            ("not_told", "changed_reference:day_rates", "not_told"),
        ),
        (AGAIN.but(reference={"day_rates": "a"}), ("not_told", "not_told", "changed_reference:districts")),
        (AGAIN.but(code_version="c2"), ("not_told", "not_told", "not_told")),
        (AGAIN.but(sql={"int_days": "2"}), ("changed_rule", "changed_rule", "not_told")),
        (AGAIN.but(sql={SHARES: "2"}), ("not_told", "not_told", "changed_rule")),
        (AGAIN.but(macro="x * 3"), ("changed_rule", "changed_rule", "not_told")),
        (AGAIN.but(digests={"2026-08": "read anew"}), ("changed_rule", "changed_rule", "changed_rule")),
        (
            AGAIN.but(versions={"2026-08": 2}, sql={"int_days": "2"}, reference={"day_rates": "b", "districts": "b"}),
            (
                "late_data|changed_rule",
                "late_data|changed_rule|changed_reference:day_rates",
                "late_data|changed_reference:districts",
            ),
        ),
        (AGAIN.but(frozen={"2026-07": "r02"}), ("not_told", "changed_frozen_amount", "not_told")),
    ],
)
def test_the_cause_is_all_that_differs_of_what_the_table_rests_on(
    settings: Settings, now: Made, causes: tuple[str, str, str]
) -> None:
    found = of(settings, FIRST.but(frozen={"2026-07": "r01"} if now.frozen else {}), now)
    assert [(table, figure, cause) for table, _, figure, *_, cause in found] == [
        (MONEY, "expected_amount", causes[1]),
        (SHARES, "readmissions", causes[2]),
        (DAYS, "ready_days", causes[0]),
    ]


def test_each_release_is_compared_with_the_newest_that_readers_had_of_its_month_or_an_earlier(
    settings: Settings,
) -> None:
    def saying(days: int, month: str) -> Made:
        said = [(JULY, "0180", 1, days, "0.3226"), *ROWS[DAYS][1:]]
        return FIRST.but(month=month, rows=rows(mart_ready_days_monthly=said))

    publish(settings, saying(10, "2026-08"), AUGUST)
    publish(settings, saying(11, "2026-09"), SEPTEMBER)
    revised = publish(settings, saying(12, "2026-08"), OCTOBER)
    newest = publish(settings, saying(12, "2026-10"), NOVEMBER)
    assert [(old, new) for *_, old, new, _ in revisions(revised)] == [("10", "12")]
    assert [(old, new) for *_, old, new, _ in revisions(newest)] == [("11", "12")]


def test_a_withdrawn_release_was_seen_all_the_same(settings: Settings) -> None:
    withdraw.withdraw(settings, publish(settings, FIRST, SEPTEMBER), "the file was another month's")
    assert len(revisions(publish(settings, AGAIN.but(versions={"2026-08": 2}), OCTOBER))) == 3


def test_what_only_one_of_the_two_publishes_is_no_revision(settings: Settings) -> None:
    months = FIRST.but(first_month="2026-08")
    assert of(settings, months, NEXT.but(rows=MOVED)) == []
    fewer = {DAYS: ROWS[DAYS], SHARES: MOVED[SHARES]}
    rekeyed = hand_made.KEYS | {SHARES: ["region_code", "month", "municipality_code", "status"]}
    assert revisions(publish(settings, NEXT.but(month="2026-10", rows=fewer, keys=rekeyed), NOVEMBER)) == [
        (DAYS, (JULY, "0180", 1), "ready_days", "11", "10", "late_data"),
    ]


def test_a_year_is_revised_once_both_have_closed_it(settings: Settings) -> None:
    def saying(month: str, last_year: int, this_year: int, share: str = "0.5") -> Made:
        years = [(2026, "0180", last_year, share, "final"), (2027, "0180", this_year, "0.25", "preliminary")]
        return Made(month, {YEARS: years})

    december = publish(settings, saying("2026-12", 10, 0), "2027-01-08T08:00:00+00:00")
    january = publish(settings, saying("2027-01", 12, 1), "2027-02-08T08:00:00+00:00")
    again = publish(settings, saying("2027-01", 13, 2), "2027-02-09T08:00:00+00:00")
    february = publish(settings, saying("2027-02", 13, 3, "0.75"), "2027-03-08T08:00:00+00:00")
    assert (revisions(december), revisions(january)) == ([], [])
    assert revisions(again) == [(YEARS, (2026, "0180"), "numerator", "12", "13", "not_told")]
    assert revisions(february) == [(YEARS, (2026, "0180"), "value", "0.5", "0.75", "late_data")]
    with duckdb.connect() as connection:
        path = str(february.path / "marts/parquet/mart_revisions.parquet")
        found = connection.execute("select month::varchar from read_parquet(?)", [path]).fetchall()
    assert found == [("2026-12-01",)]


def test_a_damaged_release_before_stops_it(settings: Settings) -> None:
    before = publish(settings, FIRST, SEPTEMBER)
    (before.path / "marts" / "parquet" / f"{DAYS}.parquet").write_bytes(b"PAR1")
    with pytest.raises(VerificationFailed, match="01/2026-08/r01 is damaged"):
        publish(settings, NEXT, OCTOBER)
