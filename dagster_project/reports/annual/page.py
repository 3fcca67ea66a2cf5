"""The annual report of the county, as data: all that its template shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from markupsafe import Markup

from dagster_project.disclosure.primary import COMMITMENTS, COOPERATION, DEVIATIONS, FOLLOW_UP, MONTHS
from dagster_project.packages import annual
from dagster_project.reports import charts, swedish, words
from dagster_project.reports.annual import lines
from dagster_project.reports.annual.figures import ALL, Figures, Indicator, Row, cited
from dagster_project.reports.annual.lines import Line, Sexes
from dagster_project.reports.figure import NONE, Figure
from dagster_project.reports.monthly.context import Context
from dagster_project.reports.monthly.quality import Quality, quality
from dagster_project.reports.monthly.table import Table

COMPARED = ("mean_including_day_zero", "readmission_7_days", "admission_notice_24h", "sip_called_in_time")
"""What the municipalities are compared by on the first pages: the wait, what follows, and two duties of the act."""

GROUPS = {
    "Väntan och betalning": (
        "ready_days", "ready_days_per_1000", "mean_including_day_zero", "long_wait_7", "liable_days", "liable_amount",
    ),
    "Processen": (
        "admission_notice_24h", "ready_notice_before_noon", "sip_called_in_time", "sip_held",
        "discharge_information_same_day", "day_zero",
    ),
    "Efteråt och samverkan": (
        "readmission_7_days", "ready_withdrawn", "weekend_discharge", "contacts_verified", "deviations",
        "disputed_lines",
    ),
}  # fmt: skip
"""The indicators of the municipalities' tables; the rest are on each municipality's page and in the workbook."""

PARTIES = {
    "joint": "parterna tillsammans",
    "region": "regionen",
    "region_storsthlm": "regionen med Storsthlm",
    "municipality": "kommunerna",
}
FULFILMENT = {
    "fulfilled": "uppfyllt enligt yttrande",
    "partly_fulfilled": "delvis uppfyllt enligt yttrande",
    "not_fulfilled": "inte uppfyllt enligt yttrande",
    "measured": "mätt, inget yttrande",
    "not_stated": "inget yttrande",
}
STATED = {"fulfilled": "uppfyllt", "partly_fulfilled": "delvis uppfyllt", "not_fulfilled": "inte uppfyllt"}
CATEGORIES = {
    "admission_notice": "inskrivningsmeddelande",
    "ready_notice": "underrättelse om utskrivningsklar",
    "sip": "SIP",
    "discharge_information": "information vid utskrivning",
    "planning": "planering",
    "medication": "läkemedel",
    "transport": "transport",
    "local_cooperation": "lokal samverkan",
    "availability": "tillgänglighet",
    "it_support": "it-stöd",
    "invoicing": "fakturering",
    "other": "annat",
}
_COOPERATION = {
    "long_wait_7": "Mer än 7 dagar",
    "long_wait_14": "Mer än 14 dagar",
    "long_wait_30": "Mer än 30 dagar",
    "deviations": "Avvikelser",
    "local_cooperation_deviations": "Avvikelser om lokal samverkan",
    "escalated_to_steering_group": "Avvikelser hos styrgruppen",
    "escalated_to_vis": "Avvikelser hos VIS",
    "disputed_lines": "Bestridna fakturarader",
}


@dataclass(frozen=True)
class Period:
    """``is_closed`` where the year is final; ``made_in`` is the release's month."""

    year: int
    months: int
    name: str
    before: str
    is_closed: bool
    made_in: str


@dataclass(frozen=True)
class Changed:
    """A municipality whose indicator is certainly another than the year before."""

    name: str
    line: Line


@dataclass(frozen=True)
class Compared:
    """An indicator of the municipalities beside each other: who is certainly better or worse than the rest."""

    indicator: Indicator
    county: Line
    chart: Markup
    better: list[str]
    worse: list[str]
    other: list[str]
    compared: int


@dataclass(frozen=True)
class Commitment:
    text: str
    party: str
    due_on: date | None
    followed_by: str
    measure: str | None
    measured: Markup
    status: str
    comment: str | None


@dataclass(frozen=True)
class Area:
    name: str
    commitments: list[Commitment]


@dataclass(frozen=True)
class Revision:
    place: str
    name: str
    old: Markup
    new: Markup
    difference: Markup


@dataclass(frozen=True)
class Municipality:
    code: str
    name: str


