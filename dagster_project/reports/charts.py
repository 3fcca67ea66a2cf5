"""Charts as inline SVG: small, without script, the same bytes for the same figures.

Each has a title and a description that are read aloud; the figures themselves stand in a table beside it. What is
hidden is hatched, what is missing is left empty, and zero is a line on the axis with its number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from markupsafe import Markup, escape

from dagster_project.reports import swedish
from dagster_project.reports.figure import SUPPRESSED, Figure

WIDTH, HEIGHT = 340, 172
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 4, 18, 32
_PLOT = HEIGHT - _TOP - _BOTTOM
_HIDDEN = 14
_NAMES = 92
_BESIDE = 16
_EDGE = 18


@dataclass(frozen=True)
class Point:
    """A figure with its interval, where it has one. ``is_open``: drawn hollow; ``is_marked``: red and angular.

    Without ``is_dot`` the interval is drawn alone, as a range.
    """

    figure: Figure
    low: Figure | None = None
    high: Figure | None = None
    is_open: bool = False
    is_marked: bool = False
    is_dot: bool = True


def bars(identity: str, title: str, text: str, months: Sequence[date], figures: Sequence[Figure]) -> Markup:
    """Counts by month. The last one and the same month a year before, the first, are dark."""
    ticks = _ticks(max((_number(one) for one in figures), default=0))
    slot = _slot(months)
    parts, values = [*_axis(ticks, ""), *_months(months)], []
    labels = [swedish.number(int(_number(one))) for one in figures]
    label_all = max(map(len, labels), default=0) <= 3
    for place, one in enumerate(figures):
        left = _LEFT + place * slot + slot * 0.14
        is_end = place in (0, len(figures) - 1)
        if one.status == SUPPRESSED:
            parts.append(_rect("hidden", left, _y(0, ticks) - _HIDDEN, slot * 0.72, _HIDDEN))
        elif one.is_shown:
            top = min(_y(_number(one), ticks), _y(0, ticks) - 1)
            parts.append(_rect("dark" if is_end else "bar", left, top, slot * 0.72, _y(0, ticks) - top))
            if is_end or label_all:
                values.append(_label(place, len(figures), slot, top - 4, labels[place]))
    # Numbers lie over the bars beside their own.
    return _svg(identity, title, text, [*parts, *values])


def points(
    identity: str,
    title: str,
    text: str,
    months: Sequence[date],
    marks: Sequence[Point],
    *,
    unit: str = "",
    level: Decimal | int | None = None,
) -> Markup:
    """Means or shares (of 100) by month, with intervals where they have some, and a dashed line for the level."""
    highest = [_number(figure) for mark in marks for figure in (mark.figure, mark.high) if figure is not None]
    ticks = _ticks(max([*highest, float(level or 0) * 1.25]))
    slot = _slot(months)
    parts = [*_axis(ticks, unit), *_months(months)]
    if level is not None:
        y = _y(float(level), ticks)
        parts.append(f'<line class="level" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
    parts += [
        f'<line class="joint" x1="{_x(place, slot):.1f}" y1="{_y(_number(one.figure), ticks):.1f}" '
        f'x2="{_x(place + 1, slot):.1f}" y2="{_y(_number(other.figure), ticks):.1f}"/>'
        for place, (one, other) in enumerate(pairwise(marks))
        if one.figure.is_shown and other.figure.is_shown
    ]
    for place, mark in enumerate(marks):
        x = _x(place, slot)
        if mark.figure.status == SUPPRESSED:
            parts.append(_rect("hidden", x - slot * 0.36, _y(0, ticks) - _HIDDEN, slot * 0.72, _HIDDEN))
        elif mark.figure.is_shown:
            parts += _mark(mark, x, ticks)
    return _svg(identity, title, text, parts)


def pairs(
    identity: str, title: str, text: str, months: Sequence[date], now: Sequence[Figure], then: Sequence[Figure]
) -> Markup:
    """Counts by month as bars, each with a line for the same month of the year before."""
    ticks = _ticks(max((_number(one) for one in (*now, *then)), default=0))
    slot = _slot(months)
    parts = [*_axis(ticks, ""), *_months(months)]
    for place, (one, before) in enumerate(zip(now, then, strict=True)):
        left = _LEFT + place * slot + slot * 0.14
        if one.status == SUPPRESSED:
            parts.append(_rect("hidden", left, _y(0, ticks) - _HIDDEN, slot * 0.72, _HIDDEN))
        elif one.is_shown:
            top = min(_y(_number(one), ticks), _y(0, ticks) - 1)
            parts.append(_rect("bar", left, top, slot * 0.72, _y(0, ticks) - top))
        if before.is_shown:
            y = _y(_number(before), ticks)
            parts.append(
                f'<line class="then" x1="{left - 2:.1f}" x2="{left + slot * 0.72 + 2:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
            )
    return _svg(identity, title, text, parts)


def intervals(
    identity: str,
    title: str,
    text: str,
    marks: Sequence[tuple[str, Point]],
    *,
    unit: str = "",
    level: Decimal | int | None = None,
    sides: tuple[str, str] | None = None,
) -> Markup:
    """A row for each name with its figure and interval, and a dashed line for the level to be compared with.

    An interval that is much wider than the figures reach is cut at the edge. ``sides`` say what left and right mean.
    """
    is_beside = max((len(name) for name, _ in marks), default=0) <= _BESIDE
    left, step = (_NAMES, 13.0) if is_beside else (8, 25.0)
    top = 16 if sides else 4
    bottom = top + step * len(marks)
    low, high, ticks = _span([mark for _, mark in marks], level)

    def x(value: float) -> float:
        return left + (WIDTH - _EDGE - left) * (min(max(value, low), high) - low) / (high - low)

    parts = []
    for tick in ticks:
        name = swedish.number(Decimal(f"{tick:g}")).replace("-", "−") + unit
        parts.append(f'<line class="grid" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{top}" y2="{bottom:.1f}"/>')
        parts.append(f'<text x="{x(tick):.1f}" y="{bottom + 12:.1f}" text-anchor="middle">{name}</text>')
    if level is not None:
        at = x(float(level))
        parts.append(f'<line class="level" x1="{at:.1f}" x2="{at:.1f}" y1="{top - 2}" y2="{bottom:.1f}"/>')
        if sides:
            for side, anchor, away in zip(sides, ("end", "start"), (-6, 6), strict=True):
                parts.append(f'<text x="{at + away:.1f}" y="10" text-anchor="{anchor}">{escape(side)}</text>')
    for place, (name, mark) in enumerate(marks):
        y = top + step * (place + 1) - 6.5
        label = (left - 5, y + 3.5, "end") if is_beside else (left, y - 7, "start")
        parts.append(
            f'<text class="name" x="{label[0]}" y="{label[1]:.1f}" text-anchor="{label[2]}">{escape(name)}</text>'
        )
        if mark.figure.status == SUPPRESSED:
            parts.append(_rect("hidden", left, y - 4, 22, 8))
            continue
        if mark.low and mark.high and mark.low.is_shown and mark.high.is_shown:
            ends = [x(_number(mark.low)), x(_number(mark.high))]
            parts.append(
                f'<path class="{"interval" if mark.is_dot else "range"}" d="M{ends[0]:.1f} {y:.1f}H{ends[1]:.1f}"/>'
            )
        if mark.figure.is_shown and mark.is_dot:
            parts.append(_dot(mark, x(_number(mark.figure)), y))
    return _svg(identity, title, text, parts, bottom + 18)


def spark(figures: Sequence[Figure]) -> Markup:
    """Months as bars of a table's cell, for the eye alone: the table behind it has the numbers."""
    highest = max((_number(one) for one in figures), default=0) or 1
    parts = []
    for place, one in enumerate(figures):
        if one.status == SUPPRESSED:
            parts.append(_rect("hidden", place * 6 + 0.5, 14, 5, 5))
        elif one.is_shown:
            height = max(0.7, 18 * _number(one) / highest)
            parts.append(_rect("dark" if place == len(figures) - 1 else "bar", place * 6 + 0.5, 19 - height, 5, height))
    width = len(figures) * 6
    return Markup(
        f'<svg class="spark" viewBox="0 0 {width} 20" width="{width}" height="20" aria-hidden="true" focusable="false">'
        f"{''.join(parts)}</svg>"
    )


