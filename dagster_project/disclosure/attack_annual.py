"""The attacker on ``annual/``: what its readers can reckon of what it hides, from its own tables.

It reads the tables as they are written and knows the contract; it shares no code with what hides. Every hidden number
whose feasible range holds one whole number is found, as well as numbers that no table has and that few stand behind:
the rest of a share, waits between two bounds, the rest of the county.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Any

import duckdb
import numpy as np
from scipy.sparse import csr_matrix

from dagster_project.disclosure.attack_ranges import SMALL, Program

FOLLOW_UP = "mart_annual_follow_up"
DIFFERENCES = "mart_annual_differences"
COMMITMENTS = "mart_commitments"
DEVIATIONS = "mart_deviations_annual"
COOPERATION = "mart_local_cooperation_annual"
MONTHS = "annual_months"

Cell = tuple[Any, ...]
"""(year, municipality or county, district, sex, name)."""

Terms = dict[Cell | None, float]
Row = dict[str, Any]

HALVES = {"share": 5e-7, "mean_days": 5e-5, "beds": 5e-5, "days_per_1000": 5e-5}
"""Half of the last digit of a ratio, by unit."""

WAITS = ("long_wait_7", "long_wait_14", "long_wait_30")
SPELLS = (
    "admission_notice_24h", "planned_date_changed", "ready_withdrawn", "weekend_discharge",
    "discharge_information_same_day", *WAITS,
)  # fmt: skip
PLANS = ("sip_called_in_time", "sip_held")
NOT_OF_PERSONS = ("contacts_verified", "contacts_weekend_hours", "reconciliation_matched")
STEPS = ("escalated_to_steering_group", "escalated_to_vis")
COUNTED = {
    DEVIATIONS: ("deviations", "closed", *STEPS),
    COOPERATION: (
        "discharges", *WAITS, "deviations", "local_cooperation_deviations", *STEPS, "disputed_lines", "escalated_lines",
    ),
}  # fmt: skip
NAMES: Mapping[str, Any] = {
    "discharges": "spells",
    "local_cooperation_deviations": ("deviations", "local_cooperation", "all", "all"),
}


@dataclass
class _Book:
    """What a reader writes down: numbers ``shown`` and ``hidden`` (these may be zero).

    ``untold`` numbers stand behind a value that is told, ``beside`` are those that no table has, ``ratios`` hidden
    values, by their part and whole; ``values`` are told of a part and a whole, with half their last digit. The factors
    of ``equations`` and ``bounds`` (by cell, None for the constant) add up to zero, or to no more than zero.
    """

    region: str
    months: int
    shown: dict[Cell, float] = field(default_factory=dict)
    hidden: set[Cell] = field(default_factory=set)
    untold: set[Cell] = field(default_factory=set)
    beside: set[Cell] = field(default_factory=set)
    ratios: set[tuple[Cell, Cell]] = field(default_factory=set)
    shares: set[tuple[Cell, Cell]] = field(default_factory=set)
    values: list[tuple[Cell, Cell | None, float, float]] = field(default_factory=list)
    equations: list[Terms] = field(default_factory=list)
    bounds: list[Terms] = field(default_factory=list)

    def tell(self, cell: Cell, row: Row, figure: str) -> None:
        if row[f"{figure}_status"] == "shown":
            self.shown[cell] = float(row[figure])
        elif row[f"{figure}_status"] == "suppressed":
            self.hidden.add(cell)


def attack(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str], fewest: int) -> list[str]:
    """Each hidden figure that follows from a year's tables, and each number that few stand behind beside them.

    ``tables`` are the annual tables and ``dim_indicator`` by name, each as SQL that can stand after ``from``. Few are
    less than ``fewest``. What is found is told by its cell, never by value.
    """
    book = _read(connection, tables)
    _add_values(book)
    _add_up(book)
    known = {**book.shown, **_pinned(book)}
    found = book.hidden & known.keys()
    found |= {cell for cell in book.beside if 0 < known.get(cell, 0) < fewest}
    # A value is hidden for its part, for its whole, or for both.
    found |= {part for part, whole in book.ratios if part in known and whole in known}
    found |= {part for part, whole, *_ in book.values if (part, whole) in book.ratios}
    return sorted(map(str, found))


def _read(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> _Book:
    """What each row says of numbers."""

    def rows(table: str) -> list[Row]:
        cursor = connection.execute(f"from {tables[table]}")
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    units = {row["indicator_id"]: row["unit"] for row in rows("dim_indicator")}
    follow_up = [row for row in rows(FOLLOW_UP) if row["indicator_id"] not in NOT_OF_PERSONS]
    book = _Book(
        max((row["region_code"] for row in follow_up), default=""),
        max((row["months_included"] for row in follow_up), default=0),
    )
    for row in follow_up:
        _read_indicator(book, row, units[row["indicator_id"]])
    _read_amounts(book, follow_up)
    for row in rows(DIFFERENCES):
        _read_difference(book, row, units[row["indicator_id"]])
    for row in rows(COMMITMENTS):
        if row["indicator_id"] in units and row["measured_value_status"] == "shown":
            cells = cells_of(row["indicator_id"], row["year"], book.region, "all", 0)
            _value(book, cells, units[row["indicator_id"]], row["measured_value"])
    for table, figures in COUNTED.items():
        for row in rows(table):
            for figure in figures:
                kind = tuple(row.get(name, "all") for name in ("category", "severity", "reporting_party"))
                name = NAMES.get(figure, figure if kind == ("all", "all", "all") else (figure, *kind))
                book.tell((row["year"], row["municipality_code"], "all", 0, name), row, figure)
    for row in rows(MONTHS):
        month = row["month"]
        book.tell((month.year, book.region, "all", 0, ("ready_days", month.month)), row, "ready_days")
    return book


def cells_of(indicator: str, year: int, municipality: str, district: str, sex: int) -> tuple[Cell, Cell]:
    """An indicator's numerator and denominator: those that stand under several are one number."""
    part = {"beds_equivalent": "ready_days"}.get(indicator, indicator)
    whole = "spells" if indicator in SPELLS else "plans" if indicator in PLANS else f"of {indicator}"
    whole = "deviations" if indicator == "deviations_escalated" else whole
    place = (year, municipality, district, sex)
    return (*place, part), (*place, whole)


