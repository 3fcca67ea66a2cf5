"""Unplanned readmissions within seven days, with their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from dagster_project.reports import charts, words
from dagster_project.reports.charts import Point
from dagster_project.reports.figure import NONE, ZERO, Figure, derived
from dagster_project.reports.monthly.context import Context
from dagster_project.reports.monthly.figures import ALL, Figures
from dagster_project.reports.monthly.table import Table, by_month

POPULATIONS = {"all": "alla utskrivna", "lus": "utskrivna efter utskrivningsklar"}


@dataclass(frozen=True)
class Readmissions:
    """``share`` with its bounds is of the month's index discharges of all 65 and older."""

    share: Figure
    low: Figure
    high: Figure
    readmissions: Figure
    discharges: Figure
    is_preliminary: bool
    chart: Markup
    table: Table


def readmissions_of(context: Context, figures: Figures, place: str) -> Readmissions:
    shown = context.months

    def of(month: date, name: str, population: str = ALL) -> Figure:
        row = figures.readmissions.get((place, population, month))
        return figures.within(month, row, name, without_row=NONE if name.startswith("share") else ZERO)

    def is_preliminary(month: date) -> bool:
        row = figures.readmissions.get((place, ALL, month))
        return row is not None and row["status"] == "preliminary"

    def hundred(share: Figure) -> Figure:
        return derived((share,), 100 * Decimal(share.value or 0))

    marks = [
        Point(
            hundred(of(month, "share")),
            hundred(of(month, "share_low")),
            hundred(of(month, "share_high")),
            is_open=is_preliminary(month),
        )
        for month in shown
    ]

    def cells(at: int) -> list[Markup]:
        month = shown[at]
        return [
            *(
                cell
                for population in POPULATIONS
                for cell in (
                    words.of(of(month, "readmissions", population), of(month, "index_discharges", population)),
                    words.percent(of(month, "share", population)),
                    words.interval(of(month, "share_low", population), of(month, "share_high", population)),
                )
            ),
            Markup("preliminär" if is_preliminary(month) else "slutlig" if figures.has(month) else "saknas"),
        ]

    heads = [
        f"{what}, {population}"
        for population in POPULATIONS.values()
        for what in ("Återinskrivna av utskrivna", "Andel", "95 % intervall")
    ]
    return Readmissions(
        share=of(context.on, "share"),
        low=of(context.on, "share_low"),
        high=of(context.on, "share_high"),
        readmissions=of(context.on, "readmissions"),
        discharges=of(context.on, "index_discharges"),
        is_preliminary=is_preliminary(context.on),
        chart=charts.points(
            "aterinskrivna",
            "Andel oplanerat återinskrivna inom sju dagar, 65 år och äldre",
            "En punkt per månad med 95 procents intervall; en ihålig punkt är preliminär. "
            f"{words.percent(of(context.on, 'share')).striptags()} i den sista månaden.",
            shown,
            marks,
            unit="%",
        ),
        table=by_month(
            "Återinskrivningar månad för månad, 65 år och äldre, somatisk och geriatrisk vård",
            [*heads, "Status"],
            shown,
            cells,
        ),
    )
