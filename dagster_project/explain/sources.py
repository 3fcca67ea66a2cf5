"""Which rows of the reference tables a story rests on, with their status and where they come from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from dagster_project.explain import reckon
from dagster_project.explain.facts import CaseFacts, InvoicingPeriod, Rate
from dagster_project.explain.interval import IntervalStory
from dagster_project.months import last_day


@dataclass(frozen=True)
class Source:
    """A row of a reference table that the story rests on. ``kind``: agreement, condition, deadline, rate, invoicing.

    ``name`` is the row's id or code. A rate and an invoicing period have none, but a region (or SE) and a payment class
    (or all).
    """

    kind: str
    status: str
    source: str
    name: str | None = None
    paragraph: str | None = None
    region_code: str | None = None
    payment_class: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    sek_per_day: Decimal | None = None
    invoicing_active: bool | None = None


def of_intervals(facts: CaseFacts, told: list[IntervalStory]) -> list[Source]:
    """Every row of a reference table that the story rests on, once."""
    found: dict[Source, None] = {}
    for one in told:
        found |= dict.fromkeys(
            [*_agreements(facts, one), *_deadlines(facts, one), *_conditions(one), *_rates_and_periods(facts, one)]
        )
    return list(found)


def _agreements(facts: CaseFacts, one: IntervalStory) -> list[Source]:
    used = {one.interval.agreement_id, *(other.agreement_id for other in one.alternatives)}
    return [
        Source(
            "agreement",
            row.status,
            row.source,
            name=row.agreement_id,
            payment_class=row.payment_class,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in facts.agreements
        if row.agreement_id in used
    ]


def _conditions(one: IntervalStory) -> list[Source]:
    return [
        Source("condition", condition.status, condition.source, condition.reason_code, condition.paragraph)
        for condition in one.conditions
    ]


def _deadlines(facts: CaseFacts, one: IntervalStory) -> list[Source]:
    rows = reckon.in_force(facts.deadlines, reckon.date_of(one.interval.ready_at))
    return [Source("deadline", row.status, row.source, row.deadline_id) for row in rows]


def _rates_and_periods(facts: CaseFacts, one: IntervalStory) -> list[Source]:
    """The rates and invoicing periods of every date that costs something, now or in an alternative."""
    priced = {day.on for day in one.days if day.status == "liable"}
    for other in one.alternatives:
        if other.payer_month:
            priced.add(last_day(f"{other.payer_month.month:%Y-%m}"))
        elif other.days and other.first_liable_date:
            priced |= {day.on for day in one.days if day.on >= other.first_liable_date and day.status != "end"}
    if one.payment.month:
        priced.add(last_day(f"{one.payment.month.month:%Y-%m}"))
    region, payment_class = facts.edition.region_code, one.interval.payment_class
    rates: dict[Source, None] = {}
    periods: dict[Source, None] = {}
    for on in sorted(priced):
        if rate := reckon.row_on(facts.rates, region, payment_class, on):
            rates[replace(_dated("rate", rate), sek_per_day=rate.sek_per_day)] = None
        if period := reckon.row_on(facts.invoicing_periods, region, payment_class, on):
            periods[replace(_dated("invoicing", period), invoicing_active=period.invoicing_active)] = None
    return [*rates, *periods]


def _dated(kind: str, row: Rate | InvoicingPeriod) -> Source:
    return Source(
        kind,
        row.status,
        row.source,
        region_code=row.region_code,
        payment_class=row.payment_class,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )
