"""The table of figures behind a chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from dagster_project.reports import swedish


@dataclass(frozen=True)
class Table:
    """``heads`` are of the rows' names and of their cells."""

    caption: str
    heads: list[str]
    rows: list[tuple[str, list[Markup]]]


def by_month(caption: str, heads: list[str], shown: Sequence[date], cells: Callable[[int], list[Markup]]) -> Table:
    """A row a month, the newest first."""
    places = reversed(range(len(shown)))
    return Table(caption, ["Månad", *heads], [(swedish.month_name(shown[place]), cells(place)) for place in places])
