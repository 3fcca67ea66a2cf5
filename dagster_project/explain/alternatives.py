"""What an interval would have cost otherwise: under another model, the act's own rule, another notice, conditions met.

Only one thing is changed at a time; all else is as the release has it. Under the individual model a figure is of the
interval; under the mean model it is of the payer's whole month, since the mean is. Days are counted through the release
month, as the published ones are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from dagster_project.explain import mean_months, reckon
from dagster_project.explain.facts import Agreement, CaseFacts, Interval, PayerMonth
from dagster_project.explain.mean_months import MeanFigures
from dagster_project.months import last_day

_PAYER_CODES = {"PAYER_UNKNOWN", "PAYER_OUTSIDE_REGION"}


@dataclass(frozen=True)
class Alternative:
    """One "otherwise". ``days`` and ``amount`` are of the interval, or where ``payer_month`` is given of that month.

    ``published_month`` is what was published of the same month, None where nothing was.

    ``kind``: other_model, act_default, in_time_for_noon, condition_met, all_conditions_met. ``note`` says why there is
    no figure (None), or why it is 0: already_act_default, no_act_default, no_other_model, no_agreement,
    obstacles_remain, others_remain, not_discharged, still_open, discharged_later, month_not_published, payer_not_known,
    ended_before, rate_missing (on the dates ``missing_on``, first and last).
    """

    kind: str
    agreement_id: str | None = None
    reason_code: str | None = None
    day_zero: date | None = None
    first_liable_date: date | None = None
    days_after_day_zero: int | None = None
    days: int | None = None
    amount: Decimal | None = None
    payer_month: MeanFigures | None = None
    published_month: PayerMonth | None = None
    note: str | None = None
    missing_on: tuple[date, ...] = ()


def of_interval(facts: CaseFacts, interval: Interval) -> list[Alternative]:
    """Every alternative of one of the case's own intervals, in the order that a reader asks for them."""
    agreement = agreement_of(facts, interval)
    found = []
    if agreement is not None:
        found += [_other_model(facts, interval, agreement)]
    found += [_act_default(facts, interval, agreement)]
    if agreement is not None and interval.day_zero not in (None, reckon.date_of(interval.ready_at)):
        found += [_in_time_for_noon(facts, interval, agreement)]
    return found + _conditions_met(facts, interval, agreement)


def agreement_of(facts: CaseFacts, interval: Interval) -> Agreement | None:
    """The agreement that the release gives the interval."""
    return next((row for row in facts.agreements if row.agreement_id == interval.agreement_id), None)


def _other_model(facts: CaseFacts, interval: Interval, agreement: Agreement) -> Alternative:
    if agreement.model == "individual":
        return Alternative("other_model", note="no_other_model")
    individual = replace(agreement, model="individual")
    return _reckoned(facts, interval, individual, Alternative("other_model", agreement.agreement_id))


def _act_default(facts: CaseFacts, interval: Interval, agreement: Agreement | None) -> Alternative:
    ready_on = reckon.date_of(interval.ready_at)
    default = reckon.agreement_on(facts.agreements, reckon.NATION, interval.payment_class, ready_on)
    if default is None:
        return Alternative("act_default", note="no_act_default")
    if default == agreement:
        return Alternative("act_default", default.agreement_id, note="already_act_default")
    return _reckoned(facts, interval, default, Alternative("act_default", default.agreement_id))


def _in_time_for_noon(facts: CaseFacts, interval: Interval, agreement: Agreement) -> Alternative:
    without_cutoff = replace(agreement, noon_cutoff=None, noon_cutoff_minutes=None)
    return _reckoned(facts, interval, without_cutoff, Alternative("in_time_for_noon", agreement.agreement_id))


def _conditions_met(facts: CaseFacts, interval: Interval, agreement: Agreement | None) -> list[Alternative]:
    codes = interval.reasons
    if agreement is None or not codes:
        return [Alternative("condition_met", reason_code=code, note="no_agreement") for code in codes]
    if len(codes) == 1:
        asked = Alternative("condition_met", agreement.agreement_id, reason_code=codes[0])
        return [_reckoned(facts, interval, agreement, asked, obstacles=False)]
    one_by_one = [
        Alternative("condition_met", agreement.agreement_id, code, days=0, amount=Decimal(0), note="others_remain")
        for code in codes
    ]
    asked = Alternative("all_conditions_met", agreement.agreement_id)
    return [*one_by_one, _reckoned(facts, interval, agreement, asked, obstacles=False)]


def _reckoned(
    facts: CaseFacts, interval: Interval, agreement: Agreement, asked: Alternative, *, obstacles: bool = True
) -> Alternative:
    """``asked`` with its figures under ``agreement``; ``obstacles`` keeps the conditions that the interval fails."""
    zero = reckon.day_zero(interval.ready_at, agreement)
    asked = replace(asked, day_zero=zero)
    if obstacles and interval.reasons:
        return replace(asked, days=0, amount=Decimal(0), note="obstacles_remain")
    if agreement.model == "mean":
        return _under_mean(facts, interval, agreement, asked, zero)
    ended_on = reckon.date_of(interval.ended_at) if interval.ended_at else None
    first = reckon.first_liable_date(zero, agreement, facts.calendar)
    liable = reckon.liable_dates(first, ended_on, facts.edition.last_on, agreement)
    cost = reckon.cost(liable, facts.rates, facts.edition.region_code, interval.payment_class)
    return replace(
        asked,
        first_liable_date=first,
        days=cost.days,
        amount=cost.amount,
        note="rate_missing" if cost.amount is None else None if liable else "ended_before",
        missing_on=tuple(sorted({*cost.missing_on[:1], *cost.missing_on[-1:]})),
    )


def _under_mean(
    facts: CaseFacts, interval: Interval, agreement: Agreement, asked: Alternative, zero: date
) -> Alternative:
    discharged_on = mean_months.discharge_of(interval)
    if discharged_on is not None:
        p = reckon.days_after_day_zero(zero, discharged_on, agreement)
        asked = replace(asked, days_after_day_zero=p)
    why = mean_months.outside_mean(facts, interval)
    if why or discharged_on is None or asked.days_after_day_zero is None:
        return replace(asked, note=why)
    if _PAYER_CODES.intersection(interval.reasons):
        return replace(asked, note="payer_not_known")
    month = discharged_on.replace(day=1)
    row = mean_months.payer_month(facts, interval.payer_municipality_code, month, agreement)
    mean = mean_months.mean_of(facts, row or _empty(interval, month, agreement), agreement)
    if mean_months.is_counted(facts, interval) and interval.agreement_id == agreement.agreement_id:
        mean = mean.without_interval(interval.days_after_day_zero or 0)
    found = mean_months.figures(facts, month, interval.payment_class, mean.with_interval(asked.days_after_day_zero))
    return replace(
        asked,
        days=found.liable_days,
        amount=found.amount,
        payer_month=found,
        published_month=row,
        note="rate_missing" if found.amount is None else None,
        missing_on=(last_day(f"{month:%Y-%m}"),) if found.amount is None else (),
    )


def _empty(interval: Interval, month: date, agreement: Agreement) -> PayerMonth:
    """The month of a payer for whom nothing is counted."""
    return PayerMonth(
        month=month,
        municipality_code=interval.payer_municipality_code,
        payment_class=interval.payment_class,
        agreement_id=agreement.agreement_id,
        model="mean",
        last_free_day=agreement.last_free_day,
        intervals=0,
        sum_days=0,
        mean_days=None,
        liable_days=0,
        amount=Decimal(0),
        invoicing_active=False,
        amount_to_invoice=None,
    )
