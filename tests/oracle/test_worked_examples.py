"""The second implementation against the figures of rules §11: what proves the SQL is proven itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.oracle import reference
from tests.oracle.clock import dates_until
from tests.oracle.worked_examples import Example, liable_on, mean_row, one_interval


def march(*days: int) -> list[date]:
    return [date(2021, 3, day) for day in days]


@pytest.mark.parametrize(
    ("notice", "first", "days"),
    [
        pytest.param("2021-03-01T11:59", date(2021, 3, 4), march(4, 5, 6, 7), id="E1"),
        pytest.param("2021-03-01T12:01", date(2021, 3, 5), march(5, 6, 7), id="E2"),
        pytest.param("2021-03-01T12:00:00", date(2021, 3, 4), march(4, 5, 6, 7), id="E3"),
        pytest.param("2021-03-01T12:00:00.000001", date(2021, 3, 5), march(5, 6, 7), id="E3-later"),
    ],
)
def test_the_statute_counts_from_noon(notice: str, first: date, days: list[date]) -> None:
    example = Example("24", "2021-03")
    example.patient(notice, "2021-03-08T10:00")
    tables = example.tables()
    [interval] = tables["fct_readiness_intervals"]
    assert interval["first_liable_date"] == first
    assert liable_on(tables) == days


def test_e4_psychiatric_care_has_thirty_days_in_2018() -> None:
    example = Example("24", "2018-04")
    example.patient("2018-03-01T10:00", "2018-04-05T10:00", stay={"care_area": "psychiatric"})
    assert one_interval(example)["first_liable_date"] == date(2018, 3, 31)


@pytest.mark.parametrize(
    ("notice", "free", "first"),
    [
        pytest.param("2018-12-20", ["12-21", "12-27", "12-28", "01-02", "01-03"], date(2019, 1, 4), id="E5"),
        pytest.param("2019-06-18", ["06-19", "06-20", "06-24", "06-25", "06-26"], date(2019, 6, 27), id="E6"),
        pytest.param("2019-04-15", ["04-16", "04-17", "04-18", "04-23", "04-24"], date(2019, 4, 25), id="E7"),
    ],
)
def test_stockholm_counted_weekdays_until_2019(notice: str, free: list[str], first: date) -> None:
    example = Example("01", "2019-06")
    example.patient(f"{notice}T14:00")
    interval = one_interval(example)
    between = dates_until(interval["day_zero"], interval["first_liable_date"])[1:]
    assert interval["day_zero"] == date.fromisoformat(notice)
    assert interval["first_liable_date"] == first
    assert [f"{day:%m-%d}" for day in between if reference.is_weekday(day)] == free


def test_e8_a_mean_above_the_limit_costs_the_days_above_it() -> None:
    row = mean_row([0, 1, 2, 3, 9])
    assert (row["intervals"], row["sum_days"], row["mean_days"]) == (5, 15, Decimal("3.0000"))
    assert (row["liable_days"], row["amount"]) == (5, Decimal(41000))
    assert row["liable_days_alternative"] == 8


def test_e9_a_mean_at_the_limit_costs_nothing() -> None:
    row = mean_row([0, 2, 4])
    assert (row["mean_days"], row["liable_days"], row["liable_days_alternative"]) == (Decimal("2.0000"), 0, 0)
    assert row["amount"] == 0


def test_e10_day_zero_patients_are_in_the_mean() -> None:
    row = mean_row([0, 0, 0, 0, 11])
    assert (row["mean_days"], row["liable_days"]) == (Decimal("2.2000"), 1)


def test_e11_days_belong_to_their_month_and_again_to_the_discharge() -> None:
    example = Example("24", "2021-02")
    example.patient("2021-01-28T09:00", "2021-02-03T10:00")
    rows = {row["month"]: row for row in example.tables(first="2021-01")["mart_ready_days_monthly"]}
    january, february = rows[date(2021, 1, 1)], rows[date(2021, 2, 1)]
    assert (january["ready_days"], january["ready_days_of_discharged"], january["open_at_month_end"]) == (4, 0, 1)
    assert (february["ready_days"], february["ready_days_of_discharged"], february["open_at_month_end"]) == (2, 6, 0)


def test_e12_a_withdrawn_readiness_is_an_interval_of_its_own() -> None:
    example = Example("24", "2021-05")
    example.patient("2021-05-03T10:00", "2021-05-10T10:00")
    example.message("1", "ready_withdrawn", "2021-05-05T10:00")
    example.message("1", "ready_notice", "2021-05-07T14:00")
    first, second = sorted(example.tables()["fct_readiness_intervals"], key=lambda row: row["ready_at"])
    assert (first["ready_days"], first["end_reason"], first["days_after_day_zero"]) == (2, "withdrawn", None)
    assert (second["ready_days"], second["end_reason"], second["days_after_day_zero"]) == (3, "discharged", 2)
    assert second["day_zero"] == date(2021, 5, 8)


def test_e13_psychiatric_care_in_stockholm_has_five_days() -> None:
    example = Example("01", "2020-02")
    example.patient("2020-02-03T09:00", "2020-02-12T10:00", stay={"care_area": "psychiatric"})
    tables = example.tables()
    assert tables["fct_readiness_intervals"][0]["first_liable_date"] == date(2020, 2, 9)
    [row] = tables["mart_payment_responsibility_monthly"]
    assert (row["liable_days"], row["amount"]) == (3, Decimal(24600))


@pytest.mark.parametrize(
    ("admitted", "notice", "ready", "is_late"),
    [
        pytest.param("2020-01-10T22:00", "2020-01-11T22:01", "2020-01-15T09:00", True, id="E14"),
        pytest.param("2020-01-10T22:00", "2020-01-11T22:00", "2020-01-15T09:00", False, id="E14-in-time"),
        pytest.param("2021-10-30T22:00", "2021-10-31T21:30", "2021-11-02T09:00", True, id="E15-autumn"),
        pytest.param("2021-03-27T22:00", "2021-03-28T22:30", "2021-04-01T09:00", False, id="E15-spring"),
    ],
)
def test_the_admission_notice_has_24_elapsed_hours(admitted: str, notice: str, ready: str, is_late: bool) -> None:
    example = Example("24", ready[:7])
    example.stay("1", admitted)
    example.case("1")
    example.message("1", "admission_notice", notice)
    example.message("1", "ready_notice", ready)
    assert one_interval(example)["reason_codes"] == ("ADMISSION_NOTICE_LATE" if is_late else None)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        pytest.param("2020-03-05", None, id="E16-third-day"),
        pytest.param("2020-03-06", "SIP_CALL_LATE", id="E16-fourth-day"),
        pytest.param("2020-02-28", None, id="E16-before"),
        pytest.param(None, "SIP_CALL_MISSING", id="E16-none"),
    ],
)
def test_the_call_to_a_plan_has_three_days(call: str | None, reason: str | None) -> None:
    example = Example("24", "2020-03")
    example.patient("2020-03-02T09:00", case={"sip_required": "true"})
    if call:
        example.message("1", "sip_call", f"{call}T23:59:59")
    interval = one_interval(example)
    assert (interval["reason_codes"], interval["is_liable"]) == (reason, reason is None)


def test_e17_the_deciding_municipality_pays() -> None:
    example = Example("01", "2020-03")
    case = {"municipality_code": "0184", "deciding_municipality_code": "0180", "district_code": "12"}
    example.patient("2020-03-02T09:00", stay={"municipality_code": "0184"}, case=case)
    interval = one_interval(example)
    assert (interval["payer_municipality_code"], interval["district_code"]) == ("0180", "00")


@pytest.mark.parametrize(
    ("later", "readmissions"),
    [
        pytest.param([("2021-04-08", "unplanned")], 1, id="E18-seventh-day"),
        pytest.param([("2021-04-09", "unplanned")], 0, id="E18-eighth-day"),
        pytest.param([("2021-04-03", "planned"), ("2021-04-06", "unplanned")], 1, id="E18-planned-between"),
    ],
)
def test_an_unplanned_readmission_comes_within_seven_days(later: list[tuple[str, str]], readmissions: int) -> None:
    example = Example("24", "2021-04")
    person = {"person_id": "194013000001"}
    example.stay("1", "2021-03-20T10:00", "2021-04-01T10:00", **person)
    for number, (admitted, mode) in enumerate(later, 2):
        mode_and_end = {"admission_mode": mode, "discharge_destination": "deceased"}
        example.stay(str(number), f"{admitted}T10:00", f"{admitted}T20:00", **person, **mode_and_end)
    [row] = [row for row in example.tables()["mart_readmissions_headline"] if row["population"] == "all"]
    assert (row["index_discharges"], row["readmissions"], row["status"]) == (1, readmissions, "preliminary")


def test_e19_each_liable_date_has_the_rate_of_its_year() -> None:
    example = Example("24", "2020-01")
    example.patient("2019-12-27T09:00", "2020-01-03T10:00")
    rows = example.tables(first="2019-12")["mart_payment_responsibility_monthly"]
    assert [row["liable_days"] for row in rows] == [2, 2]
    assert sum(row["amount"] for row in rows) == Decimal(32000)


def test_e20_a_district_is_shown_as_of_the_date_and_as_of_today() -> None:
    example = Example("01", "2020-07")
    for number, (discharged, district) in enumerate([("2020-06-30", "21"), ("2020-07-01", "30")], 1):
        stay = {"district_code": district}
        example.patient("2020-06-26T09:00", f"{discharged}T10:00", number=str(number), stay=stay)
    tables = example.tables(first="2020-06")
    for table in ("fct_readiness_intervals", "fct_spells"):
        assert {row["district_code"] for row in tables[table]} == {"21", "30"}
        assert {row["current_district_code"] for row in tables[table]} == {"30"}
    discharged = [row for row in tables["mart_ready_days_monthly"] if row["intervals_discharged"]]
    assert {(row["month"].month, row["district_code"]) for row in discharged} == {(6, "21"), (7, "30")}
    assert {row["current_district_code"] for row in discharged} == {"30"}
