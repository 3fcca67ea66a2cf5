"""A payer's month under the mean model (genomsnittsmodellen), as published and with one thing changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from dagster_project.explain import reckon
from dagster_project.explain.facts import Agreement, CaseFacts, Interval, PayerMonth
from dagster_project.months import first_day, last_day, next_month


@dataclass(frozen=True)
class MeanFigures:
    """A payer's month under the mean model; ``amount`` in kronor, None where the rate is missing."""

    month: date
    intervals: int
    sum_days: int
    mean_days: Decimal | None
    last_free_day: int
    is_over: bool
    held_before: bool
    days_above: int
    liable_days: int
    sek_per_day: Decimal | None
    amount: Decimal | None


@dataclass(frozen=True)
class EarlierMonth:
    """A month before; ``mean_days`` is None where the payer has no mean for it, which is not above the level."""

    month: date
    mean_days: Decimal | None
    is_over: bool


def figures(facts: CaseFacts, month: date, payment_class: str, mean: reckon.Mean) -> MeanFigures:
    """A month's mean with what it costs, at the rate of the month's last date."""
    rate = reckon.row_on(facts.rates, facts.edition.region_code, payment_class, last_day(f"{month:%Y-%m}"))
    sek_per_day = rate.sek_per_day if rate else None
    return MeanFigures(
        month=month,
        intervals=mean.intervals,
        sum_days=mean.sum_days,
        mean_days=mean.mean_days,
        last_free_day=mean.last_free_day,
        is_over=mean.is_over,
        held_before=mean.held_before,
        days_above=mean.days_above,
        liable_days=mean.liable_days,
        sek_per_day=sek_per_day,
        amount=reckon.amount(mean.liable_days, sek_per_day),
    )


def mean_of(facts: CaseFacts, row: PayerMonth, agreement: Agreement) -> reckon.Mean:
    """A published month under the mean model, as the parts that it is reckoned from."""
    bare = reckon.Mean(
        intervals=row.intervals,
        sum_days=row.sum_days or 0,
        last_free_day=row.last_free_day,
        days_above=0,
        held_before=all(
            earlier.is_over for earlier in months_before(facts, row.municipality_code, row.month, agreement)
        ),
        individual_above_days=agreement.individual_above_days,
    )
    return replace(bare, days_above=row.liable_days - bare.days_of_mean)


def months_before(facts: CaseFacts, municipality_code: str, month: date, agreement: Agreement) -> list[EarlierMonth]:
    """The months before ``month`` whose means the agreement asks for, newest first."""
    found = []
    for back in range(1, agreement.consecutive_months):
        earlier = first_day(next_month(f"{month:%Y-%m}", -back))
        row = payer_month(facts, municipality_code, earlier, agreement)
        is_over = row is not None and (row.sum_days or 0) > row.last_free_day * row.intervals
        found.append(EarlierMonth(earlier, row.mean_days if row else None, is_over))
    return found


def payer_month(facts: CaseFacts, municipality_code: str, month: date, agreement: Agreement) -> PayerMonth | None:
    for row in facts.payer_months:
        if (row.municipality_code, row.month, row.agreement_id) == (municipality_code, month, agreement.agreement_id):
            return row
    return None


def discharge_of(interval: Interval) -> date | None:
    """The date of the discharge that ended the interval; None where something else did, or nothing has yet."""
    return reckon.date_of(interval.ended_at) if interval.ended_at and interval.end_reason == "discharged" else None


def outside_mean(facts: CaseFacts, interval: Interval) -> str | None:
    """Why the interval is in no month of the mean model that this release publishes, obstacles aside; else None.

    still_open, not_discharged, discharged_later (than the release month), month_not_published (before the region's
    first delivery).
    """
    discharged_on = discharge_of(interval)
    if discharged_on is None:
        return "still_open" if interval.end_reason == "open" else "not_discharged"
    if discharged_on > facts.edition.last_on:
        return "discharged_later"
    return "month_not_published" if discharged_on < facts.edition.first_month else None


def is_counted(facts: CaseFacts, interval: Interval) -> bool:
    """Whether the mean model counts the interval in a month of this release, in N and S or above the limit."""
    return interval.model == "mean" and interval.is_liable and outside_mean(facts, interval) is None