@dataclass(frozen=True)
class Page:
    """``lines`` are the county's by indicator.

    ``closed`` is the closed year whose later changes are listed, null where there is none: ``revisions`` those of the
    county, ``revised`` how many others. ``closed_by`` is the release that closed it, null where this one does.
    """

    region: str
    is_synthetic: bool
    period: Period
    lines: dict[str, Line]
    changes_chart: Markup | None
    days_chart: Markup
    days_table: Table
    changed: list[Changed]
    compared: list[Compared]
    sexes: list[Sexes]
    sexes_chart: Markup | None
    areas: list[Area]
    cooperation: Table
    statements: list[tuple[str, str]]
    deviations: Table
    municipalities: list[Municipality]
    tables: list[Table]
    closed: int | None
    closed_by: str | None
    revisions: list[Revision]
    revised: int
    quality: Quality
    files: list[str]

    def said(self, verdict: str) -> list[Line]:
        """The county's indicators with this verdict against the year before, of those with a better side."""
        return [one for one in self.lines.values() if one.before == verdict and one.indicator.direction != "none"]


def period_of(context: Context, figures: Figures) -> Period:
    """The months that a year's figures are of, in words."""
    year, last = figures.year, 12 if figures.is_final else context.on.month
    first = last - figures.months + 1
    if figures.months == 12:
        name, before = f"hela {year}", f"hela {year - 1}"
    else:
        months = [swedish.month_name(date(year, month, 1)).split(" ")[0] for month in sorted({first, last})]
        name, before = f"{'–'.join(months)} {year}", f"samma månader {year - 1}"
    return Period(year, figures.months, name, before, figures.is_final, swedish.month_name(context.on))


def read(context: Context, figures: Figures, closed: int | None, closed_by: str | None, files: list[str]) -> Page:
    """The county's page; ``closed`` is the closed year that later changes are listed of, ``closed_by`` its release."""
    county = context.region
    followed = lines.followed(figures, county)
    found = {one.identity: lines.line(figures, county, one) for one in followed}
    revisions = [
        revision(figures, row, context.region_name)
        for row in figures.of(annual.REVISIONS, municipality_code=county, sex=0)
    ]
    return Page(
        region=context.region_name,
        is_synthetic=context.is_synthetic,
        period=period_of(context, figures),
        lines=found,
        changes_chart=_changes_chart(figures, county, list(found.values())),
        days_chart=_days_chart(figures),
        days_table=_days_table(figures),
        changed=_changed(context, figures, followed),
        compared=[
            _compared(context, figures, figures.indicators[one]) for one in COMPARED if one in figures.indicators
        ],
        sexes=lines.sexes(figures, county),
        sexes_chart=_sexes_chart(figures, county),
        areas=_areas(figures),
        cooperation=_cooperation(context, figures),
        statements=[
            (
                _name(context, row["municipality_code"]),
                f"{swedish.capitalized(STATED[row['fulfilment']])}. {row['statement']}",
            )
            for row in figures.of(COOPERATION)
            if row["statement"] is not None
        ],
        deviations=deviations(figures, county),
        municipalities=[Municipality(code, _name(context, code)) for code in context.municipalities],
        tables=_tables(context, figures),
        closed=closed,
        closed_by=closed_by,
        revisions=revisions,
        revised=len(figures.rows[annual.REVISIONS]) - len(revisions),
        quality=quality(context.connection, context.on, None),
        files=files,
    )


def deviations(figures: Figures, place: str) -> Table:
    """The year's deviations of a place by category, the whole last."""
    names = ("deviations", "closed", "median_days_to_close", "escalated_to_steering_group", "escalated_to_vis")
    heads = ["Rapporterade", "Avslutade", "Dagar till avslut, median", "Hos styrgruppen", "Hos VIS"]
    categories = [row["category"] for row in figures.of(DEVIATIONS, municipality_code=place, severity=ALL)]
    ordered = [one for one in CATEGORIES if one in categories] + [one for one in categories if one == ALL]
    return Table(
        "Avvikelser efter vad de gäller",
        ["Avvikelsen gäller", *heads],
        [
            (
                "Alla" if category == ALL else swedish.capitalized(CATEGORIES[category]),
                [
                    figures.cell(
                        "beds" if name.startswith("median") else "count", name, DEVIATIONS, place, category, ALL, ALL
                    )
                    for name in names
                ],
            )
            for category in ordered
        ],
    )


