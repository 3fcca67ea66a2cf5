"""What the municipality pays for an interval, as it was published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from dagster_project.explain import mean_months
from dagster_project.explain.facts import Agreement, BasisRow, CaseFacts, Interval, PayerMonth, Reconciliation
from dagster_project.explain.mean_months import EarlierMonth, MeanFigures


@dataclass(frozen=True)
class Payment:
    """What the municipality pays for an interval. ``rule``: individual, mean, none.

    ``why_none`` says why nothing is paid or counted: obstacles, ended_before_first_liable_date,
    first_liable_date_later, no_agreement, not_discharged, still_open, discharged_later, month_not_published. ``rows``
    are the interval's own in the invoice basis: under the mean model only what it pays above the individual limit.
    Under that model ``month`` is the payer's published month, ``figures`` the same with its parts, ``without`` the same
    had this interval not been, and ``months_before`` the means that the agreement asks for beside it.
    ``days_not_published`` are in months before the first delivery.
    """

    rule: str
    why_none: str | None
    days: int | None
    amount: Decimal | None
    amount_to_invoice: Decimal | None
    rows: list[BasisRow]
    days_not_published: int
    days_after_day_zero: int | None
    month: PayerMonth | None
    figures: MeanFigures | None
    without: MeanFigures | None
    months_before: list[EarlierMonth]
    reconciliations: list[Reconciliation]


def of_interval(facts: CaseFacts, interval: Interval, agreement: Agreement | None, ended_on: date | None) -> Payment:
    rows = [row for row in facts.basis if row.interval_id == interval.interval_id]
    bare = Payment(
        rule=agreement.model if agreement else "none",
        why_none=None,
        days=0,
        amount=Decimal(0),
        amount_to_invoice=None,
        rows=rows,
        days_not_published=0,
        days_after_day_zero=interval.days_after_day_zero,
        month=None,
        figures=None,
        without=None,
        months_before=[],
        reconciliations=[],
    )
    if agreement is None:
        return replace(bare, why_none="no_agreement")
    if interval.reasons:
        return replace(bare, why_none="obstacles")
    if agreement.model == "mean":
        return _mean_payment(facts, interval, agreement, bare)
    dates = [day.liable_on for day in facts.liable_days if day.interval_id == interval.interval_id]
    if not dates:
        is_later = interval.first_liable_date is not None and interval.first_liable_date > facts.edition.last_on
        is_open = ended_on is None or (interval.first_liable_date is not None and ended_on > interval.first_liable_date)
        return replace(
            bare, why_none="first_liable_date_later" if is_later and is_open else "ended_before_first_liable_date"
        )
    return replace(
        bare,
        days=len(dates),
        amount=_sum(row.amount for row in rows),
        amount_to_invoice=_sum(row.amount_to_invoice for row in rows if row.invoicing_active),
        days_not_published=sum(on < facts.edition.first_month for on in dates),
        reconciliations=_reconciliations(facts, interval, [row.month for row in rows]),
    )


def _mean_payment(facts: CaseFacts, interval: Interval, agreement: Agreement, bare: Payment) -> Payment:
    why, discharged_on = mean_months.outside_mean(facts, interval), mean_months.discharge_of(interval)
    if why or discharged_on is None:
        return replace(bare, why_none=why)
    month = discharged_on.replace(day=1)
    row = mean_months.payer_month(facts, interval.payer_municipality_code, month, agreement)
    if row is None:
        return replace(bare, why_none="month_not_published")
    mean = mean_months.mean_of(facts, row, agreement)
    without = mean.without_interval(interval.days_after_day_zero or 0)
    return replace(
        bare,
        days=interval.liable_days,
        amount=_sum(one.amount for one in bare.rows) if bare.rows else None,
        amount_to_invoice=_sum(one.amount_to_invoice for one in bare.rows if one.invoicing_active),
        month=row,
        figures=mean_months.figures(facts, month, interval.payment_class, mean),
        without=mean_months.figures(facts, month, interval.payment_class, without),
        months_before=mean_months.months_before(facts, interval.payer_municipality_code, month, agreement),
        reconciliations=_reconciliations(facts, interval, [month]),
    )


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """None without parts, or where a part is None."""
    parts = list(amounts)
    return sum((part for part in parts if part is not None), Decimal(0)) if parts and None not in parts else None


def _reconciliations(facts: CaseFacts, interval: Interval, months: list[date]) -> list[Reconciliation]:
    return [
        row
        for row in facts.reconciliations
        if row.month in months and row.municipality_code == interval.payer_municipality_code
    ]
