"""An indicator of a place as a line of a page: its figures in words, and what can be said of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from dagster_project.disclosure.primary import DIFFERENCES, FOLLOW_UP
from dagster_project.reports import swedish, words
from dagster_project.reports.annual.figures import ALL, Figures, Indicator, cited
from dagster_project.reports.charts import Point
from dagster_project.reports.figure import Figure, derived

YEAR_BEFORE, REST, SEXES = "previous_year", "rest_of_county", "women_men"

BETTER, WORSE, CERTAIN, UNSURE, UNTOLD = "better", "worse", "certain", "unsure", "untold"
"""What a difference says: certain ones for the better, the worse or neither, chance, and what has no interval."""


MEASURED = ("share", "mean_days")
"""The units that have an interval; a number of days or kronor has none."""

WITHOUT = Markup("–")


@dataclass(frozen=True)
class Line:
    """``before`` is the verdict against the year before, ``rest`` against the rest of the county."""

    indicator: Indicator
    value: Markup
    previous: Markup
    change: Markup
    interval: Markup
    of: Markup
    target: str | None
    meets: bool | None
    before: str
    rest: str
    has_previous: bool

    @property
    def name(self) -> str:
        return swedish.capitalized(self.indicator.title)


@dataclass(frozen=True)
class Sexes:
    """An indicator of women and of men; the difference is women's less men's."""

    name: str
    women: Markup
    men: Markup
    difference: Markup
    interval: Markup
    verdict: str


def followed(figures: Figures, place: str) -> list[Indicator]:
    """The indicators of the plan, and those that the place has figures of without it."""
    return [
        one
        for one in figures.indicators.values()
        if one.numerator is not None or figures.row(FOLLOW_UP, place, ALL, one.identity, 0)
    ]


def line(figures: Figures, place: str, indicator: Indicator, district: str = ALL) -> Line:
    key = (place, district, indicator.identity, 0)
    row = figures.row(FOLLOW_UP, *key)
    unit = indicator.unit

    def cell(name: str) -> Markup:
        return figures.cell(unit, name, FOLLOW_UP, *key)

    return Line(
        indicator=indicator,
        value=cell("value"),
        previous=cell("value_previous_year"),
        change=moved(figures, unit, "change", FOLLOW_UP, *key),
        interval=bounds(figures, unit, "value", place, district, indicator.identity, YEAR_BEFORE),
        of=_of(figures, indicator, *key),
        target=None if indicator.target is None else words.aimed(indicator.target, unit),
        meets=row["meets_target"] if row else None,
        before=verdict(figures, place, indicator, YEAR_BEFORE, district),
        rest=verdict(figures, place, indicator, REST, district),
        has_previous=figures.figure("value_previous_year", FOLLOW_UP, *key).is_shown,
    )


def sexes(figures: Figures, place: str) -> list[Sexes]:
    """The indicators that are compared between women and men."""
    return [
        Sexes(
            name=swedish.capitalized(one.title),
            women=figures.cell(one.unit, "value", DIFFERENCES, *key),
            men=figures.cell(one.unit, "compared_value", DIFFERENCES, *key),
            difference=moved(figures, one.unit, "difference", DIFFERENCES, *key),
            interval=bounds(figures, one.unit, "difference", *key),
            verdict=verdict(figures, place, one, SEXES),
        )
        for one in figures.indicators.values()
        if figures.row(DIFFERENCES, *(key := (place, ALL, one.identity, SEXES)))
    ]


def verdict(figures: Figures, place: str, indicator: Indicator, comparison: str, district: str = ALL) -> str:
    """What the interval of a difference says, by the direction that is the better one."""
    key = (place, district, indicator.identity, comparison)
    row = figures.row(DIFFERENCES, *key)
    if row is None or not figures.figure("difference_low", DIFFERENCES, *key).is_shown:
        return UNTOLD
    if not row["is_certain"]:
        return UNSURE
    if indicator.direction == "none" or comparison == SEXES:
        return CERTAIN
    return BETTER if (row["difference"] > 0) is (indicator.direction == "higher") else WORSE


def moved(figures: Figures, unit: str, name: str, table: str, *key: object) -> Markup:
    """A difference in words, with where it stands."""
    return cited(words.moved(figures.figure(name, table, *key), unit), table, figures.year, *key, name)


def bounds(figures: Figures, unit: str, name: str, *key: object) -> Markup:
    """An interval in words, with where it stands; a difference of shares is in percentage points."""
    if unit not in MEASURED:
        return WITHOUT
    low, high = (figures.figure(f"{name}_{end}", DIFFERENCES, *key) for end in ("low", "high"))
    text = words.moves(low, high, unit) if name == "difference" else words.between(low, high, unit)
    return cited(text, DIFFERENCES, figures.year, *key, f"{name}_low,{name}_high")


def point(figures: Figures, place: str, indicator: Indicator, comparison: str, *, is_difference: bool = False) -> Point:
    """The value with its interval, or the difference with its own, in hundredths where it is a share."""
    key = (place, ALL, indicator.identity, comparison)
    names = (
        ("difference", "difference_low", "difference_high") if is_difference else ("value", "value_low", "value_high")
    )
    scale = 100 if indicator.unit == "share" else 1
    found = [figures.figure(name, DIFFERENCES, *key) for name in names]
    value, low, high = (derived((one,), scale * Decimal(one.value or 0)) for one in found)
    said = verdict(figures, place, indicator, comparison)
    return Point(value, low, high, is_open=said in (UNSURE, UNTOLD), is_marked=said == WORSE)


def turned(mark: Point) -> Point:
    """Mirrored, so that the better side is to the right."""

    def minus(one: Figure | None) -> Figure | None:
        return None if one is None else derived((one,), -Decimal(one.value or 0))

    value = minus(mark.figure)
    assert value is not None
    return Point(value, minus(mark.high), minus(mark.low), mark.is_open, mark.is_marked)


def _of(figures: Figures, indicator: Indicator, *key: object) -> Markup:
    """``89 av 4 390`` of a share; the number that a mean is of."""
    denominator = figures.cell("count", "denominator", FOLLOW_UP, *key)
    if indicator.unit == "share" and figures.figure("denominator", FOLLOW_UP, *key).is_shown:
        return Markup("{} av {}").format(figures.cell("count", "numerator", FOLLOW_UP, *key), denominator)
    return denominator if indicator.unit in MEASURED else WITHOUT
