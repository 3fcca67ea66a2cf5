"""An interval day by day in words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from dagster_project.explain.days import Day
from dagster_project.explain.interval import IntervalStory
from dagster_project.explain.layout import wrapped
from dagster_project.explain.texts import Texts

FOLD_ABOVE = 10
"""An interval of more dates than this has alike dates that follow each other on one line."""


@dataclass(frozen=True)
class _Line:
    """What the line of a date says beside it; alike lines of dates that follow each other may be folded."""

    said: str
    sek_per_day: Decimal | None
    invoicing_active: bool | None


def days(say: Texts, one: IntervalStory) -> list[str]:
    described = [(day, _Line(_day(say, one, day), day.sek_per_day, day.invoicing_active)) for day in one.days]
    if len(described) > FOLD_ABOVE:
        runs = [[day for day, _ in run] for _, run in groupby(described, key=lambda pair: pair[1])]
    else:
        runs = [[day] for day, _ in described]
    said = {day.on: line.said for day, line in described}
    rows = [(_dates(say, run), _numbers(say, run), said[run[0].on] + _cost(say, run)) for run in runs]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    lines = [
        line
        for on, number, content in rows
        for line in wrapped(content, 4, lead=f"{on:<{widths[0]}}  {number:<{widths[1]}}  ")
    ]
    if one.interval.ended_at is None:
        lines += wrapped(say.say("day.open"), 4)
    return lines


def _day(say: Texts, one: IntervalStory, day: Day) -> str:
    agreement = one.agreement
    if day.status == "passed_over" and day.non_working_day_name_sv:
        return say.say("day.passed_over_named", name=day.non_working_day_name_sv)
    if day.status == "same_day":
        return say.say("day.same_day" if one.interval.end_reason == "discharged" else "day.same_day_other")
    if day.status == "end":
        counts = day.number is not None and agreement is not None and agreement.model == "mean"
        if counts and one.interval.end_reason == "discharged":
            return say.say("day.end_in_mean")
        return say.say(f"day.end_{one.interval.end_reason}")
    if day.status == "over_level" and agreement:
        return say.say("day.over_level", last_free_day=agreement.last_free_day)
    if agreement and day.status in ("within_limit", "over_individual_limit"):
        return say.say(f"day.{day.status}", limit=agreement.individual_above_days)
    return say.say(f"day.{day.status}")


def _dates(say: Texts, run: list[Day]) -> str:
    first, last = run[0], run[-1]
    said = f"{say.weekday(first.iso_weekday)} {first.on}"
    return said if first == last else f"{said} – {say.weekday(last.iso_weekday)} {last.on}"


def _numbers(say: Texts, run: list[Day]) -> str:
    numbers = [day.number for day in run if day.number is not None]
    if not numbers:
        return ""
    first, last = numbers[0], numbers[-1]
    return say.say("day.number", number=first if first == last else f"{first}–{last}")


def _cost(say: Texts, run: list[Day]) -> str:
    """What the dates of a run, all alike, cost: one by its rate, several by their sum as well."""
    first = run[0]
    if first.status != "liable":
        return ""
    if first.sek_per_day is None:
        cost = say.say("day.rate_missing")
    elif len(run) == 1:
        cost = say.money(first.sek_per_day)
    else:
        total = say.money(len(run) * first.sek_per_day)
        cost = f"{say.count('days', len(run))} × {say.money(first.sek_per_day)} = {total}"
    return f", {cost}" + ("" if first.invoicing_active else f" ({say.say('day.not_invoiced')})")
