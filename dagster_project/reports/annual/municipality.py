"""A municipality's year, as data: its own figures against the county's range, and nothing of any other by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from dagster_project.disclosure.primary import COOPERATION, FOLLOW_UP
from dagster_project.packages import annual
from dagster_project.reports import charts, swedish, words
from dagster_project.reports.annual import lines
from dagster_project.reports.annual.figures import ALL, Figures, Indicator
from dagster_project.reports.annual.lines import Line, Sexes
from dagster_project.reports.annual.page import (
    COMPARED,
    GROUPS,
    STATED,
    Period,
    Revision,
    deviations,
    period_of,
    revision,
)
from dagster_project.reports.charts import Point
from dagster_project.reports.figure import NONE, Figure, derived
from dagster_project.reports.monthly.context import Context
from dagster_project.reports.monthly.table import Table

FEWEST_OTHERS = 5
"""Fewer other municipalities than these make no range: it would tell what one of them has."""


COMPARABLE = ("share", "mean_days", "days_per_1000")
"""The units in which a small municipality and a large one can be compared; numbers of days and kronor cannot."""


@dataclass(frozen=True)
class Beside:
    """The municipality's line beside the county's value and the range of the other municipalities that are shown."""

    line: Line
    county: Markup
    lowest: Figure
    highest: Figure
    others: int

    @property
    def range(self) -> Markup:
        unit = self.line.indicator.unit
        if unit not in COMPARABLE:
            return lines.WITHOUT
        if not self.lowest.is_shown:
            return words.NOTHING
        return Markup("{} till {}").format(words.valued(self.lowest, unit), words.valued(self.highest, unit))


@dataclass(frozen=True)
class Page:
    """``statement`` is what the municipality has said of its local cooperation, null where it has said nothing."""

    name: str
    region: str
    is_synthetic: bool
    period: Period
    beside: list[Beside]
    charts: list[tuple[str, Markup]]
    sexes: list[Sexes]
    districts: Table | None
    cooperation: list[tuple[str, Markup]]
    statement: str | None
    deviations: Table
    closed: int | None
    closed_by: str | None
    revisions: list[Revision]

    def said(self, verdict: str) -> list[Line]:
        """Its indicators with this verdict against the year before, of those with a better side."""
        return [
            one.line for one in self.beside if one.line.before == verdict and one.line.indicator.direction != "none"
        ]

    def against_rest(self, verdict: str) -> list[Line]:
        return [one.line for one in self.beside if one.line.rest == verdict and one.line.indicator.direction != "none"]


def read(context: Context, figures: Figures, code: str, closed: int | None, closed_by: str | None) -> Page:
    """The page of the municipality with this code."""
    followed = lines.followed(figures, context.region)
    beside = [_beside(context, figures, code, one) for one in followed]
    row = figures.row(COOPERATION, code)
    stated = row and row["statement"]
    return Page(
        name=context.municipalities[code],
        region=context.region_name,
        is_synthetic=context.is_synthetic,
        period=period_of(context, figures),
        beside=beside,
        charts=[
            (one.line.name, _chart(figures, code, one))
            for one in beside
            if one.line.indicator.identity in COMPARED and (one.others or one.line.rest != lines.UNTOLD)
        ],
        sexes=lines.sexes(figures, code),
        districts=_districts(context, figures, code),
        cooperation=[
            (name, figures.cell("count", column, COOPERATION, code))
            for column, name in (
                ("discharges", "Utskrivna med ärende"),
                ("long_wait_7", "Mer än 7 utskrivningsklara dagar"),
                ("long_wait_30", "Mer än 30 utskrivningsklara dagar"),
                ("local_cooperation_deviations", "Avvikelser om lokal samverkan"),
                ("escalated_to_steering_group", "Avvikelser hos styrgruppen"),
                ("escalated_to_vis", "Avvikelser hos VIS"),
                ("disputed_lines", "Bestridna fakturarader"),
            )
        ],
        statement=f"{swedish.capitalized(STATED[row['fulfilment']])}. {stated}" if row and stated else None,
        deviations=deviations(figures, code),
        closed=closed,
        closed_by=closed_by,
        revisions=[
            revision(figures, row, context.districts.get((code, row["district_code"]), "hela kommunen"))
            for row in figures.of(annual.REVISIONS, municipality_code=code, sex=0)
        ],
    )


def _beside(context: Context, figures: Figures, code: str, indicator: Indicator) -> Beside:
    def value(place: str) -> Figure:
        return figures.figure("value", FOLLOW_UP, place, ALL, indicator.identity, 0)

    others = [one for other in context.municipalities if other != code and (one := value(other)).is_shown]
    ordered = sorted(others, key=lambda one: Decimal(one.value or 0))
    has_range = len(others) >= FEWEST_OTHERS and indicator.unit in COMPARABLE
    return Beside(
        line=lines.line(figures, code, indicator),
        county=figures.cell(indicator.unit, "value", FOLLOW_UP, context.region, ALL, indicator.identity, 0),
        lowest=ordered[0] if has_range else NONE,
        highest=ordered[-1] if has_range else NONE,
        others=len(others) if has_range else 0,
    )


def _chart(figures: Figures, code: str, beside: Beside) -> Markup:
    indicator = beside.line.indicator
    scale = 100 if indicator.unit == "share" else 1

    def scaled(one: Figure) -> Figure:
        return derived((one,), scale * Decimal(one.value or 0))

    own = lines.point(figures, code, indicator, lines.REST)
    lowest, highest = scaled(beside.lowest), scaled(beside.highest)
    spread = Point(lowest, lowest, highest, is_dot=False)
    title = swedish.capitalized(indicator.title)
    return charts.intervals(
        f"spann-{indicator.identity.replace('_', '-')}",
        f"{title}: kommunen och övriga kommuner i länet",
        "Kommunen med 95 procents intervall, och spannet mellan de övriga kommunernas lägsta och högsta.",
        [("Kommunen", own), *([("Övriga", spread)] if beside.others else [])],
        unit=f"{swedish.SPACE}%" if indicator.unit == "share" else "",
    )


def _districts(context: Context, figures: Figures, code: str) -> Table | None:
    districts = sorted({key[1] for key in figures.rows[FOLLOW_UP] if key[0] == code} - {ALL, "00"})
    if not districts:
        return None
    shown: Sequence[str] = [
        one for names in GROUPS.values() for one in names if (code, districts[0], one, 0) in figures.rows[FOLLOW_UP]
    ]
    indicators = [figures.indicators[one] for one in shown]
    return Table(
        "Stadsdelsområdena",
        ["Stadsdelsområde", *(swedish.capitalized(one.title) for one in indicators)],
        [
            (
                context.districts.get((code, district), district),
                [figures.cell(one.unit, "value", FOLLOW_UP, code, district, one.identity, 0) for one in indicators],
            )
            for district in districts
        ],
    )
