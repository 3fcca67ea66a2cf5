"""An interval date by date: its number, and whether it is free, liable, counted in a mean, or none of these and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from dagster_project.explain import mean_months, reckon
from dagster_project.explain.facts import Agreement, CaseFacts, Interval, LiableDay


@dataclass(frozen=True)
class Day:
    """One date of an interval. ``number`` counts from day zero; None on dates that the day count passes over.

    In weekdays, which end with the free days, later dates have no number.

    ``status``: same_day, before_day_zero, day_zero, free, passed_over (weekday counting), liable, obstructed,
    above_cap, no_agreement, after_month, end; under the mean model within_level, over_level, within_limit,
    over_individual_limit, not_in_mean, not_yet_in_mean.
    """

    on: date
    iso_weekday: int
    number: int | None
    status: str
    non_working_day_name_sv: str | None = None
    sek_per_day: Decimal | None = None
    invoicing_active: bool | None = None


def of_interval(facts: CaseFacts, interval: Interval, agreement: Agreement | None, ended_on: date | None) -> list[Day]:
    """Every date from the notice to the end, both included; through the release month while the interval is open."""
    liable = {day.liable_on: day for day in facts.liable_days if day.interval_id == interval.interval_id}
    start, stop = reckon.date_of(interval.ready_at), ended_on or facts.edition.last_on
    return [
        _day(facts, interval, agreement, on, ended_on, liable.get(on))
        for on in reckon.dates(start, max(start, stop) + reckon.DAY)
    ]


def _day(
    facts: CaseFacts,
    interval: Interval,
    agreement: Agreement | None,
    on: date,
    ended_on: date | None,
    liable: LiableDay | None,
) -> Day:
    zero = interval.day_zero
    number = None
    if zero is not None and agreement is not None and on >= zero:
        number = reckon.day_number(on, zero, agreement, facts.calendar)
    named = facts.calendar.get(on)
    day = Day(
        on=on,
        iso_weekday=on.isoweekday(),
        number=number,
        status=_status(facts, interval, agreement, on, number, ended_on),
        non_working_day_name_sv=named.non_working_day_name_sv if named else None,
    )
    if liable is None:
        return day
    return replace(day, status="liable", sek_per_day=liable.sek_per_day, invoicing_active=liable.invoicing_active)


def _status(
    facts: CaseFacts,
    interval: Interval,
    agreement: Agreement | None,
    on: date,
    number: int | None,
    ended_on: date | None,
) -> str:
    zero = interval.day_zero
    if on == ended_on:
        return "same_day" if on == reckon.date_of(interval.ready_at) else "end"
    if agreement is None or zero is None:
        return "no_agreement"
    if on < zero:
        return "before_day_zero"
    if on == zero:
        return "day_zero"
    if on > facts.edition.last_on:
        return "after_month"
    if agreement.model == "mean":
        return _status_in_mean(facts, interval, agreement, number or 0)
    if interval.first_liable_date is not None and on < interval.first_liable_date:
        return "passed_over" if number is None else "free"
    return "obstructed" if interval.reasons else "above_cap"


def _status_in_mean(facts: CaseFacts, interval: Interval, agreement: Agreement, number: int) -> str:
    if not mean_months.is_counted(facts, interval):
        if interval.reasons:
            return "obstructed"
        may_come = mean_months.outside_mean(facts, interval) in ("still_open", "discharged_later")
        return "not_yet_in_mean" if may_come else "not_in_mean"
    p, limit = interval.days_after_day_zero or 0, agreement.individual_above_days
    if agreement.cap_days is not None and number > agreement.cap_days:
        return "above_cap"
    if limit is not None and p > limit:
        return "over_individual_limit" if number > limit else "within_limit"
    return "over_level" if number > agreement.last_free_day else "within_level"
