"""Rules §4 and §5 as monthly rows: payment responsibility, the invoice basis and its reconciliation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tests.oracle import clock, payment, reference
from tests.oracle.feeds import InForce
from tests.oracle.payment import Assessed
from tests.oracle.rounding import ratio

Row = dict[str, Any]


@dataclass
class IndividualMonth:
    """The liable dates of one payer, class and agreement in one month, interval by interval."""

    dates: list[tuple[Assessed, list[date]]]


def dates_in(one: Assessed, month: date) -> list[date]:
    last = clock.last_of(month)
    return [on for on in one.liable_dates if month <= on <= last]


def individual_months(assessed: list[Assessed], months: list[date]) -> dict[payment.MeanKey, IndividualMonth]:
    found: dict[payment.MeanKey, IndividualMonth] = {}
    for one in assessed:
        for month in months if one.liable_dates else []:
            dates = dates_in(one, month)
            if dates and one.agreement:
                key = (one.interval.payer, one.interval.payment_class, one.agreement.agreement_id, month)
                found.setdefault(key, IndividualMonth([])).dates.append((one, dates))
    return found


def sum_of(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum, null where a part is null."""
    total = Decimal(0)
    for part in amounts:
        if part is None:
            return None
        total += part
    return total


def to_invoice(amount: Decimal | None, active: bool | None) -> Decimal | None:
    return amount if active else None


def monthly_rows(assessed: list[Assessed], given: InForce) -> list[Row]:
    """mart_payment_responsibility_monthly."""
    rows = []
    months = clock.months_through(given.first_month, given.month)
    for (payer, klass, agreement_id, month), found in individual_months(assessed, months).items():
        dates = [on for _, its in found.dates for on in its]
        cost = sum_of(payment.amount(1, reference.sek_per_day(given.region, klass, on)) for on in dates)
        active = reference.invoicing_active(given.region, klass, clock.last_of(month))
        agreement = found.dates[0][0].agreement
        assert agreement
        rows.append(
            {
                "region_code": given.region, "month": month, "municipality_code": payer, "payment_class": klass,
                "agreement_id": agreement_id, "model": "individual", "last_free_day": agreement.last_free_day,
                "intervals": len(found.dates), "sum_days": None, "mean_days": None, "liable_days": len(dates),
                "liable_days_alternative": None, "amount": cost, "invoicing_active": active,
                "amount_to_invoice": to_invoice(cost, active),
            }
        )  # fmt: skip
    means = payment.mean_months(assessed, given.first_month, given.month)
    for key, mean in means.items():
        payer, klass, agreement_id, month = key
        last = clock.last_of(month)
        days = payment.days_by_mean(key, means) + sum(one.above for one in mean.above)
        cost = payment.amount(days, reference.sek_per_day(given.region, klass, last))
        active = reference.invoicing_active(given.region, klass, last)
        rows.append(
            {
                "region_code": given.region, "month": month, "municipality_code": payer, "payment_class": klass,
                "agreement_id": agreement_id, "model": "mean", "last_free_day": mean.agreement.last_free_day,
                "intervals": mean.n, "sum_days": mean.s, "mean_days": ratio(mean.s, mean.n, 4), "liable_days": days,
                "liable_days_alternative": payment.alternative_days(
                    mean.counted, payment.condition_holds(key, means)
                ),
                "amount": cost, "invoicing_active": active, "amount_to_invoice": to_invoice(cost, active),
            }
        )  # fmt: skip
    return rows


def district_rows(assessed: list[Assessed], given: InForce) -> list[Row]:
    """mart_payment_responsibility_district_monthly: the payers that have districts."""
    months = clock.months_through(given.first_month, given.month)
    means = payment.mean_months(assessed, given.first_month, given.month)
    groups: dict[tuple[Any, ...], list[tuple[Assessed, int]]] = {}
    for key, found in individual_months(assessed, months).items():
        for one, dates in found.dates:
            groups.setdefault((*key, *shown_district(one, key[3])), []).append((one, len(dates)))
    for key, mean in means.items():
        for one in mean.counted + mean.above:
            groups.setdefault((*key, *shown_district(one, key[3])), []).append((one, one.above))
    rows = []
    for (payer, klass, agreement_id, month, district, current), members in groups.items():
        if not reference.has_districts(payer):
            continue
        key = (payer, klass, agreement_id, month)
        row: Row = {
            "region_code": given.region, "month": month, "municipality_code": payer, "district_code": district,
            "current_district_code": current, "payment_class": klass, "agreement_id": agreement_id,
        }  # fmt: skip
        if key in means:
            counted = [one for one, above in members if not above]
            above_days = sum(above for _, above in members)
            row |= {
                "model": "mean", "intervals": len(counted), "sum_days": sum(one.p or 0 for one in counted),
                "liable_days": above_days or None,
                "liable_days_alternative": payment.alternative_days(counted, payment.condition_holds(key, means)),
            }  # fmt: skip
        else:
            row |= {
                "model": "individual", "intervals": len(members), "sum_days": None,
                "liable_days": sum(days for _, days in members), "liable_days_alternative": None,
            }  # fmt: skip
        rows.append(row)
    return rows


