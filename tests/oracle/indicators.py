"""Rules §7: process indicators, each as a numerator and a denominator of one spell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.oracle import clock, payment, reference, spells
from tests.oracle.feeds import InForce
from tests.oracle.readiness import Interval
from tests.oracle.rounding import ratio
from tests.oracle.spells import Spell

Row = dict[str, Any]
Part = tuple[int, int]
"""Numerator and denominator."""


def discharged_on(spell: Spell) -> date:
    return clock.date_of(discharge(spell))


def discharge(spell: Spell) -> datetime:
    if spell.discharged_at is None:
        raise ValueError("the spell is open")
    return spell.discharged_at


def admission_notice_24h(spell: Spell, intervals: list[Interval]) -> Part:
    notices = spell.counting("admission_notice")
    return int(bool(notices) and not payment.is_late(notices[0], spell)), 1


def planned_date_changed(spell: Spell, intervals: list[Interval]) -> Part:
    return int(bool(spell.counting("planned_discharge_changed"))), 1


def ready_notice_before_noon(spell: Spell, intervals: list[Interval]) -> Part:
    in_time = [interval for interval in intervals if clock.time_of(interval.ready_at) <= time(12)]
    return len(in_time), len(intervals)


def ready_withdrawn(spell: Spell, intervals: list[Interval]) -> Part:
    return int(any(interval.end_reason == "withdrawn" for interval in intervals)), 1


def day_zero(spell: Spell, intervals: list[Interval]) -> Part:
    for interval in intervals:
        if interval.end_reason == "discharged":
            return int(days_waited(interval) == 0), 1
    return 0, 0


def days_waited(interval: Interval) -> int:
    """p of an interval that ended in the discharge; its ready days where there is no agreement."""
    p = payment.days_after_day_zero(interval)
    return len(interval.ready_dates) if p is None else p


def weekend_discharge(spell: Spell, intervals: list[Interval]) -> Part:
    return int(not reference.is_weekday(discharged_on(spell))), 1


def needs_sip(spell: Spell) -> bool:
    return any(case.sip_required and not case.coordinated_care_plan for case in spell.cases)


def sip_called_in_time(spell: Spell, intervals: list[Interval]) -> Part:
    if not needs_sip(spell):
        return 0, 0
    calls = spell.counting("sip_call")
    if not calls:
        return 0, 1
    if not intervals:
        return 1, 1
    return int(clock.date_of(calls[0].sent_at) <= intervals[0].ready_on + timedelta(days=3)), 1


def sip_held(spell: Spell, intervals: list[Interval]) -> Part:
    if not needs_sip(spell):
        return 0, 0
    return int(any(held.sent_at <= discharge(spell) for held in spell.counting("sip_held"))), 1


def discharge_information_same_day(spell: Spell, intervals: list[Interval]) -> Part:
    sent = spell.counting("discharge_information")
    return int(bool(sent) and clock.date_of(sent[0].sent_at) <= discharged_on(spell)), 1


def ready_days_above(days: int) -> Callable[[Spell, list[Interval]], Part]:
    def long_wait(spell: Spell, intervals: list[Interval]) -> Part:
        return int(sum(len(interval.ready_dates) for interval in intervals) > days), 1

    return long_wait


INDICATORS: dict[str, Callable[[Spell, list[Interval]], Part]] = {
    "admission_notice_24h": admission_notice_24h,
    "planned_date_changed": planned_date_changed,
    "ready_notice_before_noon": ready_notice_before_noon,
    "ready_withdrawn": ready_withdrawn,
    "day_zero": day_zero,
    "weekend_discharge": weekend_discharge,
    "sip_called_in_time": sip_called_in_time,
    "sip_held": sip_held,
    "discharge_information_same_day": discharge_information_same_day,
    "long_wait_7": ready_days_above(7),
    "long_wait_14": ready_days_above(14),
    "long_wait_30": ready_days_above(30),
}


def monthly(all_spells: list[Spell], intervals: list[Interval], given: InForce) -> list[Row]:
    """mart_process_indicators_monthly."""
    of_spell: dict[str, list[Interval]] = {}
    for interval in intervals:
        of_spell.setdefault(interval.spell.spell_id, []).append(interval)
    sums: dict[tuple[Any, ...], list[int]] = {}
    for spell in all_spells:
        if spell.is_open or not spell.cases or spell.destination == "deceased":
            continue
        if not given.first_month <= discharged_on(spell) <= given.month_end:
            continue
        month = clock.first_of(discharged_on(spell))
        district = spells.district(spell, given.month_end)
        group = (
            given.region,
            month,
            spells.municipality(spell, given.month_end),
            reference.district_on(district, clock.last_of(month)),
            reference.current_district(district),
            spell.last.care_area,
            spell.last.sex,
            spells.age_band(spells.age(spell, given.month_end)),
        )
        for indicator, part_of in INDICATORS.items():
            numerator, denominator = part_of(spell, of_spell.get(spell.spell_id, []))
            total = sums.setdefault((*group, indicator), [0, 0])
            total[0] += numerator
            total[1] += denominator
    names = [
        "region_code", "month", "municipality_code", "district_code", "current_district_code", "care_area", "sex",
        "age_band", "indicator",
    ]  # fmt: skip
    return [
        dict(zip(names, key, strict=True))
        | {"numerator": numerator, "denominator": denominator, "share": ratio(numerator, denominator, 6)}
        for key, (numerator, denominator) in sums.items()
        if denominator
    ]
