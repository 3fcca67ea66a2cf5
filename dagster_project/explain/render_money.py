"""What an interval costs, and what it would have cost otherwise, in words."""

from __future__ import annotations

from decimal import Decimal

from dagster_project.explain.alternatives import Alternative
from dagster_project.explain.facts import BasisRow, PayerMonth
from dagster_project.explain.interval import IntervalStory
from dagster_project.explain.layout import wrapped
from dagster_project.explain.mean_months import MeanFigures
from dagster_project.explain.payment import Payment
from dagster_project.explain.render_conditions import condition_name
from dagster_project.explain.story import Story
from dagster_project.explain.texts import Texts


def payment(say: Texts, one: IntervalStory, story: Story) -> list[str]:
    found = one.payment
    if found.why_none:
        sentences = [_why_none(say, one, story)]
    elif found.rule == "mean":
        sentences = _mean_payment(say, one)
    else:
        sentences = [_basis_row(say, row) for row in found.rows]
        if found.days_not_published:
            sentences.append(
                say.say(
                    "payment.days_not_published",
                    days=say.count("days", found.days_not_published),
                    month=say.month(story.header.edition.first_month),
                )
            )
        sentences.append(
            say.say(
                "payment.total",
                days=say.count("days", found.days or 0),
                amount=say.money(found.amount),
                to_invoice=say.money(found.amount_to_invoice),
            )
        )
    sentences += _reconciliations(say, found)
    return [line for sentence in sentences for line in wrapped(sentence, 4, hang=6)]


def _why_none(say: Texts, one: IntervalStory, story: Story) -> str:
    why, edition = str(one.payment.why_none), story.header.edition
    values: dict[str, object] = {}
    if why == "obstacles":
        values["obstacles"] = say.listed(condition_name(say, c) for c in one.conditions if c.is_obstacle)
    elif why in ("ended_before_first_liable_date", "first_liable_date_later"):
        values["on"] = one.interval.first_liable_date
    elif why == "not_discharged":
        values["end_reason"] = say.say(f"end_reason.{one.interval.end_reason}")
    elif why == "discharged_later":
        values["last_on"] = edition.last_on
    elif why == "month_not_published":
        values["month"] = say.month(edition.first_month)
    return say.say(f"payment.{why}", **values)


def _invoice(say: Texts, row: BasisRow | PayerMonth) -> str:
    if not row.invoicing_active:
        return say.say("payment.not_active")
    if row.amount_to_invoice is None:
        return say.say("payment.rate_unknown_to_invoice")
    return say.say("payment.to_invoice", amount=say.money(row.amount_to_invoice))


def _basis_row(say: Texts, row: BasisRow) -> str:
    values = {"month": say.month(row.month), "days": say.count("days", row.days), "invoice": _invoice(say, row)}
    if row.sek_per_day is None:
        return say.say("payment.row_rate_missing", **values)
    return say.say("payment.row", rate=say.money(row.sek_per_day), amount=say.money(row.amount), **values)


def _mean_payment(say: Texts, one: IntervalStory) -> list[str]:
    payment, agreement = one.payment, one.agreement
    month, found, without = payment.month, payment.figures, payment.without
    if month is None or found is None or without is None or agreement is None:
        return []
    in_a_row = say.count("months", agreement.consecutive_months)
    said = [
        say.say(
            "payment.contributes",
            days=say.number(payment.days_after_day_zero or 0),
            payer=one.payer,
            payment_class=say.say(f"payment_class.{one.interval.payment_class}"),
            month=say.month(month.month),
        )
    ]
    if payment.rows:
        limit = say.count("days", agreement.individual_above_days or 0)
        said.append(say.say("payment.alone", limit=limit, days=say.count("days", payment.days or 0)))
        said += [_basis_row(say, row) for row in payment.rows]
    said.append(_mean(say, "payment.month", found) if found.intervals else say.say("payment.month_empty"))
    if found.intervals and not found.is_over:
        said.append(say.say("payment.month_not_over"))
    elif found.intervals and not found.held_before:
        said.append(say.say("payment.month_not_in_a_row", months=in_a_row))
    elif found.intervals:
        days = say.count("days", found.liable_days - found.days_above)
        said.append(
            say.say("payment.month_over", s=found.sum_days, level=found.last_free_day, n=found.intervals, days=days)
        )
    for earlier in payment.months_before:
        over = say.say("payment.earlier_over" if earlier.is_over else "payment.earlier_not_over")
        if earlier.mean_days is None:
            said.append(say.say("payment.earlier_none", month=say.month(earlier.month)))
        else:
            mean = say.mean(earlier.mean_days)
            said.append(say.say("payment.earlier", month=say.month(earlier.month), mean=mean, over=over))
    if found.days_above:
        said.append(say.say("payment.month_above", days=say.count("days", found.days_above)))
    said.append(_payer_month(say, month, found))
    said.append(_mean(say, "payment.without", without))
    said.append(_margin(say, found, without))
    if agreement.consecutive_months > 1:
        said.append(say.say("payment.margin_later", months=in_a_row))
    return said