def shown_district(one: Assessed, month: date) -> tuple[str, str]:
    code = one.interval.district
    return reference.district_on(code, clock.last_of(month)), reference.current_district(code)


def invoice_basis(assessed: list[Assessed], given: InForce) -> list[Row]:
    """mart_invoice_basis without its column ``rule``, a text."""
    rows = []
    months = clock.months_through(given.first_month, given.month)

    def add(key: payment.MeanKey, interval_id: str | None, rate: Decimal | None, days: int) -> None:
        payer, klass, agreement_id, month = key
        cost = payment.amount(days, rate)
        active = reference.invoicing_active(given.region, klass, clock.last_of(month))
        rows.append(
            {
                "region_code": given.region, "month": month, "municipality_code": payer, "payment_class": klass,
                "agreement_id": agreement_id, "interval_id": interval_id, "sek_per_day": rate, "days": days,
                "amount": cost, "invoicing_active": active, "amount_to_invoice": to_invoice(cost, active),
            }
        )  # fmt: skip

    for key, found in individual_months(assessed, months).items():
        for one, dates in found.dates:
            rates = [reference.sek_per_day(given.region, key[1], on) for on in dates]
            for rate in set(rates):
                add(key, one.interval.notice.message_id, rate, rates.count(rate))
    means = payment.mean_months(assessed, given.first_month, given.month)
    for key, mean in means.items():
        rate = reference.sek_per_day(given.region, key[1], clock.last_of(key[3]))
        if payment.days_by_mean(key, means):
            add(key, None, rate, payment.days_by_mean(key, means))
        for one in mean.above:
            add(key, one.interval.notice.message_id, rate, one.above)
    return rows


def reconciliation(assessed: list[Assessed], given: InForce) -> list[Row]:
    """mart_invoice_reconciliation."""
    responsibility = monthly_rows(assessed, given)
    months = clock.months_through(given.first_month, given.month)
    lines = [line for line in given.invoices if line.care_month in months]

    def payer_of(code: str, month: date) -> str:
        return code if reference.region_of(code, clock.last_of(month)) else "9999"

    keys = {(row["month"], row["municipality_code"], row["payment_class"]) for row in responsibility}
    keys |= {(line.care_month, payer_of(line.municipality_code, line.care_month), line.payment_class) for line in lines}
    keys |= {(month, *key) for month, said in given.frozen.items() for key, amount in said.items() if amount}
    rows = []
    for month, payer, klass in keys:
        mine = [
            row
            for row in responsibility
            if (row["month"], row["municipality_code"], row["payment_class"]) == (month, payer, klass)
        ]
        its_lines = [
            line
            for line in lines
            if (line.care_month, payer_of(line.municipality_code, month), line.payment_class) == (month, payer, klass)
        ]
        rate_missing = any(row["invoicing_active"] and row["amount"] is None for row in mine)
        billed = [row["amount_to_invoice"] for row in mine if row["amount_to_invoice"] is not None]
        said = given.frozen[month].get((payer, klass), Decimal(0)) if month in given.frozen else None
        if not its_lines and not rate_missing and not any(billed) and not said:
            continue
        expected = None if rate_missing else sum(billed, Decimal(0))
        invoiced = sum((line.amount_sek for line in its_lines), Decimal(0))
        disputed = [line for line in its_lines if line.disputed]
        rows.append(
            {
                "region_code": given.region, "month": month, "municipality_code": payer, "payment_class": klass,
                "expected_amount": expected, "invoiced_amount": invoiced,
                "adjustment": None if expected is None else expected - invoiced, "expected_at_release": said,
                "late_adjustment": None if expected is None or said is None else expected - said,
                "status": status(expected, invoiced, len(its_lines)), "lines": len(its_lines),
                "disputed_lines": len(disputed),
                "disputed_amount": sum((line.amount_sek for line in disputed), Decimal(0)),
            }
        )  # fmt: skip
    return rows


def status(expected: Decimal | None, invoiced: Decimal, lines: int) -> str:
    if expected is None:
        return "rate_missing"
    if abs(expected - invoiced) <= Decimal("0.01"):
        return "matched"
    if expected > 0 and not lines:
        return "missing"
    if expected == 0 and invoiced != 0:
        return "unexpected"
    return "under" if invoiced < expected else "over"
