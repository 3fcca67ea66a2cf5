"""The process indicators that matter most, in the order of the process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from dagster_project.reports import charts, swedish, words
from dagster_project.reports.figure import NONE, Figure, derived
from dagster_project.reports.monthly.context import Context
from dagster_project.reports.monthly.figures import Figures, figure
from dagster_project.reports.monthly.table import Table, by_month

INDICATORS = (
    "admission_notice_24h",
    "ready_notice_before_noon",
    "sip_called_in_time",
    "discharge_information_same_day",
    "day_zero",
    "weekend_discharge",
    "ready_withdrawn",
    "long_wait_7",
)


@dataclass(frozen=True)
class Indicator:
    """The month's share; ``then`` is that of a year ago, ``direction`` the better one: higher, lower or none."""

    name: str
    direction: str
    share: Figure
    numerator: Figure
    denominator: Figure
    then: Figure
    spark: Markup


@dataclass(frozen=True)
class Process:
    indicators: list[Indicator]
    table: Table


def process_of(context: Context, figures: Figures, place: str) -> Process:
    indicators = [one for one in INDICATORS if one in context.indicators]
    shown = context.months
    found = [_indicator(context, figures, place, one) for one in indicators]

    def cells(at: int) -> list[Markup]:
        return [words.percent(_share(figures, place, one, shown[at])) for one in indicators]

    return Process(found, by_month("Andelarna månad för månad", [one.name for one in found], shown, cells))


def _share(figures: Figures, place: str, indicator: str, month: date) -> Figure:
    row = figures.process.get((place, indicator, month))
    if row is None:
        return NONE
    numerator, denominator = figure(row, "numerator"), figure(row, "denominator")
    share = Decimal(numerator.value or 0) / denominator.value if denominator.value else None
    return derived((numerator, denominator), share)


def _indicator(context: Context, figures: Figures, place: str, indicator: str) -> Indicator:
    shares = [_share(figures, place, indicator, month) for month in context.months]
    row = figures.process.get((place, indicator, context.on))
    described = context.indicators[indicator]
    return Indicator(
        name=swedish.capitalized(described["term_sv"]),
        direction=described["direction"],
        share=shares[-1],
        numerator=figure(row, "numerator"),
        denominator=figure(row, "denominator"),
        then=shares[0],
        spark=charts.spark(shares),
    )