def _svg(identity: str, title: str, text: str, parts: Sequence[str], height: float = HEIGHT) -> Markup:
    return Markup(
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-labelledby="{identity}-t {identity}-d">'
        f'<title id="{identity}-t">{escape(title)}</title><desc id="{identity}-d">{escape(text)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _mark(mark: Point, x: float, ticks: Sequence[float]) -> list[str]:
    y = _y(_number(mark.figure), ticks)
    parts = []
    if mark.low and mark.high and mark.low.is_shown and mark.high.is_shown:
        low, high = _y(_number(mark.low), ticks), _y(_number(mark.high), ticks)
        parts.append(
            f'<path class="interval" d="M{x:.1f} {low:.1f}V{high:.1f}'
            f'M{x - 3:.1f} {low:.1f}h6M{x - 3:.1f} {high:.1f}h6"/>'
        )
    return [*parts, _dot(mark, x, y)]


def _dot(mark: Point, x: float, y: float) -> str:
    if mark.is_marked:
        return f'<path class="marked" d="M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z"/>'
    return f'<circle class="{"open" if mark.is_open else "dot"}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'


def _span(marks: Sequence[Point], level: Decimal | int | None) -> tuple[float, float, list[float]]:
    """The axis's ends and round numbers: wide enough for the figures, and half as far again for their intervals."""
    values = [_number(mark.figure) for mark in marks if mark.figure.is_shown]
    values += [] if level is None else [float(level)]
    ends = [_number(end) for mark in marks for end in (mark.low, mark.high) if end is not None and end.is_shown]
    first, last = min(values, default=0), max(values, default=0)
    room = (last - first or abs(last) or 1) * 0.5
    low = max(min([first, *ends]), first - room)
    high = max(min(max([last, *ends]), last + room), low + room / 5)
    sizes = [size * 10.0**power for power in range(-3, 9) for size in (1, 2, 2.5, 5)]
    step = next(size for size in sizes if size * 5 >= high - low)
    places = range(math.floor(low / step), math.ceil(high / step) + 1)
    ticks = [step * place for place in places]
    return ticks[0], ticks[-1], ticks


def _axis(ticks: Sequence[float], unit: str) -> list[str]:
    parts = []
    for tick in ticks:
        y = _y(tick, ticks)
        name = swedish.number(Decimal(f"{tick:g}")) + unit
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 4}" y="{y + 3.5:.1f}" text-anchor="end">{name}</text>')
    return parts


