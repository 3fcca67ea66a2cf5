"""Where the ready days are: by municipality, district and care area, in the county by sex and age too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce

from markupsafe import Markup

from dagster_project.reports import charts, swedish, words
from dagster_project.reports.figure import NONE, ZERO, Figure, derived
from dagster_project.reports.monthly.context import Context
from dagster_project.reports.monthly.figures import ALL, Figures, figure
from dagster_project.reports.monthly.table import Table, by_month

CARE_AREAS = {
    "somatic": "somatisk vård",
    "geriatric": "geriatrisk vård",
    "psychiatric": "psykiatrisk vård",
    "addiction": "beroendevård",
}
SEXES = {"sex 2": "kvinnor", "sex 1": "män"}
AGE_BANDS = {"0-17": "0–17 år", "18-64": "18–64 år", "65-79": "65–79 år", "80+": "80 år och äldre"}


@dataclass(frozen=True)
class Part:
    """A municipality, district or group: ``cells`` follow its name, its days and those of a year ago."""

    name: str
    now: Figure
    then: Figure
    spark: Markup
    cells: list[Markup]


@dataclass(frozen=True)
class Parts:
    """Where the days are; ``heads`` name the parts' further cells, ``table`` has every month."""

    one: str
    title: str
    heads: list[str]
    parts: list[Part]
    table: Table
    is_aside: bool = False


def parts_of(context: Context, figures: Figures, place: str) -> list[Parts]:
    """Of the county its municipalities, their districts, care areas and who pays from elsewhere; else its own parts."""
    if place != context.region:
        districts = _districts(context, figures, place)
        care_areas = _groups(context, figures, place, "vårdområde", "Vårdområden", CARE_AREAS)
        return [districts, care_areas] if districts else [care_areas]
    own = [_municipality(context, figures, code, name) for code, name in context.municipalities.items()]
    heads = ["Genomsnitt, dagar", "Dagar med betalningsansvar", "Belopp", "Återinskrivna, 65 år och äldre"]
    found = [_parts(context, "kommun", "Kommunerna", heads, own, figures, list(context.municipalities.items()))]
    found += [parts for code in context.municipalities if (parts := _districts(context, figures, code))]
    # An open table may tell less apart than the internal one: what it does not tell is not zero.
    told = {key[2] for key in figures.days if key[0] == place}
    for one, title, names in (
        ("vårdområde", "Vårdområden", CARE_AREAS),
        ("kön", "Kvinnor och män", SEXES),
        ("ålder", "Åldrar", AGE_BANDS),
    ):
        if told & names.keys():
            found.append(_groups(context, figures, place, one, title, names))
    known = {key[0] for key in figures.days if key[3] in context.months}
    others = {code: context.others.get(code, code) for code in sorted(known)}
    others = {code: name for code, name in others.items() if code not in (*context.municipalities, context.region)}
    if others:
        away = [_part(context, figures, name, code) for code, name in others.items()]
        title = "Kommuner utanför länet och okänd kommun"
        found.append(_parts(context, "kommun", title, [], away, figures, list(others.items()), is_aside=True))
    return found


def _municipality(context: Context, figures: Figures, code: str, name: str) -> Part:
    paid = figures.payment.get((code, context.on), [])
    means = [row for row in paid if row["model"] == "mean"]
    mean = figure(means[0], "mean_days") if means else NONE
    level = means[0]["last_free_day"] if means else None
    worded = words.mean(mean, level)
    if level is not None and mean.is_shown and Decimal(mean.value or 0) > level:
        worded = Markup('<span class="above">{} ▲</span><small>över nivån {}</small>').format(worded, level)
    row = figures.readmissions.get((code, ALL, context.on))
    cells = [
        worded,
        words.count(_sum(figure(row, "liable_days") for row in paid)),
        words.kronor(_sum(figure(row, "amount") for row in paid)),
        words.of(figure(row, "readmissions"), figure(row, "index_discharges")),
    ]
    return _part(context, figures, name, code, cells=cells)


def _districts(context: Context, figures: Figures, place: str) -> Parts | None:
    codes = sorted({key[1] for key in figures.days if key[0] == place and key[1] != ALL and key[3] in context.months})
    if codes in ([], ["00"]):
        return None
    named = [(code, context.districts.get((place, code), code)) for code in codes]
    parts = []
    for code, name in named:
        row = figures.of_districts.get((place, code, ALL, context.on))
        cells = [words.of(figure(row, "readmissions"), figure(row, "index_discharges"))]
        parts.append(_part(context, figures, name, place, district=code, cells=cells))
    title = f"Stadsdelsområden i {context.municipalities[place].split(' ', 1)[-1]}"
    heads = ["Återinskrivna, 65 år och äldre"]
    return _parts(context, "stadsdelsområde", title, heads, parts, figures, named, place=place)


def _groups(context: Context, figures: Figures, place: str, one: str, title: str, names: dict[str, str]) -> Parts:
    parts = [_part(context, figures, swedish.capitalized(name), place, group=group) for group, name in names.items()]
    return Parts(
        one,
        title,
        [],
        parts,
        by_month(
            f"{title}: utskrivningsklara dagar, månad för månad",
            [part.name for part in parts],
            context.months,
            lambda at: [
                words.count(figures.day(place, context.months[at], "ready_days", group=group)) for group in names
            ],
        ),
    )


def _parts(
    context: Context,
    one: str,
    title: str,
    heads: list[str],
    parts: list[Part],
    figures: Figures,
    named: list[tuple[str, str]],
    *,
    place: str | None = None,
    is_aside: bool = False,
) -> Parts:
    """Parts with every month's days: of municipalities, or of the districts of ``place``."""

    def days(code: str, month: date) -> Figure:
        return figures.day(place or code, month, "ready_days", district=code if place else ALL)

    heads_of_months = [f"{swedish.month_name(month)[:3]} {month.year}" for month in context.months]
    table = Table(
        f"{title}: utskrivningsklara dagar, månad för månad",
        [swedish.capitalized(one), *heads_of_months],
        [(name, [words.count(days(code, month)) for month in context.months]) for code, name in named],
    )
    return Parts(one, title, heads, parts, table, is_aside)


def _part(
    context: Context,
    figures: Figures,
    name: str,
    place: str,
    *,
    district: str = ALL,
    group: str = ALL,
    cells: list[Markup] | None = None,
) -> Part:
    days = [figures.day(place, month, "ready_days", district=district, group=group) for month in context.months]
    return Part(name, days[-1], days[0], charts.spark(days), cells or [])


def _sum(figures: Iterable[Figure]) -> Figure:
    """Added up; hidden or missing where one is."""

    def add(one: Figure, other: Figure) -> Figure:
        return derived((one, other), (one.value or 0) + (other.value or 0))

    return reduce(add, figures, ZERO)