def revision(figures: Figures, row: Row, name: str) -> Revision:
    """A figure of the closed year that is another now."""
    one = figures.indicators[row["indicator_id"]]
    key = (row["municipality_code"], row["district_code"], row["indicator_id"], row["sex"])

    def cell(column: str) -> Markup:
        value = row[column]
        figure = NONE if value is None else Figure(value, "shown")
        text = words.moved(figure, one.unit) if column == "difference" else words.valued(figure, one.unit)
        return cited(text, annual.REVISIONS, row["year"], *key, column)

    return Revision(name, swedish.capitalized(one.title), cell("old_value"), cell("new_value"), cell("difference"))


def _changes_chart(figures: Figures, county: str, found: Sequence[Line]) -> Markup | None:
    marks = [
        (one.name, lines.turned(mark) if one.indicator.direction == "lower" else mark)
        for one in found
        if one.indicator.direction != "none" and one.indicator.unit == "share"
        for mark in [lines.point(figures, county, one.indicator, lines.YEAR_BEFORE, is_difference=True)]
        if mark.figure.is_shown
    ]
    if not marks:
        return None
    return charts.intervals(
        "forandring",
        "Förändring mot året före, procentenheter, med 95 procents intervall",
        "En rad per indikator. Till höger om den streckade linjen är bättre än året före, till vänster sämre. En "
        "ihålig punkt är ingen säker skillnad, en fylld är säkert bättre och en fyrkant på spets säkert sämre.",
        marks,
        level=0,
        sides=("sämre ←", "→ bättre"),
    )


def _months(year: int) -> list[date]:
    return [date(year, month, 1) for month in range(1, 13)]


def _days(figures: Figures, year: int) -> list[Figure]:
    return [figures.figure("ready_days", MONTHS, month) for month in _months(year)]


def _days_chart(figures: Figures) -> Markup:
    year = figures.year
    return charts.pairs(
        "dagar",
        f"Utskrivningsklara dagar månad för månad, {year} och {year - 1}",
        f"En stapel per månad {year}; strecket är samma månad {year - 1}.",
        _months(year),
        _days(figures, year),
        _days(figures, year - 1),
    )


def _days_table(figures: Figures) -> Table:
    year = figures.year
    return Table(
        f"Utskrivningsklara dagar månad för månad, {year} och {year - 1}",
        ["Månad", str(year), str(year - 1)],
        [
            (
                swedish.month_name(date(year, month, 1)).split(" ")[0],
                [
                    cited(words.count(figures.figure("ready_days", MONTHS, on)), MONTHS, on.year, on, "ready_days")
                    for on in (date(year, month, 1), date(year - 1, month, 1))
                ],
            )
            for month in range(1, 13)
        ],
    )


def _changed(context: Context, figures: Figures, followed: Sequence[Indicator]) -> list[Changed]:
    """The municipalities' certain changes for the worse, by indicator."""
    return [
        Changed(_name(context, code), lines.line(figures, code, one))
        for one in followed
        for code in context.municipalities
        if lines.verdict(figures, code, one, lines.YEAR_BEFORE) == lines.WORSE
    ]


def _compared(context: Context, figures: Figures, indicator: Indicator) -> Compared:
    county = lines.line(figures, context.region, indicator)
    said: dict[str, list[str]] = {
        one: [] for one in (lines.BETTER, lines.WORSE, lines.CERTAIN, lines.UNSURE, lines.UNTOLD)
    }
    marks = []
    for code in context.municipalities:
        name = _name(context, code)
        said[lines.verdict(figures, code, indicator, lines.REST)].append(name)
        marks.append((name, lines.point(figures, code, indicator, lines.REST)))
    level = figures.figure("value", FOLLOW_UP, context.region, ALL, indicator.identity, 0)
    scale = 100 if indicator.unit == "share" else 1
    unit = " %" if indicator.unit == "share" else ""
    return Compared(
        indicator=indicator,
        county=county,
        chart=charts.intervals(
            f"kommuner-{indicator.identity.replace('_', '-')}",
            f"{swedish.capitalized(indicator.title)}, kommunerna med 95 procents intervall",
            "En rad per kommun i länet; den streckade linjen är hela länet. En ihålig punkt skiljer sig inte säkert "
            "från övriga länet, en fylld är säkert bättre och en fyrkant på spets säkert sämre. Ett streckat fält är "
            "ett tal som skyddas.",
            marks,
            unit=unit.replace(" ", swedish.SPACE),
            level=scale * level.value if level.value is not None else None,
        ),
        better=said[lines.BETTER],
        worse=said[lines.WORSE],
        other=said[lines.CERTAIN],
        compared=sum(len(of) for one, of in said.items() if one != lines.UNTOLD),
    )