def _months(months: Sequence[date]) -> list[str]:
    slot = _slot(months)
    parts = []
    for place, month in enumerate(months):
        x = _x(place, slot)
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 19}" text-anchor="middle">{swedish.month_name(month)[:3]}</text>')
        if place == 0 or month.month == 1:
            # A December that comes first stands to the left, so that the two years do not run together.
            x, anchor = (x + slot / 2 - 2, "end") if month.month == 12 else (x - slot / 2 + 2, "start")
            parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 5}" text-anchor="{anchor}">{month.year}</text>')
    return parts


def _label(place: int, count: int, slot: float, y: float, text: str) -> str:
    # The ends keep within the picture; a number may be wider than its bar.
    x, anchor = _x(place, slot), "middle"
    if place == count - 1 and len(text) > 3:
        x, anchor = WIDTH - _RIGHT, "end"
    elif place == 0 and len(text) > 3:
        x, anchor = _LEFT + 2, "start"
    return f'<text class="value" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def _rect(name: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _slot(months: Sequence[date]) -> float:
    return (WIDTH - _LEFT - _RIGHT) / len(months)


def _x(place: int, slot: float) -> float:
    return _LEFT + slot * (place + 0.5)


def _y(value: float, ticks: Sequence[float]) -> float:
    return _TOP + _PLOT * (1 - value / ticks[-1])


def _ticks(highest: float) -> list[float]:
    """Round numbers from 0 to one that is not below ``highest``, five at most."""
    sizes = [size * 10**power for power in range(9) for size in (0.5, 1, 2, 2.5)]
    step = next(size for size in sizes if size * 4 >= highest)
    count = 1
    while step * count < highest:
        count += 1
    return [step * place for place in range(count + 1)]


def _number(one: Figure) -> float:
    return float(one.value or 0)
