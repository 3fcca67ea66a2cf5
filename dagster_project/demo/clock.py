"""Local wall-clock time as whole seconds since 1970 in numpy arrays, and the rhythm of days and hours."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from dagster_project import months
from dagster_project.settings import SEEDS_DIR, TIME_ZONE

Seconds = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MINUTE = 60
HOUR = 3600
DAY = 86400
NEVER = np.int64(2**40)  # later than any month that can be asked for
_EPOCH = date(1970, 1, 1)
_LAST_YEAR = 2100
_LONGEST_HOLIDAY = 10  # days in a row that are not working days, at most


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def month_start(month: str) -> int:
    """The first second of a month."""
    return day_number(months.first_day(month)) * DAY


@cache
def non_working() -> Mask:
    """One flag per day from 1970: true on Saturdays, Sundays and the days of ``seeds/non_working_days.csv``."""
    days = np.arange(day_number(date(_LAST_YEAR, 1, 1)))
    flags: Mask = (days + 3) % 7 >= 5
    with (SEEDS_DIR / "non_working_days.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            flags[day_number(date.fromisoformat(row["date_on"]))] = True
    return flags


def next_working_day(days: Seconds) -> Seconds:
    """The day itself where it is a working day, else the first one after it."""
    return _nearest_working_day(days, 1)


def previous_working_day(days: Seconds) -> Seconds:
    """The day itself where it is a working day, else the last one before it."""
    return _nearest_working_day(days, -1)


def _nearest_working_day(days: Seconds, step: int) -> Seconds:
    moved = days.copy()
    flags = non_working()
    for _ in range(_LONGEST_HOLIDAY):
        moved = np.where(flags[moved], moved + step, moved)
    return moved


def draw_day(rng: np.random.Generator, month: str, weekday_weights: list[float], size: int) -> Seconds:
    """Days of the month, drawn by weekday; a non-working day has a Sunday's weight, a Saturday its own."""
    days = np.arange(day_number(months.first_day(month)), day_number(months.last_day(month)) + 1)
    weekdays = (days + 3) % 7
    weekdays = np.where(non_working()[days] & (weekdays < 5), 6, weekdays)
    weights = np.asarray(weekday_weights)[weekdays]
    return rng.choice(days, size=size, p=weights / weights.sum())


def draw_time(rng: np.random.Generator, hour_weights: list[float], size: int) -> Seconds:
    """Seconds after midnight, the hour drawn by its weight."""
    weights = np.asarray(hour_weights, dtype=float)
    hours = rng.choice(24, size=size, p=weights / weights.sum())
    return np.asarray(hours * HOUR + rng.integers(0, HOUR, size), dtype=np.int64)


@cache
def _missing_hours() -> Seconds:
    """The first second of the hour that never was, of every year: 02 on the last Sunday of March."""
    starts = []
    for year in range(1970, _LAST_YEAR):
        last = date(year, 3, 31)
        starts.append(day_number(last - timedelta(days=(last.weekday() + 1) % 7)) * DAY + 2 * HOUR)
    return np.asarray(starts, dtype=np.int64)


def skip_missing_hour(seconds: Seconds) -> Seconds:
    """Move what falls in the hour that summer time leaves out one hour on: no clock ever showed it."""
    return np.where(np.isin(seconds // HOUR * HOUR, _missing_hours()), seconds + HOUR, seconds)


def extraction(region: str, month: str) -> datetime:
    """When the source system made the month's delivery: a night from the 3rd to the 5th of the next month."""
    number = int(region) * 7 + int(month[:4]) * 12 + int(month[5:])
    day = months.first_day(months.next_month(month)) + timedelta(days=2 + number % 3)
    local = datetime(day.year, day.month, day.day, 4, number * 11 % 60)
    return local.replace(tzinfo=ZoneInfo(TIME_ZONE))


def extraction_seconds(region: str, month: str) -> int:
    """The same instant on the local wall clock, in seconds since 1970."""
    at = extraction(region, month)
    return day_number(at.date()) * DAY + at.hour * HOUR + at.minute * MINUTE