def _value(book: _Book, cells: tuple[Cell, Cell], unit: str, value: Any) -> None:
    """What a value tells of its part and whole; a count is its own part."""
    scale, half = 1000.0 if unit == "days_per_1000" else 1.0, HALVES.get(unit, 0.0)
    book.values.append((cells[0], cells[1] if half else None, float(value) / scale, half / scale))


def _read_indicator(book: _Book, row: Row, unit: str) -> None:
    place = (row["municipality_code"], row["district_code"], row["sex"])
    cells = part, whole = cells_of(row["indicator_id"], row["year"], *place)
    is_ratio = unit in ("share", "mean_days")
    if unit != "sek":
        book.tell(part, row, "numerator")
        book.tell(whole, row, "denominator")
        if row["value_status"] == "shown":
            _value(book, cells, unit, row["value"])
    if is_ratio and row["value_status"] == "suppressed":
        book.ratios.add(cells)
    if unit == "share":
        book.shares.add(cells)
    if row["sex"] == 0:
        _read_year_before(book, row, unit)


def _read_year_before(book: _Book, row: Row, unit: str) -> None:
    """The value of the year before, and what it and the change give of this year's."""
    place = (row["municipality_code"], row["district_code"], 0)
    cells = cells_of(row["indicator_id"], row["year"] - 1, *place)
    if unit in ("count", "days"):
        book.tell(cells[0], row, "value_previous_year")
    elif unit not in ("share", "mean_days") or row["value_previous_year_status"] == "missing":
        return
    else:
        book.untold |= set(cells)
        if row["value_previous_year_status"] == "suppressed":
            book.ratios.add(cells)
    if unit == "share":
        book.shares.add(cells)
    value, before, change = (row[name] for name in ("value", "value_previous_year", "change"))
    if change is not None:
        before = value - change if before is None and value is not None else before
        if value is None and before is not None:
            _value(book, cells_of(row["indicator_id"], row["year"], *place), unit, before + change)
    if before is not None:
        _value(book, cells, unit, before)


def _read_amounts(book: _Book, follow_up: Sequence[Row]) -> None:
    """Where all shown amounts are of one rate, an amount gives its days."""
    amounts = {
        (row["municipality_code"], row["year"]): float(row["value"])
        for row in follow_up
        if row["indicator_id"] == "liable_amount" and row["value"] is not None
    }
    days = {place: (place[1], place[0], "all", 0, "liable_days") for place in amounts}
    rates = {amounts[place] / book.shown[cell] for place, cell in days.items() if book.shown.get(cell)}
    if len(rates) == 1:
        rate = rates.pop()
        book.equations += [{cell: rate, None: -amounts[place]} for place, cell in days.items() if amounts[place]]


