"""Calendar months as the text ``yyyy-mm``, the unit of a delivery, a release and a partition."""

from __future__ import annotations

import re
from datetime import date, timedelta

from dagster_project.errors import ConfigurationError

_MONTH = re.compile(r"^(19|20)\d{2}-(0[1-9]|1[0-2])$")


def is_month(text: str) -> bool:
    return bool(_MONTH.match(text))


def parse_month(text: str) -> str:
    """Return ``text`` if it is a month, else raise ConfigurationError."""
    if not is_month(text):
        raise ConfigurationError(f"'{text}' is not a month: write year and month as in 2026-10.")
    return text


def first_day(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)


def next_month(month: str, by: int = 1) -> str:
    """The month ``by`` months later (earlier where negative)."""
    count = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def last_day(month: str) -> date:
    return first_day(next_month(month)) - timedelta(days=1)


def months_between(first: str, last: str) -> list[str]:
    """Every month from ``first`` to ``last``, both included; empty where ``last`` is before ``first``."""
    months = []
    while first <= last:
        months.append(first)
        first = next_month(first)
    return months
