"""The page on whether the data is reliable enough to bill on: ``marts/billing_readiness.html`` of a release.

It is a function of the release's tables and inputs: the same rows give the same bytes on any machine. It judges nothing
itself; ``mart_billing_readiness_monthly`` does. Figures are rounded to the side of caution, so that none looks better
on the page than it is in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import months
from dagster_project.reports import pages, swedish
from dagster_project.reports.query import rows

PATH = "marts/billing_readiness.html"
TEMPLATE = "billing_readiness.html.j2"

MONTHS_SHOWN = 12
VERDICT = "verdict"
TOO_FEW = "too_few_observations"

_UNIT_TYPES = {"hospital": ("vårdenhet", "vårdenheter"), "municipality": ("kommun", "kommuner")}


@dataclass(frozen=True)
class Criterion:
    """What is demanded of units of one type, in force on the month's last date; ``threshold`` is in ``unit``."""

    criterion: str
    unit_type: str
    direction: str
    threshold: Decimal
    least_cases: int
    is_required: bool
    unit: str
    term_sv: str
    definition_sv: str
    status: str
    source: str

    @property
    def demand(self) -> str:
        """The threshold in words, as ``minst 95 %``."""
        return f"{'minst' if self.direction == 'at_least' else 'högst'} {self.figure(self.threshold)}"

    def value(self, value: Decimal) -> str:
        """A measured value with one decimal (kronor with two), rounded away from what is demanded."""
        places, rounding = self._places, ROUND_FLOOR if self.direction == "at_least" else ROUND_CEILING
        return self.figure(_scaled(value, self.unit).quantize(places, rounding), is_scaled=True)

    def distance(self, distance: Decimal) -> str:
        """How far a value is from what is demanded, rounded up, so that it is never nothing."""
        amount = swedish.number(_scaled(distance, self.unit).quantize(self._places, ROUND_CEILING))
        return amount + swedish.SPACE + {"share": "procentenheter", "hours": "timmar", "sek": "kr"}[self.unit]

    def figure(self, value: Decimal, *, is_scaled: bool = False) -> str:
        number = value if is_scaled else _plain(_scaled(value, self.unit))
        return swedish.number(number) + swedish.SPACE + {"share": "%", "hours": "timmar", "sek": "kr"}[self.unit]

    @property
    def _places(self) -> Decimal:
        return Decimal("0.01") if self.unit == "sek" else Decimal("0.1")


@dataclass(frozen=True)
class Cell:
    """A unit by a criterion: ``state`` is passed, failed, not_judged, or not_asked where the mart has no such row."""

    state: str
    value: str | None


@dataclass(frozen=True)
class Unit:
    """A unit in the month: ``state`` of its verdict is passed, failed or too_few; ``missing`` says what fell short."""

    unit_id: str
    name: str
    state: str
    cells: list[Cell]
    missing: list[str]


@dataclass(frozen=True)
class Tally:
    """How many units of one type passed, failed and could not be judged."""

    passed: int = 0
    failed: int = 0
    too_few: int = 0

    @property
    def units(self) -> int:
        return self.passed + self.failed + self.too_few


@dataclass(frozen=True)
class Group:
    """The units of one type with the criteria they are judged by, in the criteria's order."""

    unit_type: str
    one: str
    several: str
    criteria: list[Criterion]
    units: list[Unit]

    @property
    def tally(self) -> Tally:
        return tally([unit.state for unit in self.units])

    def of(self, state: str) -> list[Unit]:
        return [unit for unit in self.units if unit.state == state]

    def count(self, position: int) -> Tally:
        """How many units pass, fail and are not judged by the criterion at this place."""
        states = [unit.cells[position].state for unit in self.units]
        return Tally(states.count("passed"), states.count("failed"), states.count("not_judged"))


@dataclass(frozen=True)
class MonthBefore:
    """A row of the trend: how the county's units stood in a month, by unit type."""

    name: str
    tallies: dict[str, Tally]


@dataclass(frozen=True)
class Page:
    """All that the template shows. ``answer`` is yes, no or unproven."""

    region: str
    month: str
    is_synthetic: bool
    answer: str
    groups: list[Group]
    trend: list[MonthBefore]

    @property
    def are_proposals(self) -> bool:
        """Whether any threshold shown is one that nobody has decided."""
        return any(criterion.status == "provisional" for group in self.groups for criterion in group.criteria)


def write(connection: duckdb.DuckDBPyConnection, directory: Path, inputs: Mapping[str, Any]) -> None:
    """Write the page into the release at ``directory``, made from ``inputs``, whose ``marts.duckdb`` is connected."""
    is_synthetic = any(delivery["is_synthetic"] for delivery in inputs["deliveries"])
    page = read(connection, inputs["region"], inputs["month"], is_synthetic=is_synthetic)
    (directory / PATH).write_text(render(page), encoding="utf-8", newline="\n")


def read(connection: duckdb.DuckDBPyConnection, region: str, month: str, *, is_synthetic: bool) -> Page:
    """The page of a region's month (yyyy-mm)."""
    on = months.first_day(month)
    groups = [group(connection, unit_type, on) for unit_type in _UNIT_TYPES]
    found = connection.execute("select name from dim_region where region_code = ?", [region]).fetchone()
    return Page(
        region=str(found[0]) if found else region,
        month=swedish.month_name(on),
        is_synthetic=is_synthetic,
        answer=_answer([unit.state for group in groups for unit in group.units]),
        groups=groups,
        trend=_trend(connection, on),
    )


