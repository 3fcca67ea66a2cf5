"""The rule for one interval, reckoned by itself, against the worked examples of rules §11."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from dagster_project.explain import reckon
from dagster_project.explain.facts import Agreement, CalendarDate, Rate
from tests.explain.small_releases import dimensions

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _agreement(agreement_id: str) -> Agreement:
    [row] = [row for row in dimensions()["dim_agreement"] if row["agreement_id"] == agreement_id]
    numbers = ("last_free_day", "cap_days", "individual_above_days", "consecutive_months")
    return Agreement(
        **row
        | {column: int(row[column]) if row[column] else None for column in numbers}
        | {"valid_from": _date(row["valid_from"]), "valid_to": _date(row["valid_to"])}
    )


CALENDAR = {
    row["date_on"]: CalendarDate(row["date_on"], row["is_weekday"], row["non_working_day_name_sv"])
    for row in dimensions()["dim_date"]
}
RATES = [
    Rate(
        **row
        | {
            "valid_from": _date(row["valid_from"]),
            "valid_to": _date(row["valid_to"]),
            "sek_per_day": Decimal(row["sek_per_day"]) if row["sek_per_day"] else None,
        }
    )
    for row in dimensions()["dim_day_rate"]
]
ACT = _agreement("se-default-somatic")
WEEKDAYS = _agreement("sthlm-2018-somatic")
PSYCHIATRIC = _agreement("sthlm-2020-psychiatric")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


def first_liable(notice: str, agreement: Agreement) -> date:
    return reckon.first_liable_date(reckon.day_zero(at(notice), agreement), agreement, CALENDAR)


@pytest.mark.parametrize(
    ("notice", "first", "days"),
    [
        pytest.param("2021-03-01T11:59", 4, 4, id="E1"),
        pytest.param("2021-03-01T12:01", 5, 3, id="E2"),
        pytest.param("2021-03-01T12:00:00", 4, 4, id="E3"),
        pytest.param("2021-03-01T12:00:00.000001", 5, 3, id="E3-later"),
    ],
)
def test_the_act_counts_three_days_from_noon(notice: str, first: int, days: int) -> None:
    assert first_liable(notice, ACT) == date(2021, 3, first)
    liable = reckon.liable_dates(date(2021, 3, first), date(2021, 3, 8), date(2021, 3, 31), ACT)
    assert (len(liable), liable[-1]) == (days, date(2021, 3, 7))


def test_e4_psychiatric_care_had_thirty_days_in_2018() -> None:
    assert first_liable("2018-03-01T10:00", _agreement("se-default-psychiatric-2018")) == date(2018, 3, 31)


@pytest.mark.parametrize(
    ("notice", "free", "first"),
    [
        pytest.param("2018-12-20", ["12-21", "12-27", "12-28", "01-02", "01-03"], date(2019, 1, 4), id="E5"),
        pytest.param("2019-06-18", ["06-19", "06-20", "06-24", "06-25", "06-26"], date(2019, 6, 27), id="E6"),
        pytest.param("2019-04-15", ["04-16", "04-17", "04-18", "04-23", "04-24"], date(2019, 4, 25), id="E7"),
    ],
)
def test_stockholm_numbered_weekdays_until_2019(notice: str, free: list[str], first: date) -> None:
    zero = reckon.day_zero(at(f"{notice}T14:00"), WEEKDAYS)
    assert zero == date.fromisoformat(notice)
    assert reckon.first_liable_date(zero, WEEKDAYS, CALENDAR) == first
    numbers = {on: reckon.day_number(on, zero, WEEKDAYS, CALENDAR) for on in reckon.dates(zero, first + reckon.DAY)}
    assert [f"{on:%m-%d}" for on, number in numbers.items() if number] == free
    assert [number for number in numbers.values() if number is not None] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("days", "mean", "liable", "amount"),
    [
        pytest.param([0, 1, 2, 3, 9], "3.0000", 5, 41_000, id="E8"),
        pytest.param([0, 2, 4], "2.0000", 0, 0, id="E9"),
        pytest.param([0, 0, 0, 0, 11], "2.2000", 1, 8_200, id="E10"),
    ],
)
def test_a_mean_costs_what_is_above_the_level(days: list[int], mean: str, liable: int, amount: int) -> None:
    month = reckon.Mean(0, 0, 2, 0, True, None)
    for p in days:
        month = month.with_interval(p)
    assert (month.mean_days, month.liable_days) == (Decimal(mean), liable)
    assert reckon.amount(month.liable_days, Decimal(8_200)) == amount
    for p in days:
        month = month.without_interval(p)
    assert (month.intervals, month.mean_days, month.liable_days) == (0, None, 0)


def test_an_interval_above_the_individual_limit_is_outside_the_mean() -> None:
    month = reckon.Mean(2, 6, 3, 0, True, 7)
    assert month.with_interval(7) == reckon.Mean(3, 13, 3, 0, True, 7)
    assert month.with_interval(8) == reckon.Mean(2, 6, 3, 1, True, 7)
    assert month.with_interval(10).liable_days == 3
    assert month.with_interval(10).without_interval(10) == month


def test_a_mean_costs_nothing_until_the_months_in_a_row_are_there() -> None:
    month = reckon.Mean(2, 10, 3, 0, True, None)
    assert (month.is_over, month.liable_days) == (True, 4)
    assert replace(month, held_before=False).liable_days == 0


def test_e12_days_after_day_zero() -> None:
    zero = reckon.day_zero(at("2021-05-07T14:00"), ACT)
    assert zero == date(2021, 5, 8)
    assert reckon.days_after_day_zero(zero, date(2021, 5, 10), ACT) == 2
    assert reckon.days_after_day_zero(zero, date(2021, 5, 7), ACT) == 0
    assert reckon.days_after_day_zero(zero, date(2021, 5, 10), replace(ACT, cap_days=1)) == 1


def test_e13_psychiatric_care_in_stockholm_has_five_days() -> None:
    assert first_liable("2020-02-03T09:00", PSYCHIATRIC) == date(2020, 2, 9)
    liable = reckon.liable_dates(date(2020, 2, 9), date(2020, 2, 12), date(2020, 2, 29), PSYCHIATRIC)
    assert reckon.cost(liable, RATES, "01", "psychiatric") == reckon.Cost(3, Decimal(24_600))


def test_e19_each_date_has_the_rate_of_its_year() -> None:
    liable = reckon.dates(date(2019, 12, 30), date(2020, 1, 3))
    assert reckon.cost(liable, RATES, "24", "somatic") == reckon.Cost(4, Decimal(32_000))


def test_a_regions_empty_rate_goes_before_the_nations_and_gives_no_amount() -> None:
    liable = reckon.dates(date(2019, 12, 30), date(2020, 1, 2))
    missing = (date(2019, 12, 30), date(2019, 12, 31))
    assert reckon.cost(liable, RATES, "01", "somatic") == reckon.Cost(3, None, missing)
    assert reckon.cost([date(2021, 1, 1)], RATES, "24", "somatic").amount is None
    assert reckon.cost([], RATES, "01", "somatic") == reckon.Cost(0, Decimal(0))


def test_a_class_of_its_own_goes_before_all() -> None:
    own = Rate("SE", "psychiatric", date(2020, 1, 1), None, Decimal(1), "provisional", "a test")
    assert reckon.cost([date(2020, 5, 1)], [*RATES, own], "24", "psychiatric").amount == 1
    assert reckon.cost([date(2020, 5, 1)], [*RATES, own], "24", "somatic").amount == 8_200


def test_a_cap_leaves_the_first_dates_and_an_open_interval_ends_with_the_month() -> None:
    dates = reckon.liable_dates(date(2021, 3, 28), None, date(2021, 3, 31), ACT)
    assert [on.day for on in dates] == [28, 29, 30, 31]
    capped = reckon.liable_dates(date(2021, 3, 28), date(2021, 4, 9), date(2021, 3, 31), replace(ACT, cap_days=2))
    assert [on.day for on in capped] == [28, 29]
    assert reckon.liable_dates(date(2021, 4, 1), None, date(2021, 3, 31), ACT) == []


def test_the_regions_agreement_goes_before_the_acts_and_2017_has_none() -> None:
    agreements = [_agreement(row["agreement_id"]) for row in dimensions()["dim_agreement"]]

    def of(region: str, payment_class: str, on: date) -> str | None:
        found = reckon.agreement_on(agreements, region, payment_class, on)
        return found.agreement_id if found else None

    assert of("01", "somatic", date(2019, 12, 31)) == "sthlm-2018-somatic"
    assert of("01", "somatic", date(2020, 1, 1)) == "sthlm-2020-somatic"
    assert of("04", "psychiatric", date(2018, 12, 31)) == "se-default-psychiatric-2018"
    assert of("SE", "somatic", date(2020, 1, 1)) == "se-default-somatic"
    assert of("24", "somatic", date(2017, 12, 31)) is None