def _mean(say: Texts, key: str, found: MeanFigures) -> str:
    values: dict[str, object] = {"n": found.intervals, "s": found.sum_days, "mean": say.mean(found.mean_days)}
    if key == "payment.month":
        return say.say(key, level=found.last_free_day, **values)
    return say.say(key, days=say.count("days", found.liable_days), amount=say.money(found.amount), **values)


def _payer_month(say: Texts, month: PayerMonth, found: MeanFigures) -> str:
    if not month.liable_days:
        return say.say("payment.month_nothing")
    values = {"days": say.count("days", month.liable_days), "invoice": _invoice(say, month)}
    if month.amount is None:
        return say.say("payment.month_rate_missing", **values)
    return say.say("payment.month_amount", rate=say.money(found.sek_per_day), amount=say.money(month.amount), **values)


def _margin(say: Texts, found: MeanFigures, without: MeanFigures) -> str:
    days = found.liable_days - without.liable_days
    if days == 0:
        return say.say("payment.margin_none")
    if found.amount is None or without.amount is None:
        return say.say("payment.margin_days", days=say.count("days", days))
    key = "payment.margin" if days > 0 else "payment.margin_negative"
    return say.say(key, days=say.count("days", abs(days)), amount=say.money(abs(found.amount - without.amount)))


def _reconciliations(say: Texts, payment: Payment) -> list[str]:
    said = []
    for row in payment.reconciliations:
        sentence = say.say(
            "payment.reconciliation",
            month=say.month(row.month),
            expected=say.money(row.expected_amount),
            invoiced=say.money(row.invoiced_amount),
            status=say.say(f"payment.reconciliation_status.{row.status}"),
        )
        if row.disputed_lines:
            amount = say.money(row.disputed_amount)
            sentence += " " + say.say("payment.disputed", n=row.disputed_lines, amount=amount)
        said.append(sentence)
    return said


def otherwise(say: Texts, one: IntervalStory) -> list[str]:
    lines = []
    for other in one.alternatives:
        label = _alternative_name(say, one, other)
        lines += wrapped(f"{label[0].upper()}{label[1:]}:", 4, hang=6)
        lines += wrapped(_alternative(say, other), 6)
    return lines


def _alternative_name(say: Texts, one: IntervalStory, other: Alternative) -> str:
    if other.kind == "condition_met":
        judged = next((c for c in one.conditions if c.reason_code == other.reason_code), None)
        known = say.knows(f"condition.{other.reason_code}")
        if known:
            condition = say.say(f"condition.{other.reason_code}")
        else:
            condition = judged.term_sv if judged else str(other.reason_code)
        alone = sum(c.kind == "condition_met" for c in one.alternatives) == 1
        return say.say(f"otherwise.{'condition_met_only' if alone else 'condition_met'}", condition=condition)
    if other.kind == "in_time_for_noon":
        return say.say("otherwise.in_time_for_noon", cutoff=one.agreement.noon_cutoff if one.agreement else None)
    if other.kind == "act_default" and other.agreement_id:
        return say.say("otherwise.act_default", agreement_id=other.agreement_id)
    if other.kind == "act_default":
        return say.say("otherwise.act_default_none")
    if other.kind == "other_model" and other.note == "no_other_model":
        return say.say("otherwise.other_model_mean")
    return say.say(f"otherwise.{other.kind}")


def _alternative(say: Texts, other: Alternative) -> str:
    if other.days is None:
        parts = [say.value(None)]
    elif other.payer_month:
        parts = [_alternative_month(say, other.payer_month, other.published_month)]
    else:
        parts = [f"{say.count('days', other.days)}, {say.money(other.amount)}"]
    if other.days_after_day_zero is not None:
        parts.append(say.say("otherwise.p", days=other.days_after_day_zero))
    if other.first_liable_date:
        parts.append(say.say("otherwise.first_liable", on=other.first_liable_date))
    if other.note == "rate_missing":
        parts.append(say.say("otherwise.rate_missing", on=" – ".join(map(say.value, other.missing_on))))
    elif other.note:
        parts.append(say.say(f"otherwise.{other.note}"))
    return "; ".join(parts)


def _alternative_month(say: Texts, found: MeanFigures, published: PayerMonth | None) -> str:
    """The whole month of the payer, beside what was published of it: nothing published is no days."""
    before = say.count("days", published.liable_days if published else 0)
    return say.say(
        "otherwise.in_month",
        month=say.month(found.month),
        days=say.count("days", found.liable_days),
        amount=say.money(found.amount),
        n=found.intervals,
        s=found.sum_days,
        mean=say.mean(found.mean_days),
        published_days=before,
        published_amount=say.money(published.amount if published else Decimal(0)),
    )
