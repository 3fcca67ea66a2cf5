"""The sentences of a story, one file a language, and how a language writes numbers, money, dates and lists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from dagster_project.explain import reckon

LANGUAGES = ("sv", "en")
HARD_SPACE = "\u00a0"
"""Stands where a line must not be broken; ``render`` prints it as a blank."""


class Texts:
    """One language's sentences by key, as in ``header.title``; a value in braces is written as the language does."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.all = sentences(language)

    def say(self, key: str, **values: Any) -> str:
        sentence: str = self.all[key]
        return sentence.format(**{name: self.value(value) for name, value in values.items()})

    def knows(self, key: str) -> bool:
        return key in self.all

    def value(self, value: Any) -> str:
        """A value in a sentence; instants are local time, None is a dash."""
        if value is None:
            return self.all["none"]
        if isinstance(value, datetime):
            return self.at(value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return self.number(value)
        return str(value)

    def at(self, at: datetime) -> str:
        """Local date and time to the minute that had begun."""
        return f"{reckon.local(at):%Y-%m-%d{HARD_SPACE}%H:%M}"

    def exactly(self, at: datetime) -> str:
        """Local date and time with all its precision, so that just after noon does not read as noon."""
        clock = reckon.local(at)
        precision = "microseconds" if clock.microsecond else "seconds" if clock.second else "minutes"
        return clock.replace(tzinfo=None).isoformat(sep=HARD_SPACE, timespec=precision)

    def number(self, value: int | Decimal) -> str:
        """Whole numbers without decimals, others with all they have but at least two: 1.5 is 1,50."""
        if isinstance(value, Decimal) and value == value.to_integral_value():
            value = int(value)
        if isinstance(value, int):
            return self._separated(f"{value:,}")
        whole, decimals = f"{value:,f}".split(".")
        return self._separated(f"{whole}.{decimals[:2]}{decimals[2:].rstrip('0')}")

    def mean(self, value: Decimal | None) -> str:
        """A mean: always with decimals, so that 2,00 does not look like a count."""
        if value is None:
            return self.all["none"]
        whole, decimals = f"{value:,.4f}".split(".")
        return self._separated(f"{whole}.{decimals[:2]}{decimals[2:].rstrip('0')}")

    def money(self, value: Decimal | None) -> str:
        if value is None:
            return self.all["none"]
        return self.all["money"].format(amount=self.number(value)).replace(" ", HARD_SPACE)

    def count(self, what: str, n: int) -> str:
        """A number with its noun: ``what`` is days, months or stays."""
        return self.all[f"{what}.{'one' if n == 1 else 'many'}"].format(n=self.number(n)).replace(" ", HARD_SPACE)

    def elapsed(self, seconds: int) -> str:
        """Hours and minutes; a part of a minute counts as one more, so that just too late does not read as in time."""
        minutes = -(-seconds // 60)
        return self.all["hours"].format(hours=minutes // 60, minutes=minutes % 60).replace(" ", HARD_SPACE)

    def month(self, month: date) -> str:
        return f"{month:%Y-%m}"

    def weekday(self, iso_weekday: int) -> str:
        return self.all[f"weekdays.{iso_weekday}"]

    def listed(self, parts: Iterable[str]) -> str:
        *first, last = parts
        return self.all["list.last"].join([self.all["list.between"].join(first), last]) if first else last

    def from_to(self, valid_from: date, valid_to: date | None) -> str:
        """The first and the last day that something is valid."""
        return self.say("from_to", valid_from=valid_from, valid_to=valid_to or self.all["still"])

    def _separated(self, text: str) -> str:
        thousands, decimal = self.all["number.thousands"], self.all["number.decimal"]
        marks = {",": thousands.replace(" ", HARD_SPACE), ".": decimal}
        return "".join(marks.get(sign, sign) for sign in text)


@cache
def sentences(language: str) -> dict[str, str]:
    """The sentences of ``texts_<language>.yml`` by key; nested keys are joined by a dot, lists are numbered from 1."""
    content = yaml.safe_load(Path(__file__).with_name(f"texts_{language}.yml").read_text(encoding="utf-8"))
    return dict(_flat(content, ""))


def _flat(content: Any, key: str) -> Iterable[tuple[str, str]]:
    if isinstance(content, str):
        yield key, content
        return
    items = content.items() if isinstance(content, dict) else enumerate(content, 1)
    for name, part in items:
        yield from _flat(part, f"{key}.{name}" if key else str(name))