def _read_difference(book: _Book, row: Row, unit: str) -> None:
    """Both sides of a difference; the rest of the county is a place that no row has."""
    at = (row["indicator_id"], row["year"], row["municipality_code"], row["district_code"])
    one = cells_of(*at, 2 if row["comparison"] == "women_men" else 0)
    if row["comparison"] == "women_men":
        other = cells_of(*at, 1)
    elif row["comparison"] == "previous_year":
        other = cells_of(row["indicator_id"], row["year"] - 1, *at[2:], 0)
    else:
        county = cells_of(*at[:2], book.region, "all", 0)
        other = tuple((*cell[:-1], ("beside", cell[-1])) for cell in one)  # type: ignore[assignment]
        for whole, part, rest in zip(county, one, other, strict=True):
            book.beside.add(rest)
            book.equations.append({whole: -1.0, part: 1.0, rest: 1.0})
        if unit == "share":
            book.shares.add(other)
    value, compared, difference = (row[name] for name in ("value", "compared_value", "difference"))
    if difference is not None:
        compared = value - difference if compared is None and value is not None else compared
        value = compared + difference if value is None and compared is not None else value
    for cells, of, told in ((one, "denominator", value), (other, "compared_denominator", compared)):
        if row[of] is not None:
            book.shown[cells[1]] = float(row[of])
        if told is not None:
            _value(book, cells, unit, told)


def _add_values(book: _Book) -> None:
    """A value, with what it was rounded by, gives the part of a known whole, or bounds it."""
    for part, whole, value, half in book.values:
        of = book.shown.get(whole, 0.0) if whole else 1.0
        if of and floor(of * (value + half) + SMALL) == ceil(of * (value - half) - SMALL):
            book.shown.setdefault(part, float(round(of * value)))
        else:
            for side in (-1.0, 1.0):
                book.bounds.append({part: side, whole: -side * (value + side * half)})


def _add_up(book: _Book) -> None:
    """What adds up to what, and what is left: numbers that no table has, and anyone can reckon."""
    cells = {*book.shown, *book.hidden, *book.untold}
    parts: dict[tuple[Cell, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        year, municipality, district, sex, name = cell
        if isinstance(name, tuple) and name[0] == "beside":
            continue
        if district != "all":
            parts[(year, municipality, "all", sex, name), "district"].append(cell)
        elif municipality != book.region:
            parts[(year, book.region, "all", sex, name), "municipality"].append(cell)
        if sex:
            parts[(year, municipality, district, 0, name), "sex"].append(cell)
        if isinstance(name, tuple) and len(name) == 4:
            whole = name[0] if name[2:] == ("all", "all") else (*name[:2], "all", "all")
            parts[(*cell[:-1], whole), "kind"].append(cell)
        if isinstance(name, tuple) and len(name) == 2 and name[1] <= book.months:
            parts[(*cell[:-1], name[0]), "month"].append(cell)
        if name in STEPS:
            parts[(*cell[:-1], "deviations_escalated"), "step"].append(cell)
        if name == "of day_zero" and municipality == book.region:
            parts[(*cell[:-1], "of mean_including_day_zero"), "same"].append(cell)
    for (total, kind), of_total in parts.items():
        terms: Terms = {total: -1.0, **dict.fromkeys(of_total, 1.0)}
        if total[-1] == "ready_days_per_1000" and kind == "district":
            # Days for which no inhabitants are known are in no district's row.
            book.beside.add(rest := (*total[:-1], ("of no district", total[-1])))
            terms[rest] = 1.0
        if total in cells:
            book.equations.append(terms)
    for part, whole in book.shares:
        rest = (*whole[:-1], ("not", part[-1]))
        book.beside.add(rest)
        book.equations.append({whole: -1.0, part: 1.0, rest: 1.0})
    for cell in cells:
        if cell[-1] in WAITS[:2]:
            longer = (*cell[:-1], WAITS[WAITS.index(cell[-1]) + 1])
            rest = (*cell[:-1], ("no longer", cell[-1]))
            book.beside.add(rest)
            book.equations.append({cell: -1.0, longer: 1.0, rest: 1.0})


def _pinned(book: _Book) -> dict[Cell, float]:
    """The unknowns that can be one whole number only, with it; a number that no row tells of is zero."""
    unknown = sorted({*book.hidden, *book.untold, *book.beside} - book.shown.keys(), key=str)
    column = {cell: number for number, cell in enumerate(unknown)}
    rows, columns, factors, is_equation = [], [], [], []
    right: list[float] = []
    for terms, equal in [(one, True) for one in book.equations] + [(one, False) for one in book.bounds]:
        free = [(column[cell], factor) for cell, factor in terms.items() if cell in column and factor]
        if free:
            rows += [len(right)] * len(free)
            columns += [one for one, _ in free]
            factors += [factor for _, factor in free]
            known = {cell: book.shown.get(cell, 0.0) if cell else 1.0 for cell in terms if cell not in column}
            right.append(-sum(terms[cell] * value for cell, value in known.items()))
            is_equation.append(equal)
    if not right:
        return {}
    program = Program(
        csr_matrix((factors, (rows, columns)), shape=(len(right), len(unknown))),
        np.array(right),
        np.array(is_equation),
        np.zeros(len(unknown)),
    )
    return {unknown[number]: value for number, value in program.pinned(must_fit=False).items()}
