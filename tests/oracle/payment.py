"""Rules §4: conditions, the first liable date, liable days, and the mean model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.oracle import clock, reference
from tests.oracle.feeds import Message
from tests.oracle.readiness import Interval
from tests.oracle.reference import Agreement
from tests.oracle.spells import Spell


def agreement_of(interval: Interval) -> Agreement | None:
    return reference.agreement(interval.region, interval.payment_class, interval.ready_on)


def day_zero(interval: Interval) -> date | None:
    agreement = agreement_of(interval)
    if agreement is None:
        return None
    if agreement.noon_cutoff and clock.time_of(interval.ready_at) > agreement.noon_cutoff:
        return interval.ready_on + clock.DAY
    return interval.ready_on


def first_liable_date(interval: Interval) -> date | None:
    """F under any agreement, whether the interval is liable or not."""
    agreement, day = agreement_of(interval), day_zero(interval)
    if agreement is None or day is None:
        return None
    free = 0
    while free < agreement.last_free_day:
        day += clock.DAY
        if agreement.day_count == "calendar" or reference.is_weekday(day):
            free += 1
    return day + clock.DAY


def no_agreement(interval: Interval) -> bool:
    return agreement_of(interval) is None


def first_admission_notice_by(interval: Interval) -> Message | None:
    for message in interval.spell.counting("admission_notice"):
        if message.sent_at <= interval.ready_at:
            return message
    return None


def more_than_a_day_after(later: datetime, earlier: datetime) -> bool:
    return later - earlier > timedelta(hours=24)


def is_late(notice: Message, spell: Spell) -> bool:
    """Whether an admission notice is too late by its stay's admission and by the assessment that it may have."""
    admitted_at = spell.stay_of(spell.case_of(notice)).admitted_at
    if not more_than_a_day_after(notice.sent_at, admitted_at):
        return False
    return notice.assessed_at is None or more_than_a_day_after(notice.sent_at, notice.assessed_at)


def admission_notice_missing(interval: Interval) -> bool:
    return first_admission_notice_by(interval) is None


def admission_notice_late(interval: Interval) -> bool:
    notice = first_admission_notice_by(interval)
    return notice is not None and is_late(notice, interval.spell)


def sip_must_be_called(interval: Interval) -> bool:
    return interval.case.sip_required and not interval.case.coordinated_care_plan


def sip_call_missing(interval: Interval) -> bool:
    return sip_must_be_called(interval) and not interval.spell.counting("sip_call")


def sip_call_late(interval: Interval) -> bool:
    calls = interval.spell.counting("sip_call")
    if not sip_must_be_called(interval) or not calls:
        return False
    return clock.date_of(calls[0].sent_at) > interval.ready_on + timedelta(days=3)


def open_care_unavailable(interval: Interval) -> bool:
    return interval.case.open_care_available in ("no", "unclear")


def measures_declined(interval: Interval) -> bool:
    return interval.case.measures_declined


def special_provisions(interval: Interval) -> bool:
    return interval.case.coordinated_care_plan


def payer_unknown(interval: Interval) -> bool:
    return interval.payer == "9999"


def payer_outside_region(interval: Interval) -> bool:
    return not payer_unknown(interval) and reference.region_of(interval.payer, interval.ready_on) != interval.region


CONDITIONS: list[tuple[str, Callable[[Interval], bool]]] = [
    ("NO_AGREEMENT", no_agreement),
    ("ADMISSION_NOTICE_MISSING", admission_notice_missing),
    ("ADMISSION_NOTICE_LATE", admission_notice_late),
    ("SIP_CALL_MISSING", sip_call_missing),
    ("SIP_CALL_LATE", sip_call_late),
    ("OPEN_CARE_UNAVAILABLE", open_care_unavailable),
    ("MEASURES_DECLINED", measures_declined),
    ("SPECIAL_PROVISIONS", special_provisions),
    ("PAYER_UNKNOWN", payer_unknown),
    ("PAYER_OUTSIDE_REGION", payer_outside_region),
]


def reasons(interval: Interval) -> list[str]:
    return [code for code, applies in CONDITIONS if applies(interval)]