def render(page: Page) -> str:
    """The page as HTML; every text is escaped."""
    return pages.render(TEMPLATE, page=page, demands=_demands(page.groups))


def tally(states: list[str]) -> Tally:
    return Tally(*(states.count(state) for state in ("passed", "failed", "too_few")))


def _answer(states: list[str]) -> str:
    if "failed" in states:
        return "no"
    return "yes" if states and set(states) == {"passed"} else "unproven"


def group(connection: duckdb.DuckDBPyConnection, unit_type: str, on: date) -> Group:
    """The units of a type (hospital, municipality) in the month with this first date, with their verdicts."""
    criteria = _criteria(connection, unit_type, on)
    found = rows(
        connection,
        """
        select
            readiness.unit_id,
            coalesce(municipalities.display_name, readiness.unit_id) as name,
            readiness.criterion,
            readiness.value,
            readiness.passed,
            readiness.missing_for_verdict
        from mart_billing_readiness_monthly as readiness
        left join dim_municipality as municipalities
            on readiness.unit_type = 'municipality' and readiness.unit_id = municipalities.municipality_code
        where readiness.unit_type = ? and readiness.month = ?
        order by readiness.unit_id, readiness.criterion
        """,
        [unit_type, on],
    )
    units = [
        _unit(criteria, {str(row["criterion"]): row for row in its_rows})
        for _, its_rows in groupby(found, key=lambda row: row["unit_id"])
    ]
    return Group(unit_type, *_UNIT_TYPES[unit_type], criteria, units)


def _criteria(connection: duckdb.DuckDBPyConnection, unit_type: str, on: date) -> list[Criterion]:
    found = rows(
        connection,
        """
        select
            criterion, unit_type, direction, threshold, least_cases, is_required, unit, term_sv, definition_sv, status,
            source
        from dim_billing_criterion
        where unit_type = ? and valid_from <= last_day(?) and coalesce(valid_to, date '9999-12-31') >= last_day(?)
        order by position, criterion
        """,
        [unit_type, on, on],
    )
    return [Criterion(**row) for row in found]


def _unit(criteria: list[Criterion], its_rows: dict[str, dict[str, Any]]) -> Unit:
    verdict = its_rows[VERDICT]
    state = "passed" if verdict["passed"] else "too_few" if verdict["missing_for_verdict"] == TOO_FEW else "failed"
    return Unit(
        unit_id=str(verdict["unit_id"]),
        name=str(verdict["name"]),
        state=state,
        cells=[_cell(criterion, its_rows.get(criterion.criterion)) for criterion in criteria],
        missing=[
            _missing(criterion, row)
            for criterion in criteria
            if (row := its_rows.get(criterion.criterion)) and row["passed"] is False
        ],
    )


def _cell(criterion: Criterion, row: dict[str, Any] | None) -> Cell:
    if row is None:
        return Cell("not_asked", None)
    state = {True: "passed", False: "failed", None: "not_judged"}[row["passed"]]
    return Cell(state, None if row["value"] is None else criterion.value(row["value"]))


def _missing(criterion: Criterion, row: dict[str, Any]) -> str:
    if row["value"] is None:
        return f"{criterion.term_sv}: värdet är okänt, kravet är {criterion.demand}"
    short = "saknas" if criterion.direction == "at_least" else "för mycket"
    distance = criterion.distance(Decimal(row["missing_for_verdict"]))
    return f"{criterion.term_sv}: {criterion.value(row['value'])}, kravet är {criterion.demand}, {distance} {short}"


def _trend(connection: duckdb.DuckDBPyConnection, on: date) -> list[MonthBefore]:
    found = rows(
        connection,
        """
        select
            month,
            unit_type,
            count(*) filter (where passed) as passed,
            count(*) filter (where not passed and missing_for_verdict <> ?) as failed,
            count(*) filter (where not passed and missing_for_verdict = ?) as too_few
        from mart_billing_readiness_monthly
        where criterion = ? and month <= ?
        group by month, unit_type
        order by month, unit_type
        """,
        [TOO_FEW, TOO_FEW, VERDICT, on],
    )
    trend = []
    for month, its_rows in groupby(found, key=lambda row: row["month"]):
        tallies = {str(row["unit_type"]): Tally(row["passed"], row["failed"], row["too_few"]) for row in its_rows}
        trend.append(MonthBefore(swedish.month_name(month), {name: tallies.get(name, Tally()) for name in _UNIT_TYPES}))
    return trend[-MONTHS_SHOWN:]


def _demands(groups: list[Group]) -> list[dict[str, Any]]:
    """The criteria once each, in order, with what is demanded of the units of each type and how many fulfil it."""
    found: dict[str, dict[str, Any]] = {}
    for group in groups:
        for position, criterion in enumerate(group.criteria):
            entry = found.setdefault(criterion.criterion, {"criterion": criterion, "of": []})
            entry["of"].append({"group": group, "criterion": criterion, "tally": group.count(position)})
    return list(found.values())


def _scaled(value: Decimal, unit: str) -> Decimal:
    return value * 100 if unit == "share" else value


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros, and without an exponent."""
    whole = value.to_integral_value()
    return whole if value == whole else value.normalize()
