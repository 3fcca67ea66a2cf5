"""The rule of payment responsibility for one readiness interval, as pure functions (the contract's rules §4).

What was published is read from the release, never reckoned here. This reckons what the release does not hold: what the
interval would have cost under another agreement, another notice or with a condition met, and which number a date has.
A date range [a, b) holds a and not b.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from dagster_project.explain.facts import Agreement, CalendarDate, InvoicingPeriod, Rate
from dagster_project.settings import TIME_ZONE

NATION = "SE"
DAY = timedelta(days=1)
_STOCKHOLM = ZoneInfo(TIME_ZONE)


class _Dated(Protocol):
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


_Row = TypeVar("_Row", bound=_Dated)
_Priced = TypeVar("_Priced", Rate, InvoicingPeriod)


def local(at: datetime) -> datetime:
    """The wall clock of Europe/Stockholm at an instant."""
    return at.astimezone(_STOCKHOLM)


def date_of(at: datetime) -> date:
    return local(at).date()


def in_force(rows: Iterable[_Row], on: date) -> list[_Row]:
    return [row for row in rows if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)]


def agreement_on(agreements: Iterable[Agreement], region: str, payment_class: str, on: date) -> Agreement | None:
    """The region's own agreement of the class and date, else the act's; ``region`` SE asks for the act's alone."""
    found = [row for row in in_force(agreements, on) if row.payment_class == payment_class]
    for owner in (region, NATION):
        for row in found:
            if row.region_code == owner:
                return row
    return None


def row_on(rows: Iterable[_Priced], region: str, payment_class: str, on: date) -> _Priced | None:
    """The rate or invoicing period of a date: the region's own goes before SE's, the class's before one for all."""
    found = in_force(rows, on)
    for owner in (region, NATION):
        for of_class in (payment_class, "all"):
            for row in found:
                if (row.region_code, row.payment_class) == (owner, of_class):
                    return row
    return None


def day_zero(ready_at: datetime, agreement: Agreement) -> date:
    """The date of the notice, or the next where it was sent later than the cut-off; just at the cut-off is in time."""
    sent = local(ready_at)
    if agreement.noon_cutoff_minutes is None:
        return sent.date()
    cutoff = time(*divmod(agreement.noon_cutoff_minutes, 60))
    return sent.date() + DAY if sent.time() > cutoff else sent.date()


def first_liable_date(zero: date, agreement: Agreement, calendar: Mapping[date, CalendarDate]) -> date:
    """F: the date after the last free day. A date that the calendar does not hold counts as a weekday."""
    on, free = zero, 0
    while free < agreement.last_free_day:
        on += DAY
        if agreement.day_count == "calendar" or is_weekday(on, calendar):
            free += 1
    return on + DAY


def is_weekday(on: date, calendar: Mapping[date, CalendarDate]) -> bool:
    return calendar[on].is_weekday if on in calendar else on.isoweekday() <= 5


def day_number(on: date, zero: date, agreement: Agreement, calendar: Mapping[date, CalendarDate]) -> int | None:
    """Which day after day zero (0) a date is.

    The mean model counts every date. Else None for a date that the agreement's day count passes over: in weekdays what
    is none, and all after the free days.
    """
    if on == zero or agreement.model == "mean" or agreement.day_count == "calendar":
        return (on - zero).days
    if not is_weekday(on, calendar) or on >= first_liable_date(zero, agreement, calendar):
        return None
    return sum(is_weekday(day, calendar) for day in dates(zero + DAY, on + DAY))


def days_after_day_zero(zero: date, ended_on: date, agreement: Agreement) -> int:
    """p of an interval that ended in the discharge: never below 0, at most the agreement's cap."""
    days = max(0, (ended_on - zero).days)
    return days if agreement.cap_days is None else min(days, agreement.cap_days)


def liable_dates(first: date, ended_on: date | None, last_on: date, agreement: Agreement) -> list[date]:
    """The dates of [F, end) through the release month's last date; with a cap only the first that many."""
    stop = min(ended_on or last_on + DAY, last_on + DAY)
    found = dates(first, stop)
    return found if agreement.cap_days is None else found[: agreement.cap_days]


def dates(start: date, stop: date) -> list[date]:
    return [start + n * DAY for n in range((stop - start).days)]


@dataclass(frozen=True)
class Cost:
    """What a number of dates cost; ``amount`` is None where the rate of one of them, in ``missing_on``, is missing."""

    days: int
    amount: Decimal | None
    missing_on: tuple[date, ...] = ()


def cost(liable: Sequence[date], rates: Iterable[Rate], region: str, payment_class: str) -> Cost:
    """Each date at its own date's rate. No dates cost 0, whatever the rates."""
    total, missing = Decimal(0), []
    rows = list(rates)
    for on in liable:
        rate = row_on(rows, region, payment_class, on)
        if rate is None or rate.sek_per_day is None:
            missing.append(on)
        else:
            total += rate.sek_per_day
    return Cost(len(liable), None if missing else total, tuple(missing))


@dataclass(frozen=True)
class Mean:
    """A payer's month under the mean model: N, S, the level T, and days of intervals above the individual limit.

    ``held_before`` is whether the months before it that the agreement asks for were above the level too.
    """

    intervals: int
    sum_days: int
    last_free_day: int
    days_above: int
    held_before: bool
    individual_above_days: int | None

    @property
    def mean_days(self) -> Decimal | None:
        """S / N with four decimals, halves up; None without intervals."""
        if not self.intervals:
            return None
        return (Decimal(self.sum_days) / self.intervals).quantize(Decimal("0.0001"), ROUND_HALF_UP)

    @property
    def is_over(self) -> bool:
        """Whether the mean of this month alone is above the level, asked in whole numbers: S > T × N."""
        return self.sum_days > self.last_free_day * self.intervals

    @property
    def days_of_mean(self) -> int:
        return self.sum_days - self.last_free_day * self.intervals if self.is_over and self.held_before else 0

    @property
    def liable_days(self) -> int:
        return self.days_of_mean + self.days_above

    def with_interval(self, p: int) -> Mean:
        """The same month with one more interval of ``p`` days."""
        return self._moved(p, 1)

    def without_interval(self, p: int) -> Mean:
        """The same month without one of its intervals, which had ``p`` days."""
        return self._moved(p, -1)

    def _moved(self, p: int, by: int) -> Mean:
        limit = self.individual_above_days
        if limit is not None and p > limit:
            return replace(self, days_above=self.days_above + by * (p - limit))
        return replace(self, intervals=self.intervals + by, sum_days=self.sum_days + by * p)


def amount(days: int, sek_per_day: Decimal | None) -> Decimal | None:
    """No days cost 0, whatever the rate; days without a rate have no amount."""
    if days == 0:
        return Decimal(0)
    return None if sek_per_day is None else days * sek_per_day
