"""What a story holds: from real marts, case by case, against the rule and the worked examples."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from dagster_project.explain import render
from dagster_project.explain.alternatives import Alternative
from dagster_project.explain.interval import IntervalStory
from dagster_project.explain.mean_months import EarlierMonth
from dagster_project.explain.story import Story
from tests.explain import small_releases
from tests.explain.conftest import PERSON_KEY
from tests.oracle.worked_examples import Example

Tell = Callable[..., Story]
PSYCHIATRIC = {"care_area": "psychiatric"}
DECEASED = {"discharge_destination": "deceased"}


def alternative(told: IntervalStory, kind: str, code: str | None = None) -> Alternative:
    [found] = [one for one in told.alternatives if one.kind == kind and one.reason_code == code]
    return found


def statuses(told: IntervalStory) -> list[tuple[int, int | None, str]]:
    return [(day.on.day, day.number, day.status) for day in told.days]


def outcomes(told: IntervalStory) -> dict[str, str]:
    return {one.reason_code: one.outcome for one in told.conditions}


def findings(told: IntervalStory) -> dict[str, str]:
    return {one.reason_code: one.finding for one in told.conditions}


def mean_month(days: list[int], region: str = "01", month: str = "2020-01", discharged_on: int = 15) -> Example:
    """A month of the mean model: patients C1, C2 … discharged so many days after day zero on one date."""
    example = Example(region, month)
    add_patients(example, month, days, discharged_on)
    return example


def add_patients(example: Example, month: str, days: list[int], discharged_on: int = 15, start: int = 1) -> None:
    for number, p in enumerate(days, start):
        notice = date.fromordinal(date.fromisoformat(f"{month}-{discharged_on:02d}").toordinal() - p)
        example.patient(f"{notice}T09:00", f"{month}-{discharged_on:02d}T15:00", number=str(number))


def test_e13_an_individual_interval_day_by_day(tell: Tell) -> None:
    example = Example("01", "2020-02")
    example.patient("2020-02-03T09:00", "2020-02-12T10:00", stay=PSYCHIATRIC)
    told = tell(example)
    [interval] = told.intervals
    free = [(day, day - 3, "free") for day in range(4, 9)]
    liable = [(day, day - 3, "liable") for day in range(9, 12)]
    assert statuses(interval) == [(3, 0, "day_zero"), *free, *liable, (12, 9, "end")]
    assert interval.interval.first_liable_date == date(2020, 2, 9)
    assert set(outcomes(interval).values()) == {"met", "not_judged"}
    payment = interval.payment
    assert (payment.days, payment.amount, payment.amount_to_invoice) == (3, Decimal(24_600), Decimal(24_600))
    assert [row.status for row in payment.reconciliations] == ["missing"]
    assert alternative(interval, "other_model").note == "no_other_model"
    act = alternative(interval, "act_default")
    assert (act.first_liable_date, act.days, act.amount) == (date(2020, 2, 6), 6, Decimal(49_200))
    agreements = [one.name for one in told.sources if one.kind == "agreement"]
    assert agreements == ["se-default-psychiatric", "sthlm-2020-psychiatric"]


def test_a_notice_after_noon_and_what_noon_would_have_given(tell: Tell) -> None:
    example = Example("24", "2021-03")
    example.patient("2021-03-01T12:00:01", "2021-03-08T10:00")
    [interval] = tell(example).intervals
    assert interval.sent_after_cutoff
    assert statuses(interval)[:3] == [(1, None, "before_day_zero"), (2, 0, "day_zero"), (3, 1, "free")]
    assert (interval.payment.days, interval.payment.amount) == (3, None)
    in_time = alternative(interval, "in_time_for_noon")
    assert (in_time.first_liable_date, in_time.days, in_time.amount) == (date(2021, 3, 4), 4, None)
    assert (in_time.note, in_time.missing_on) == ("rate_missing", (date(2021, 3, 4), date(2021, 3, 7)))
    assert alternative(interval, "act_default").note == "already_act_default"


def test_exactly_noon_is_in_time(tell: Tell) -> None:
    example = Example("24", "2021-03")
    example.patient("2021-03-01T12:00:00", "2021-03-08T10:00")
    [interval] = tell(example).intervals
    assert not interval.sent_after_cutoff
    assert all(one.kind != "in_time_for_noon" for one in interval.alternatives)


def test_e19_the_rates_of_two_years_and_both_in_the_sources(tell: Tell) -> None:
    example = Example("24", "2020-01")
    example.patient("2019-12-27T09:00", "2020-01-03T10:00")
    told = tell(example, first="2019-12")
    payment = told.intervals[0].payment
    assert [(row.month, row.days) for row in payment.rows] == [(date(2019, 12, 1), 2), (date(2020, 1, 1), 2)]
    assert payment.amount == Decimal(32_000)
    assert [one.sek_per_day for one in told.sources if one.kind == "rate"] == [Decimal(7_800), Decimal(8_200)]


def test_weekdays_pass_over_holidays_by_name(tell: Tell) -> None:
    example = Example("01", "2019-06")
    example.patient("2019-06-18T09:00", "2019-06-29T10:00")
    told = tell(example)
    [interval] = told.intervals
    assert statuses(interval) == [
        (18, 0, "day_zero"), (19, 1, "free"), (20, 2, "free"), (21, None, "passed_over"), (22, None, "passed_over"),
        (23, None, "passed_over"), (24, 3, "free"), (25, 4, "free"), (26, 5, "free"), (27, None, "liable"),
        (28, None, "liable"), (29, None, "end"),
    ]  # fmt: skip
    assert [day.non_working_day_name_sv for day in interval.days[3:6]] == ["Midsommarafton", "Midsommardagen", None]
    assert (interval.payment.days, interval.payment.amount) == (2, None)
    text = render.text(told, "sv")
    assert "räknas inte: Midsommarafton" in text
    assert "2 dagar, men beloppet per dygn saknas" in text


def test_e8_a_month_of_the_mean_and_what_a_case_costs_on_the_margin(tell: Tell) -> None:
    told = tell(mean_month([0, 1, 2, 3, 9]), "C5")
    payment = told.intervals[0].payment
    assert payment.figures and payment.without and payment.month
    assert (payment.month.intervals, payment.month.sum_days, payment.month.liable_days) == (5, 15, 5)
    assert (payment.figures.mean_days, payment.figures.amount) == (Decimal("3.0000"), Decimal(41_000))
    assert (payment.days_after_day_zero, payment.without.intervals, payment.without.sum_days) == (9, 4, 6)
    assert (payment.without.liable_days, payment.without.amount) == (0, Decimal(0))
    other = alternative(told.intervals[0], "other_model")
    assert (other.days, other.amount) == (6, Decimal(49_200))
    over = [day.status for day in told.intervals[0].days]
    assert over == ["day_zero", "within_level", "within_level", *["over_level"] * 6, "end"]
    text = render.text(told, "sv")
    assert "S − T × N = 15 − 2 × 5 = 5 dagar" in text
    assert "Perioden gör alltså 5 dagar och 41 000 kr på marginalen." in text


def test_a_mean_at_the_level_costs_nothing_and_a_short_case_can_lower_it(tell: Tell) -> None:
    assert "inga dagar av genomsnittet" in render.text(tell(mean_month([0, 2, 4]), "C1"), "sv")
    lowering = tell(mean_month([0, 1, 2, 3, 9]), "C1", revision=2)
    assert "sänker alltså månadens dagar med 2 dagar" in render.text(lowering, "sv")


def test_a_mean_must_be_exceeded_three_months_in_a_row_in_sormland(tell: Tell) -> None:
    example = Example("04", "2020-03")
    for number, month in enumerate(("2020-01", "2020-02", "2020-03"), 1):
        add_patients(example, month, [5], start=number)
    [march] = tell(example, "C3", first="2020-01").intervals
    mean = Decimal("5.0000")
    months = [EarlierMonth(date(2020, 2, 1), mean, True), EarlierMonth(date(2020, 1, 1), mean, True)]
    assert march.payment.months_before == months
    assert march.payment.figures and march.payment.figures.liable_days == 2
    [february] = tell(example, "C2", first="2020-01", revision=2).intervals
    assert february.payment.months_before[-1] == EarlierMonth(date(2019, 12, 1), None, False)
    assert february.payment.figures and february.payment.figures.liable_days == 0
    assert "men inte 3 månader i rad" in render.text(tell(example, "C2", first="2020-01", revision=3), "sv")


def test_an_interval_above_seven_days_is_paid_on_its_own_in_vastra_gotaland(tell: Tell) -> None:
    told = tell(mean_month([1, 2, 10], region="14"), "C3")
    payment = told.intervals[0].payment
    assert (payment.days, payment.amount) == (3, Decimal(24_600))
    assert payment.figures and payment.without
    assert (payment.figures.intervals, payment.figures.days_above, payment.figures.liable_days) == (2, 3, 3)
    assert (payment.without.intervals, payment.without.liable_days) == (2, 0)
    assert [day.status for day in told.intervals[0].days][-4:] == [
        "within_limit",
        *["over_individual_limit"] * 2,
        "end",
    ]


def test_what_noon_would_have_given_under_the_mean_model(tell: Tell) -> None:
    example = mean_month([0, 1, 2, 3])
    example.patient("2020-01-05T12:30", "2020-01-15T15:00", number="5")
    in_time = alternative(tell(example, "C5").intervals[0], "in_time_for_noon")
    assert in_time.payer_month and in_time.days_after_day_zero == 10
    assert (in_time.payer_month.intervals, in_time.payer_month.sum_days, in_time.days) == (5, 16, 6)


def test_conditions_that_are_not_met_and_what_they_would_have_cost(tell: Tell) -> None:
    example = mean_month([0, 1])
    example.stay("3", "2020-01-01T10:00", "2020-01-15T15:00")
    example.case("3", sip_required="true", open_care_available="unclear")
    example.message("3", "ready_notice", "2020-01-05T09:00")
    example.message("3", "admission_notice", "2020-01-06T09:00")
    [interval] = tell(example, "C3").intervals
    assert [one.reason_code for one in interval.conditions if one.is_obstacle] == [
        "ADMISSION_NOTICE_MISSING",
        "SIP_CALL_MISSING",
        "OPEN_CARE_UNAVAILABLE",
    ]
    found = findings(interval)
    assert found["ADMISSION_NOTICE_MISSING"] == "admission_notice_after_ready"
    assert outcomes(interval)["ADMISSION_NOTICE_LATE"] == "not_judged"
    assert (found["SIP_CALL_MISSING"], found["OPEN_CARE_UNAVAILABLE"]) == ("sip_call_none", "as_defined")
    assert interval.payment.why_none == "obstacles"
    assert alternative(interval, "other_model").note == "obstacles_remain"
    one_met = alternative(interval, "condition_met", "SIP_CALL_MISSING")
    assert (one_met.days, one_met.amount, one_met.note) == (0, Decimal(0), "others_remain")
    all_met = alternative(interval, "all_conditions_met")
    assert all_met.payer_month and all_met.days_after_day_zero == 10
    assert (all_met.payer_month.intervals, all_met.payer_month.sum_days) == (3, 11)
    assert (all_met.days, all_met.amount) == (5, Decimal(41_000))
    assert all_met.published_month and all_met.published_month.liable_days == 0
    assert {day.status for day in interval.days} == {"day_zero", "obstructed", "end"}


def test_a_single_condition_that_is_not_met_under_the_individual_model(tell: Tell) -> None:
    example = Example("01", "2020-02")
    example.patient("2020-02-03T09:00", "2020-02-12T10:00", stay=PSYCHIATRIC, case={"measures_declined": "true"})
    [interval] = tell(example).intervals
    met = alternative(interval, "condition_met", "MEASURES_DECLINED")
    assert (met.days, met.amount, met.note) == (3, Decimal(24_600), None)


@pytest.mark.parametrize(
    ("notice", "assessed", "finding"),
    [
        ("2020-01-11T22:00", "", "admission_notice_in_time"),
        ("2020-01-11T22:01", "", "admission_notice_late"),
        ("2020-01-11T22:01", "2020-01-11T09:00", "admission_notice_need_assessed_later"),
    ],
)
def test_e14_the_admission_notice_has_24_hours(tell: Tell, notice: str, assessed: str, finding: str) -> None:
    example = Example("24", "2020-01")
    example.stay("1", "2020-01-10T22:00")
    example.case("1")
    example.message("1", "admission_notice", notice, assessed_at=assessed)
    example.message("1", "ready_notice", "2020-01-15T09:00")
    [interval] = tell(example).intervals
    [late] = [one for one in interval.conditions if one.reason_code == "ADMISSION_NOTICE_LATE"]
    assert (late.finding, late.outcome == "obstacle") == (finding, finding == "admission_notice_late")
    assert late.values["elapsed_seconds"] // 60 in (24 * 60, 24 * 60 + 1)


@pytest.mark.parametrize(
    ("call", "required", "finding"),
    [
        ("2020-03-05", "true", "sip_call_in_time"),
        ("2020-03-06", "true", "sip_call_late"),
        ("2020-03-06", "false", "sip_call_late_not_needed"),
        ("", "false", "sip_call_nothing_to_judge"),
    ],
)
def test_e16_the_call_has_three_days(tell: Tell, call: str, required: str, finding: str) -> None:
    example = Example("24", "2020-03")
    example.patient("2020-03-02T09:00", case={"sip_required": required})
    if call:
        example.message("1", "sip_call", f"{call}T10:00")
    assert findings(tell(example).intervals[0])["SIP_CALL_LATE"] == finding


@pytest.mark.parametrize(
    ("call", "late", "missing"),
    [
        ("2020-04-02", "sip_call_after_month", "sip_call_not_shown"),
        ("2020-04-06", "sip_call_after_month", "sip_call_not_shown"),
        ("", "sip_call_after_month", "sip_call_none"),
    ],
)
def test_a_call_after_the_release_month_is_said_not_to_be_shown(tell: Tell, call: str, late: str, missing: str) -> None:
    example = Example("24", "2020-03")
    example.patient("2020-03-31T09:00", case={"sip_required": "true"})
    if call:
        example.message("1", "sip_call", f"{call}T10:00")
    found = findings(tell(example).intervals[0])
    assert (found["SIP_CALL_LATE"], found["SIP_CALL_MISSING"]) == (late, missing)


def test_an_admission_notice_before_the_admission_is_in_time_and_says_so(tell: Tell) -> None:
    example = Example("24", "2020-01")
    example.stay("1", "2020-01-10T22:00")
    example.case("1")
    example.message("1", "admission_notice", "2020-01-10T20:30")
    example.message("1", "ready_notice", "2020-01-15T09:00")
    [interval] = tell(example).intervals
    assert findings(interval)["ADMISSION_NOTICE_LATE"] == "admission_notice_before_admission"


def test_a_payer_outside_the_region_or_unknown_has_no_mean_to_add_to(tell: Tell) -> None:
    example = mean_month([3])
    example.patient("2020-01-05T09:00", "2020-01-15T15:00", number="2", case={"municipality_code": "0880"})
    example.patient("2020-01-05T09:00", "2020-01-15T15:00", number="3", case={"municipality_code": "0000"})
    [outside] = tell(example, "C2").intervals
    assert findings(outside)["PAYER_OUTSIDE_REGION"] == "payer_region"
    assert alternative(outside, "condition_met", "PAYER_OUTSIDE_REGION").note == "payer_not_known"
    told = tell(example, "C3", revision=2)
    assert findings(told.intervals[0])["PAYER_UNKNOWN"] == "payer_unknown"
    assert outcomes(told.intervals[0])["PAYER_OUTSIDE_REGION"] == "not_judged"
    assert (told.header.municipality_code, told.header.municipality) == ("9999", "Okänd kommun")


def test_ready_withdrawn_and_ready_again(tell: Tell) -> None:
    example = Example("24", "2020-05")
    example.patient("2020-05-03T10:00", "2020-05-10T10:00")
    example.message("1", "ready_notice", "2020-05-04T10:00")
    example.message("1", "ready_notice", "2020-05-04T11:00", voided_at="2020-05-04T12:00")
    example.message("1", "ready_withdrawn", "2020-05-05T10:00")
    example.message("1", "ready_withdrawn", "2020-05-06T10:00")
    example.message("1", "ready_notice", "2020-05-07T14:00")
    example.message("1", "ready_notice", "2020-05-10T10:00")
    told = tell(example)
    events = [
        (one.event, one.why_not_counted, one.begins_interval, one.ends_interval)
        for one in told.timeline
        if one.event not in ("stay_start", "admission_notice")
    ]
    assert events == [
        ("ready_notice", None, 1, None),
        ("ready_notice", "already_open", None, None),
        ("ready_notice", "voided", None, None),
        ("ready_withdrawn", None, None, 1),
        ("ready_withdrawn", "nothing_open", None, None),
        ("ready_notice", None, 2, None),
        ("ready_notice", "outside_spell", None, None),
        ("stay_end", None, None, 2),
    ]
    first, second = told.intervals
    assert first.payment.why_none == "ended_before_first_liable_date"
    assert (first.interval.end_reason, second.interval.days_after_day_zero) == ("withdrawn", 2)
    text = render.text(told, "sv")
    assert "underrättelse om utskrivningsklar, räknas inte: perioden var redan öppen" in text


def test_a_message_of_another_case_of_the_spell_counts_too(tell: Tell) -> None:
    example = Example("24", "2020-05")
    person = {"person_id": "194013000001"}
    example.stay("1", "2020-05-01T10:00", "2020-05-04T10:00", **person)
    example.stay("2", "2020-05-04T12:00", "2020-05-12T10:00", **person)
    example.case("1")
    example.case("2")
    example.message("1", "admission_notice", "2020-05-01T12:00")
    example.message("1", "ready_notice", "2020-05-03T09:00")
    example.message("2", "ready_notice", "2020-05-05T09:00")
    first, second = tell(example, "C1"), tell(example, "C2", revision=2)
    assert outcomes(first.intervals[0])["ADMISSION_NOTICE_MISSING"] == "met"
    assert (second.why_no_interval, second.intervals) == ("no_notice_counts", [])
    assert [(other.case_id, other.number) for other in second.other_intervals] == [("C1", 1)]
    own = [one for one in second.timeline if one.case_id is None]
    assert [one.why_not_counted for one in own if one.event == "ready_notice"] == ["already_open"]
    text = render.text(second, "sv")
    assert "underrättelse om utskrivningsklar, i ärende C1, inleder period 1" in text
    assert "Se lus explain C1." in text


def test_a_spell_that_begins_or_ends_with_a_stay_without_a_case_says_so(tell: Tell) -> None:
    example = Example("24", "2020-05")
    person = {"person_id": "194013000001"}
    example.stay("0", "2020-05-01T10:00", "2020-05-02T10:00", **person)
    example.stay("1", "2020-05-02T12:00", "2020-05-04T10:00", **person)
    example.stay("2", "2020-05-04T12:00", "2020-05-12T10:00", **person)
    example.case("1")
    example.message("1", "ready_notice", "2020-05-03T09:00")
    entries = tell(example).timeline
    assert (entries[0].event, entries[-1].event, entries[-1].ends_interval) == ("spell_start", "spell_end", 1)


def test_a_case_without_any_ready_notice_says_why_nobody_pays(tell: Tell) -> None:
    example = Example("01", "2020-01")
    example.stay("1", "2020-01-10T22:00", "2020-01-12T09:00", municipality_code="0180", district_code="18")
    example.case("1")
    told = tell(example)
    assert (told.why_no_interval, told.header.has_payer, told.sources) == ("no_ready_notice", False, [])
    assert (told.header.municipality, told.header.district) == ("Stockholm", "Farsta")
    assert "ingen underrättelse om utskrivningsklar skickats till och med 2020-01-31" in render.text(told, "sv")


def test_a_notice_before_the_act_has_no_rule(tell: Tell) -> None:
    example = Example("24", "2017-12")
    example.patient("2017-12-05T09:00", "2017-12-15T15:00")
    [interval] = tell(example).intervals
    assert (interval.agreement, interval.payment.why_none) == (None, "no_agreement")
    assert [one.note for one in interval.alternatives] == ["no_act_default", "no_agreement"]
    assert {day.status for day in interval.days} == {"no_agreement", "end"}


def test_an_open_interval_is_counted_through_the_release_month(tell: Tell) -> None:
    example = Example("24", "2020-03")
    example.patient("2020-03-26T09:00")
    [interval] = tell(example).intervals
    assert statuses(interval)[-4:] == [(28, 2, "free"), (29, 3, "liable"), (30, 4, "liable"), (31, 5, "liable")]
    assert interval.payment.amount == Decimal(24_600)


def test_days_after_the_release_month_are_not_counted_yet(tell: Tell) -> None:
    example = Example("24", "2020-03")
    example.patient("2020-03-27T09:00", "2020-04-03T10:00")
    example.patient("2020-03-30T09:00", "2020-04-03T10:00", number="2")
    [begun] = tell(example).intervals
    assert statuses(begun)[-4:] == [(31, 4, "liable"), (1, 5, "after_month"), (2, 6, "after_month"), (3, 7, "end")]
    assert begun.payment.days == 2
    [later] = tell(example, "C2", revision=2).intervals
    assert later.payment.why_none == "first_liable_date_later"


@pytest.mark.parametrize(
    ("discharged", "stay", "why", "status"),
    [
        ("", {}, "still_open", "not_yet_in_mean"),
        ("2020-02-03T10:00", {}, "discharged_later", "not_yet_in_mean"),
        ("2020-01-20T10:00", DECEASED, "not_discharged", "not_in_mean"),
    ],
)
def test_the_mean_counts_the_discharged_of_the_month_alone(
    tell: Tell, discharged: str, stay: dict[str, str], why: str, status: str
) -> None:
    example = Example("01", "2020-01")
    example.patient("2020-01-15T09:00", discharged, stay=stay)
    [interval] = tell(example).intervals
    assert interval.payment.why_none == why
    assert interval.days[1].status == status
    assert alternative(interval, "other_model").days


def test_a_month_before_the_regions_first_delivery_has_no_figure(tell: Tell) -> None:
    example = Example("01", "2020-02")
    example.patient("2020-01-05T09:00", "2020-01-15T15:00")
    example.patient("2020-01-10T09:00", "2020-02-03T15:00", number="2", stay=PSYCHIATRIC)
    [mean] = tell(example).intervals
    assert mean.payment.why_none == "month_not_published"
    [individual] = tell(example, "C2", revision=2).intervals
    assert (individual.payment.days, individual.payment.days_not_published) == (18, 16)
    assert [(row.month, row.days) for row in individual.payment.rows] == [(date(2020, 2, 1), 2)]


def test_protected_identity_and_no_own_resident_have_no_district(tell: Tell) -> None:
    example = Example("01", "2020-02")
    districts = {"municipality_code": "0180", "district_code": "12"}
    example.patient("2020-02-03T09:00", stay={**districts, "protected_identity": "true"})
    example.patient("2020-02-03T09:00", number="2", case={**districts, "deciding_municipality_code": "0184"})
    assert tell(example).header.district == "unknown"
    told = tell(example, "C2", revision=2)
    assert (told.header.municipality, told.header.district) == ("Solna", "none")
    assert "Stadsdelsområde  inget" in render.text(told, "sv")


def test_the_release_that_is_told_from_does_hold_the_person() -> None:
    """So that the check of every story, in conftest, checks something."""
    [row] = small_releases.tables(mean_month([9]))["fct_spells"]
    assert row["person_key"].startswith(PERSON_KEY)
    assert row["sex"] and row["age"]


def test_a_long_interval_is_folded_and_loses_no_date(tell: Tell) -> None:
    example = Example("01", "2020-02")
    example.patient("2020-02-03T09:00", "2020-02-29T10:00", stay=PSYCHIATRIC)
    told = tell(example)
    assert [day.on.day for day in told.intervals[0].days] == list(range(3, 30))
    text = render.text(told, "sv")
    assert "sön 2020-02-09 – fre 2020-02-28  dag 6–25  betalningsansvar, 20 dagar × 8 200 kr = 164 000 kr" in text


def test_planned_dates_stand_with_their_messages(tell: Tell) -> None:
    example = Example("24", "2020-05")
    example.stay("1", "2020-05-01T10:00", "2020-05-12T10:00", discharge_destination="inpatient")
    example.case("1")
    example.message("1", "admission_notice", "2020-05-01T12:00", planned_discharge_on="2020-05-05")
    example.message("1", "planned_discharge_changed", "2020-05-04T12:00", planned_discharge_on="2020-05-09")
    text = render.text(tell(example), "sv")
    assert "inskrivningsmeddelande, beräknad utskrivning 2020-05-05" in text
    assert "ändrad beräknad utskrivning till 2020-05-09" in text
    assert "utskriven 2020-05-12 10:00 till annan slutenvård." in " ".join(text.split())


def test_days_are_told_although_nothing_is_invoiced(tell: Tell) -> None:
    example = Example("01", "2022-11")
    example.patient("2022-11-01T09:00", "2022-11-09T10:00", stay=PSYCHIATRIC)
    told = tell(example)
    payment = told.intervals[0].payment
    assert (payment.days, payment.amount, payment.amount_to_invoice) == (2, Decimal(18_600), None)
    text = render.text(told, "sv")
    assert "mån 2022-11-07  dag 6  betalningsansvar, 9 300 kr (faktureras inte)" in text
    assert "2022-11: 2 dagar × 9 300 kr = 18 600 kr; faktureras inte, eftersom fakturering inte pågick" in text
    assert [one.invoicing_active for one in told.sources if one.kind == "invoicing"] == [False]


def test_a_mean_month_without_a_rate_has_days_and_no_amount(tell: Tell) -> None:
    told = tell(mean_month([0, 9], month="2021-01"), "C2")
    payment = told.intervals[0].payment
    assert payment.figures and (payment.figures.liable_days, payment.figures.amount) == (5, None)
    text = render.text(told, "sv")
    assert "Månaden i kommunen: 5 dagar, men beloppet per dygn saknas" in text
    assert "Perioden gör alltså 5 dagar på marginalen; beloppet per dygn saknas." in text


def test_a_month_in_which_every_interval_is_paid_on_its_own(tell: Tell) -> None:
    text = render.text(tell(mean_month([9], region="14")), "sv")
    assert "ingen period räknas i genomsnittet (N = 0)" in text


def test_what_was_invoiced_and_what_is_disputed_stands_beside(tell: Tell) -> None:
    example = Example("01", "2020-02")
    stay = {**PSYCHIATRIC, "municipality_code": "0180"}
    example.patient("2020-02-03T09:00", "2020-02-12T10:00", stay=stay)
    line = {
        "region_code": "01", "invoice_line_id": "L1", "invoice_id": "I1", "invoice_kind": "debit",
        "invoice_date": "2020-03-05", "municipality_code": "0180", "care_month": "2020-02",
        "payment_class": "psychiatric", "days": "2", "rate_sek": "8200", "amount_sek": "16400",
        "dispute_status": "disputed",
    }  # fmt: skip
    example.feeds["invoices"] = [line]
    text = " ".join(render.text(tell(example), "sv").split())
    assert "väntat 24 600 kr, fakturerat 16 400 kr: för lite fakturerat." in text
    assert "Bestridna fakturarader: 1, 16 400 kr." in text


def test_a_cap_ends_the_liable_days(tell: Tell) -> None:
    example = Example("01", "2020-02")
    example.patient("2020-02-03T09:00", "2020-02-12T10:00", stay=PSYCHIATRIC)
    tables = small_releases.tables(example)
    agreements = [row | {"cap_days": 2} for row in tables["dim_agreement"]]
    changes = {"dim_agreement": agreements, "fct_liable_days": tables["fct_liable_days"][:2]}
    told = tell(example, changes=changes)
    assert statuses(told.intervals[0])[-3:] == [(10, 7, "liable"), (11, 8, "above_cap"), (12, 9, "end")]
    assert alternative(told.intervals[0], "act_default").days == 2
    assert "Högst 2 dagar per period." in render.text(told, "sv")


def test_why_an_alternative_has_no_figure(tell: Tell) -> None:
    declined = {"measures_declined": "true"}
    example = Example("01", "2020-02")
    example.patient("2020-02-03T09:00", case=declined)
    example.patient("2020-02-03T09:00", "2020-02-13T10:00", number="2", case=declined, stay=DECEASED)
    example.patient("2020-02-03T09:00", "2020-03-03T10:00", number="3", case=declined)
    example.patient("2020-01-03T09:00", "2020-01-23T10:00", number="4", case=declined)
    notes = ["still_open", "not_discharged", "discharged_later", "month_not_published"]
    for number, note in enumerate(notes, 1):
        [interval] = tell(example, f"C{number}", revision=number).intervals
        met = alternative(interval, "condition_met", "MEASURES_DECLINED")
        assert (met.days, met.note) == (None, note)