def days_after_day_zero(interval: Interval) -> int | None:
    """p of an interval that ended in the discharge and has an agreement, else None."""
    agreement, zero = agreement_of(interval), day_zero(interval)
    if interval.end_reason != "discharged" or agreement is None or zero is None or interval.ended_on is None:
        return None
    days = max(0, (interval.ended_on - zero).days)
    return days if agreement.cap_days is None else min(days, agreement.cap_days)


def liable_dates(interval: Interval, month_end: date) -> list[date]:
    """The liable dates through M under the individual model."""
    agreement, first = agreement_of(interval), first_liable_date(interval)
    if agreement is None or first is None or agreement.model != "individual" or reasons(interval):
        return []
    dates = clock.dates_until(first, interval.ended_on or month_end + clock.DAY)
    if agreement.cap_days is not None:
        dates = dates[: agreement.cap_days]
    return [on for on in dates if on <= month_end]


@dataclass
class Assessed:
    """An interval with what §4 says of it, worked out once. ``above`` are p − A days liable on their own."""

    interval: Interval
    agreement: Agreement | None
    day_zero: date | None
    first_liable_date: date | None
    reasons: list[str]
    p: int | None
    liable_dates: list[date]
    above: int = 0

    @property
    def is_counted(self) -> bool:
        """Whether the mean model counts it, in N and S or above A."""
        return (
            self.agreement is not None
            and self.agreement.model == "mean"
            and not self.reasons
            and self.interval.end_reason == "discharged"
        )


def assess(interval: Interval, month_end: date) -> Assessed:
    agreement, p = agreement_of(interval), days_after_day_zero(interval)
    found = Assessed(
        interval,
        agreement,
        day_zero(interval),
        first_liable_date(interval),
        reasons(interval),
        p,
        liable_dates(interval, month_end),
    )
    if found.is_counted and agreement and agreement.individual_above_days is not None and p is not None:
        found.above = max(0, p - agreement.individual_above_days)
    return found


@dataclass
class MeanMonth:
    """One payer's month under the mean model: ``counted`` are N and S, ``above`` are liable one by one."""

    agreement: Agreement
    counted: list[Assessed] = field(default_factory=list)
    above: list[Assessed] = field(default_factory=list)

    @property
    def n(self) -> int:
        return len(self.counted)

    @property
    def s(self) -> int:
        return sum(one.p for one in self.counted if one.p is not None)

    @property
    def is_over(self) -> bool:
        """Whether this month alone has a mean above T."""
        return self.n > 0 and Decimal(self.s) / self.n > self.agreement.last_free_day


MeanKey = tuple[str, str, str, date]
"""Payer, payment class, agreement, month of discharge."""


def mean_months(assessed: list[Assessed], first_month: date, month: date) -> dict[MeanKey, MeanMonth]:
    found: dict[MeanKey, MeanMonth] = {}
    for one in assessed:
        if not one.is_counted or one.agreement is None or one.interval.ended_on is None:
            continue
        discharged_in = clock.first_of(one.interval.ended_on)
        if not first_month <= discharged_in <= month:
            continue
        key = (one.interval.payer, one.interval.payment_class, one.agreement.agreement_id, discharged_in)
        row = found.setdefault(key, MeanMonth(one.agreement))
        (row.above if one.above else row.counted).append(one)
    return found


def condition_holds(key: MeanKey, rows: dict[MeanKey, MeanMonth]) -> bool:
    """Whether the mean is above T in this month and the months before it that the agreement asks for."""
    payer, klass, agreement_id, month = key
    for _ in range(rows[key].agreement.consecutive_months):
        row = rows.get((payer, klass, agreement_id, month))
        if row is None or not row.is_over:
            return False
        month = clock.month_before(month)
    return True


def days_by_mean(key: MeanKey, rows: dict[MeanKey, MeanMonth]) -> int:
    row = rows[key]
    return row.s - row.agreement.last_free_day * row.n if condition_holds(key, rows) else 0


def alternative_days(counted: list[Assessed], holds: bool) -> int:
    """Σ max(0, p − T) where the mean condition holds, else 0."""
    if not holds:
        return 0
    return sum(max(0, one.p - one.agreement.last_free_day) for one in counted if one.agreement and one.p is not None)


def amount(days: int, rate: Decimal | None) -> Decimal | None:
    """No days cost 0, whatever the rate; a rate that is missing gives no amount."""
    if days == 0:
        return Decimal(0)
    return None if rate is None else days * rate