def _sexes_chart(figures: Figures, county: str) -> Markup | None:
    marks = [
        (
            swedish.capitalized(one.title),
            lines.point(figures, county, one, lines.SEXES, is_difference=True),
        )
        for one in figures.indicators.values()
        if one.unit == "share" and lines.verdict(figures, county, one, lines.SEXES) != lines.UNTOLD
    ]
    if not marks:
        return None
    return charts.intervals(
        "kvinnor-man",
        "Kvinnor jämfört med män, procentenheter, med 95 procents intervall",
        "En rad per indikator. Till höger om den streckade linjen är andelen högre för kvinnor, till vänster för män. "
        "En fylld punkt är en säker skillnad, en ihålig inte.",
        marks,
        level=0,
        sides=("högre för män ←", "→ högre för kvinnor"),
    )


def _areas(figures: Figures) -> list[Area]:
    ordered = sorted(figures.of(COMMITMENTS), key=lambda row: row["position"])
    return [
        Area(area, [_commitment(figures, row) for row in of_area])
        for area, of_area in groupby(ordered, key=lambda row: str(row["area"]))
    ]


def _commitment(figures: Figures, row: Row) -> Commitment:
    measure = figures.indicators.get(row["indicator_id"])
    return Commitment(
        text=row["commitment"],
        party=PARTIES[row["party"]],
        due_on=row["due_on"],
        followed_by=row["followed_by"],
        measure=measure.title if measure else None,
        measured=figures.cell(
            measure.unit if measure else "count", "measured_value", COMMITMENTS, row["commitment_id"]
        ),
        status=FULFILMENT[row["status"]],
        comment=row["comment"],
    )


def _cooperation(context: Context, figures: Figures) -> Table:
    def cells(code: str) -> list[Markup]:
        row = figures.row(COOPERATION, code)
        stated = row["fulfilment"] if row else None
        # Of the county the table tells how many have stated.
        said = Markup("–") if code == context.region else Markup(STATED[stated] if stated else "inget")
        return [*(figures.cell("count", name, COOPERATION, code) for name in _COOPERATION), said]

    return Table(
        "Lokal samverkan om komplexa ärenden, kommun för kommun",
        ["Kommun", *_COOPERATION.values(), "Yttrande"],
        [(_name(context, code), cells(code)) for code in (context.region, *context.municipalities)],
    )


def _tables(context: Context, figures: Figures) -> list[Table]:
    found = []
    for title, names in GROUPS.items():
        places = [(_name(context, code), code, ALL) for code in (context.region, *context.municipalities)]
        found.append(_table(figures, f"{title}, kommunerna", "Kommun", places, names))
        for code in context.municipalities:
            districts = sorted(
                {key[1] for key in figures.rows[FOLLOW_UP] if key[0] == code} - {ALL, "00"},
            )
            its = [(context.districts.get((code, one), one), code, one) for one in districts]
            if its:
                caption = f"{title}, stadsdelsområden i {_name(context, code)}"
                found.append(_table(figures, caption, "Stadsdelsområde", its, names))
    return found


def _table(
    figures: Figures,
    caption: str,
    head: str,
    places: Sequence[tuple[str, str, str]],
    names: Sequence[str],
) -> Table:
    """The values of the indicators that any of the places has."""
    there = {key[2] for key in figures.rows[FOLLOW_UP] if key[:2] in {place[1:] for place in places}}
    indicators = [figures.indicators[one] for one in names if one in there]
    heads = [head, *(swedish.capitalized(one.title) for one in indicators)]
    said = {lines.BETTER: "säkert bättre", lines.WORSE: "säkert sämre", lines.CERTAIN: "säker skillnad"}

    def cell(code: str, district: str, one: Indicator) -> Markup:
        value = figures.cell(one.unit, "value", FOLLOW_UP, code, district, one.identity, 0)
        verdict = said.get(lines.verdict(figures, code, one, lines.REST, district))
        return value + Markup("<small>{}</small>").format(verdict) if verdict else value

    return Table(
        caption, heads, [(name, [cell(code, district, one) for one in indicators]) for name, code, district in places]
    )


def _name(context: Context, code: str) -> str:
    """``Huddinge``; the county's name for its own code."""
    return context.region_name if code == context.region else context.municipalities.get(code, code).split(" ", 1)[-1]
