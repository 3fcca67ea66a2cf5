"""The story of one readiness interval: all that was judged of it, and what follows."""

from __future__ import annotations

from dataclasses import dataclass

from dagster_project.explain import alternatives, conditions, days, payment, reckon
from dagster_project.explain.alternatives import Alternative
from dagster_project.explain.conditions import Judged
from dagster_project.explain.days import Day
from dagster_project.explain.facts import Agreement, CaseFacts, Interval, Term
from dagster_project.explain.payment import Payment


@dataclass(frozen=True)
class IntervalStory:
    """An interval of the case. ``weekday`` is what the agreement's day count means by it, None for calendar days."""

    number: int
    interval: Interval
    ended_in_month: bool
    payer: str
    agreement: Agreement | None
    weekday: Term | None
    sent_after_cutoff: bool
    conditions: list[Judged]
    days: list[Day]
    payment: Payment
    alternatives: list[Alternative]


def tell(facts: CaseFacts, interval: Interval, number: int) -> IntervalStory:
    agreement = alternatives.agreement_of(facts, interval)
    ended_on = reckon.date_of(interval.ended_at) if interval.ended_at else None
    return IntervalStory(
        number=number,
        interval=interval,
        ended_in_month=ended_on is not None and ended_on <= facts.edition.last_on,
        payer=f"{interval.payer_municipality_code} {facts.municipality(interval.payer_municipality_code)}",
        agreement=agreement,
        weekday=facts.terms.get("weekday") if agreement and agreement.day_count == "weekday" else None,
        sent_after_cutoff=interval.day_zero is not None and interval.day_zero > reckon.date_of(interval.ready_at),
        conditions=conditions.judged(facts, interval),
        days=days.of_interval(facts, interval, agreement, ended_on),
        payment=payment.of_interval(facts, interval, agreement, ended_on),
        alternatives=alternatives.of_interval(facts, interval),
    )
