"""Time as the rules read it: instants are UTC, dates and clock times are Europe/Stockholm's."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = timedelta(days=1)


@lru_cache(maxsize=100_000)
def instant(text: str) -> datetime:
    """The instant of a timestamp of the feeds contract; without an offset local, a repeated hour the first one."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        at = at.replace(tzinfo=STOCKHOLM, fold=0)
        if at.astimezone(UTC).astimezone(STOCKHOLM).replace(tzinfo=None) != at.replace(tzinfo=None):
            raise ValueError(f"{text} is an hour that never was")
    return at.astimezone(UTC)


@lru_cache(maxsize=100_000)
def date_of(at: datetime) -> date:
    return at.astimezone(STOCKHOLM).date()


def time_of(at: datetime) -> time:
    return at.astimezone(STOCKHOLM).time()


def first_of(day: date) -> date:
    return day.replace(day=1)


def next_month(month: date) -> date:
    return month.replace(year=month.year + 1, month=1) if month.month == 12 else month.replace(month=month.month + 1)


def month_before(month: date) -> date:
    return first_of(month - DAY)


def last_of(month: date) -> date:
    return next_month(first_of(month)) - DAY


def months_through(first: date, last: date) -> list[date]:
    found = []
    while first <= last:
        found.append(first)
        first = next_month(first)
    return found


def dates_until(start: date, stop: date) -> list[date]:
    """The dates of [start, stop), one after the other."""
    found = []
    while start < stop:
        found.append(start)
        start += DAY
    return found


def age_on(born: date, on: date) -> int:
    years = on.year - born.year
    had_birthday = (on.month, on.day) >= (born.month, born.day)
    return years if had_birthday else years - 1
