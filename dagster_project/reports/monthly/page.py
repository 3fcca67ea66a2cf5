"""The month's page of a place, as data: all that the template shows."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from dagster_project.reports import charts, swedish, words
from dagster_project.reports.figure import Figure, derived
from dagster_project.reports.monthly.changes import Change, changes, revised
from dagster_project.reports.monthly.context import MONTHS_SHOWN, Context, Source
from dagster_project.reports.monthly.payment import Payment, payments_of
from dagster_project.reports.monthly.places import Parts, parts_of
from dagster_project.reports.monthly.process import Process, process_of
from dagster_project.reports.monthly.quality import Quality, quality
from dagster_project.reports.monthly.readmissions import Readmissions, readmissions_of
from dagster_project.reports.monthly.table import Table, by_month


@dataclass(frozen=True)
class Page:
    """``before`` is the release before, ``changes`` null where it has no such tables; ``files`` lie beside the page."""

    name: str
    region: str
    is_county: bool
    month: str
    year_ago: str
    is_synthetic: bool
    days: Figure
    days_a_year_ago: Figure
    beds: Figure
    open_at_end: Figure
    days_chart: Markup
    days_table: Table
    parts: list[Parts]
    payments: list[Payment]
    readmissions: Readmissions
    process: Process
    before: str | None
    changes: list[Change] | None
    revised: int | None
    quality: Quality
    files: list[str]


def read(context: Context, source: Source, place: str, files: list[str]) -> Page:
    """The page of a place: the county by its region code, or a municipality."""
    figures, on, shown = source.figures, context.on, context.months
    is_county = place == context.region
    days = [figures.day(place, month, "ready_days") for month in shown]
    at_end = [figures.day(place, month, "open_at_month_end") for month in shown]
    name = context.region_name if is_county else context.municipalities[place]
    heads = ["Utskrivningsklara dagar", "Motsvarande vårdplatser", "Utskrivningsklara vid månadens slut"]
    return Page(
        name=name,
        region=context.region_name,
        is_county=is_county,
        month=swedish.month_name(on),
        year_ago=swedish.month_name(shown[0]),
        is_synthetic=context.is_synthetic,
        days=days[-1],
        days_a_year_ago=days[0],
        beds=_beds(days[-1], on),
        open_at_end=at_end[-1],
        days_chart=charts.bars(
            "dagar",
            "Utskrivningsklara dagar, månad för månad",
            f"{MONTHS_SHOWN} staplar, {swedish.month_name(shown[0])} till {swedish.month_name(on)}. "
            f"{words.count(days[-1]).striptags()} dagar i den sista månaden.",
            shown,
            days,
        ),
        days_table=by_month(
            "Utskrivningsklara dagar, månad för månad",
            heads,
            shown,
            lambda at: [
                words.count(days[at]),
                words.one_decimal(_beds(days[at], shown[at])),
                words.count(at_end[at]),
            ],
        ),
        parts=parts_of(context, figures, place),
        payments=payments_of(context, figures, place),
        readmissions=readmissions_of(context, figures, place),
        process=process_of(context, figures, place),
        before=context.before,
        changes=changes(context.connection, source.before, figures, place, shown) if source.before else None,
        revised=None if is_county else revised(context.connection, place),
        quality=quality(context.connection, on, None if is_county else context.units.get(place)),
        files=files,
    )


def _beds(days: Figure, month: date) -> Figure:
    length = monthrange(month.year, month.month)[1]
    return derived((days,), Decimal(days.value or 0) / length)
