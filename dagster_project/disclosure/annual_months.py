"""The years' numbers as sums of months that the open tables show or hide: what a year must not tell of them.

A system for each number and year: its hidden months in all places, the sums that tie them, and the year's own. So what
follows from several numbers at once is not counted, since all months together are too many. The open tables stand: only
the year's numbers can be hidden.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb

from dagster_project.disclosure.annual_cells import Cell, Cells, numbers
from dagster_project.disclosure.annual_earlier import Earlier

_ALL = "where care_area = 'all' and age_band = 'all'"
_PLACE = "month, municipality_code, district_code, current_district_code"
_WHOLE = "month, municipality_code, 'all', 'all'"
_POPULATION = "case population when 'lus' then 'readmission_7_days_lus' else 'readmission_7_days' end"

_NUMBERS = {
    "mart_process_indicators_monthly": (f"{_PLACE}, sex, indicator, ''", _ALL, ("numerator", "denominator")),
    "mart_readmissions_headline": (f"{_WHOLE}, 0, {_POPULATION}, ''", "", ("readmissions", "index_discharges")),
    "mart_readmissions_headline_district": (
        f"{_PLACE}, 0, {_POPULATION}, ''", "where district_code <> 'all'", ("readmissions", "index_discharges"),
    ),
    "mart_ready_days_monthly": (
        f"{_PLACE}, sex, '', ''", _ALL, ("ready_days", "ready_days_of_discharged", "intervals_discharged"),
    ),
    "mart_payment_responsibility_monthly": (
        f"{_WHOLE}, 0, '', payment_class || ' ' || agreement_id", "", ("liable_days",),
    ),
}  # fmt: skip
"""By open table: month, place (district as of then and of today), sex, indicator and kind; its rows and figures."""

_NAMES = {
    "ready_days_of_discharged": "mean_excluding_day_zero",
    "intervals_discharged": "of mean_including_day_zero",
}


@dataclass(frozen=True, order=True)
class Month:
    """A number of one month and place; ``kind`` tells apart what a year adds up."""

    year: int
    month: int
    municipality: str
    district: str
    sex: int
    name: str
    kind: str

    @property
    def cell(self) -> Cell:
        return self.year, self.municipality, self.district, self.sex, f"{self.name} {self.month:02} {self.kind}"


@dataclass
class Told:
    """What a release's open tables tell of months: the true numbers, which are hidden, districts as of today."""

    values: dict[Month, int] = field(default_factory=dict)
    hidden: set[Month] = field(default_factory=set)
    current: dict[Month, str] = field(default_factory=dict)


def read(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> Told:
    """``tables`` are a release's open ones by name, as ``tables.with_truth`` gives them."""
    told, shown = Told(), set[Month]()
    for table in sorted(_NUMBERS.keys() & tables.keys()):
        columns, where, figures = _NUMBERS[table]
        numbered = ", ".join(f"{figure}_true, {figure}_status" for figure in figures)
        rows = connection.execute(f"select {columns}, {numbered} from {tables[table]} as told {where}").fetchall()
        for on, municipality, district, current, sex, indicator, kind, *values in rows:
            for figure, value, status in zip(figures, values[::2], values[1::2], strict=True):
                month = Month(on.year, on.month, municipality, district, sex, _name(indicator, figure), kind)
                told.values[month], told.current[month] = value, current
                (told.hidden if status == "suppressed" else shown).add(month)
    told.hidden -= shown
    return told


def _name(indicator: str, figure: str) -> str:
    if not indicator:
        return _NAMES.get(figure, figure)
    numerator, denominator = numbers(indicator)
    return denominator if figure in ("denominator", "index_discharges") else numerator


def zeros(told: Told, cells: Cells) -> set[Cell]:
    """The years' zeros, of both sexes, behind which a month is hidden: they would say that it is nothing any more."""
    hidden = {(one.year, one.municipality, told.current[one], 0, one.name) for one in told.hidden}
    return {cell for rows in cells.told.values() for *_, of in rows for cell in of} & hidden - cells.values.keys()


def systems(told: Told, cells: Cells, earlier: Sequence[Earlier], region: str) -> Iterator[tuple[Cells, set[Cell]]]:
    """For each number and year the months, with what ties them to each other and to the years' numbers in all tables.

    Beside it, which of ``cells`` are known, since every month of theirs is shown.
    """
    of_number: dict[tuple[str, int], list[Month]] = defaultdict(list)
    for month in sorted(told.values):
        of_number[month.name, month.year].append(month)
    for (name, year), mine in of_number.items():
        system = Cells(cells.fewest)
        for month in mine:
            system.beside[month.cell] = told.values[month]
            if month not in told.hidden:
                system.known.add(month.cell)
            else:
                system.hidden.add(month.cell)
                if told.values[month]:
                    system.above_zero.add(month.cell)
        _tie_places(system, mine, region)
        places: dict[tuple[str, str, int], list[Month]] = defaultdict(list)
        for month in mine:
            places[month.municipality, told.current[month], month.sex].append(month)
        own = [cell for cell in cells.values if (cell[0], cell[-1]) == (year, name)]
        sums = [(cell, cells.months, cells.values[cell]) for cell in own]
        sums += [
            ((*one.cell[:-1], f"{name} until {one.months}"), one.months, one.value)
            for one in earlier
            if one.value and (one.cell[0], one.cell[-1]) == (year, name)
        ]
        known = set()
        for cell, until, value in sums:
            parts = [month for month in places[cell[1], cell[2], cell[3]] if month.month <= until]
            # Where they do not add up, the months behind it were others.
            if sum(told.values[month] for month in parts) != value:
                continue
            system.values[cell] = value
            system.relations.append([cell, *(month.cell for month in parts)])
            if cell not in cells.values or cell in cells.known:
                system.known.add(cell)
            elif told.hidden.isdisjoint(parts):
                known.add(cell)
                system.known.add(cell)
            elif cell in cells.hidden:
                system.hidden.add(cell)
        yield system, known


def _tie_places(system: Cells, mine: Sequence[Month], region: str) -> None:
    """In each month: municipalities of the county, districts of their municipality, women and men of both."""
    totals: dict[tuple[Month, str], list[Cell]] = defaultdict(list)
    for month in mine:
        if month.district != "all":
            totals[replace(month, district="all"), "district"].append(month.cell)
        elif month.municipality != region:
            totals[replace(month, municipality=region), "municipality"].append(month.cell)
        if month.sex:
            totals[replace(month, sex=0), "sex"].append(month.cell)
    for (total, _), parts in totals.items():
        if system.beside.get(total.cell) == sum(system.beside[part] for part in parts):
            system.relations.append([total.cell, *parts])
