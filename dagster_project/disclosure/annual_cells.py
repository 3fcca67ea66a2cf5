"""The figures of a year in ``annual/`` as cells, with what ties them, and which rows tell of which cells.

A cell is one number behind the figures: of a year, a place, a sex. What stands in several tables, or under several
indicators, is one cell; shares, means, changes and amounts are no cells, but tell of some. Nor are zeros: they
are shown, and add nothing, but where they would say that an open month that is hidden is nothing any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagster_project.disclosure.primary import (
    COMMITMENTS,
    COOPERATION,
    DEVIATIONS,
    DIFFERENCES,
    FIGURES,
    FOLLOW_UP,
    MONTHS,
    NOT_OF_PERSONS,
)  # fmt: skip

Cell = tuple[int, str, str, int, str]
"""Year, municipality or county, district, sex, and which number it is."""

Row = Mapping[str, Any]

WAITS = ("long_wait_7", "long_wait_14", "long_wait_30")
_OF_SPELLS = (
    "admission_notice_24h", "planned_date_changed", "ready_withdrawn", "weekend_discharge",
    "discharge_information_same_day", *WAITS,
)  # fmt: skip
_NAMES = {
    "beds_equivalent": "ready_days",
    "liable_amount": "liable_days",
    "discharges": "spells",
    "disputed_amount": "disputed_lines",
    "local_cooperation_deviations": "deviations local_cooperation all all",
    "of deviations_escalated": "deviations",
    **{f"of {indicator}": "spells" for indicator in _OF_SPELLS},
    **dict.fromkeys(("of sip_called_in_time", "of sip_held"), "plans"),
}
"""Numbers that stand under other names."""

_NOT_COUNTED = ("disputed_amount", "median_days_to_close")
_NOT_PROTECTED = ("of beds_equivalent", "of ready_days_per_1000")
"""Days and inhabitants: nobody's care stands behind them."""

EXACT = 10_000
"""Of fewer, a mean with four decimals gives the sum in whole numbers."""

ESCALATED = ("escalated_to_steering_group", "escalated_to_vis")


@dataclass
class Cells:
    """Of the years' first ``months``: ``values`` of cells that tables show or hide, ``beside`` of those that follow.

    ``hidden`` must not be computed: what the primary rule hides, and what few stand behind beside; and ``zeros``, with
    their parts. ``known`` are told elsewhere. What tables hide is one at least, if not zero, and so are ``above_zero``
    of the others. Of ``relations`` the first is
    the sum of the rest. ``told`` are by table a row's number, some of its figures, and the cells that they give away.
    """

    fewest: int
    zeros: Collection[Cell] = ()
    months: int = 0
    shares: set[tuple[Cell, Cell]] = field(default_factory=set)
    values: dict[Cell, int] = field(default_factory=dict)
    beside: dict[Cell, int] = field(default_factory=dict)
    hidden: set[Cell] = field(default_factory=set)
    known: set[Cell] = field(default_factory=set)
    above_zero: set[Cell] = field(default_factory=set)
    relations: list[list[Cell]] = field(default_factory=list)
    told: dict[str, list[tuple[int, tuple[str, ...], list[Cell]]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, cell: Cell, value: int | None, *, is_hidden: bool) -> Cell:
        """The cell of a number of a table; another number of the same name is a cell of its own."""
        if value is None or (value == 0 and not self._is_of_a_zero(cell)):
            return cell
        if self.values.setdefault(cell, value) != value:
            cell = (*cell[:-1], f"{cell[-1]} = {value}")
            self.values[cell] = value
        if is_hidden or not value:
            self.hidden.add(cell)
        return cell

    def _is_of_a_zero(self, cell: Cell) -> bool:
        year, municipality, district, _, name = cell
        # Where no wait is longer than a bound, none is longer than the next.
        names = WAITS[WAITS.index(name) :] if name in WAITS else (name,)
        return any((year, municipality, whole, 0, one) in self.zeros for whole in (district, "all") for one in names)

    def tie(self, total: Cell, parts: Iterable[Cell], rest: str = "", *, is_secret: bool = False) -> None:
        """Parts of a total, and what is left beside them: a cell that no table has, secret if so, or where it is few.

        Without a name for the rest there is a cell of it only where something is left.
        """
        held = [part for part in parts if part in self.values or self.value(part)]
        left = self.value(total) - sum(map(self.value, held))
        if not self.value(total) or left < 0:
            return
        if left or rest:
            held.append((*total[:-1], rest or f"rest {len(self.relations)}"))
            self.beside[held[-1]] = left
            if (left and is_secret) or self.is_few(left):
                self.hidden.add(held[-1])
        self.relations.append([total, *held])

    def value(self, cell: Cell) -> int:
        return self.values.get(cell) or self.beside.get(cell, 0)

    def is_few(self, value: int | None) -> bool:
        return value is not None and 0 < value < self.fewest


def read(
    rows: Callable[[str], list[Row]],
    units: Mapping[str, str],
    region: str,
    year: int,
    fewest: int,
    zeros: Collection[Cell] = (),
) -> Cells:
    """The cells of a year and the one before. ``rows`` gives an annual table's, true figures with their statuses.

    A row has its number as ``row``. ``units`` are by indicator; ``fewest`` is the least that may stand behind a figure,
    ``zeros`` are to be hidden.
    """
    cells = Cells(fewest, zeros)
    for row in rows(FOLLOW_UP):
        cells.months = row["months_included"]
        if row["indicator_id"] not in NOT_OF_PERSONS:
            _add_indicator(cells, row, year, units[row["indicator_id"]])
    for row in rows(DIFFERENCES):
        _add_difference(cells, row, year, units[row["indicator_id"]], region)
    for row in rows(COMMITMENTS):
        if row["indicator_id"]:
            whole = [(year, region, "all", 0, name) for name in numbers(row["indicator_id"])]
            cells.told[COMMITMENTS].append((row["row"], ("measured_value",), whole))
    for row in rows(DEVIATIONS):
        kind = " ".join(row[name] for name in ("category", "severity", "reporting_party"))
        for figure in FIGURES[DEVIATIONS]:
            name = "closed" if figure == "median_days_to_close" else figure
            name = name if kind == "all all all" else f"{name} {kind}"
            _add(cells, DEVIATIONS, row, figure, (year, row["municipality_code"], "all", 0, name))
    for row in rows(COOPERATION):
        for figure in FIGURES[COOPERATION]:
            name = _NAMES.get(figure, figure)
            _add(cells, COOPERATION, row, figure, (year, row["municipality_code"], "all", 0, name))
    for row in rows(MONTHS):
        _add(cells, MONTHS, row, "ready_days", (row["month"].year, region, "all", 0, f"ready_days {row['month']:%m}"))
    _tie(cells, region, year)
    return cells


def numbers(indicator: str) -> tuple[str, str]:
    """The names of an indicator's numerator and denominator."""
    return _NAMES.get(indicator, indicator), _NAMES.get(f"of {indicator}", f"of {indicator}")


def _add(cells: Cells, table: str, row: Row, figure: str, cell: Cell) -> None:
    if figure not in _NOT_COUNTED:
        cell = cells.add(cell, row[figure], is_hidden=row[f"{figure}_status"] == "suppressed")
    cells.told[table].append((row["row"], (figure,), [cell]))


def _add_indicator(cells: Cells, row: Row, year: int, unit: str) -> None:
    place = (row["municipality_code"], row["district_code"], row["sex"])
    numerator, denominator = now = [(year, *place, name) for name in numbers(row["indicator_id"])]
    cells.add(numerator, row["numerator"], is_hidden=row["value_status"] == "suppressed")
    if denominator[-1] not in _NOT_PROTECTED:
        cells.add(denominator, row["denominator"], is_hidden=cells.is_few(row["denominator"]))
    if unit == "share":
        cells.shares.add((numerator, denominator))
    for figures, told in ((("numerator",), now[:1]), (("denominator",), now[1:]), (("value", "change"), now)):
        cells.told[FOLLOW_UP].append((row["row"], figures, told))
    if row["sex"] == 0:
        before = [(year - 1, *cell[1:]) for cell in now]
        if unit in ("count", "days"):
            was_hidden = row["value_previous_year_status"] == "suppressed"
            cells.add(before[0], int(row["value_previous_year"] or 0), is_hidden=was_hidden)
        cells.told[FOLLOW_UP].append((row["row"], ("value_previous_year", "change"), before))


def _add_difference(cells: Cells, row: Row, year: int, unit: str, region: str) -> None:
    place = (row["municipality_code"], row["district_code"])
    others = {
        "women_men": [(year, *place, 2), (year, *place, 1)],
        "rest_of_county": [(year, *place, 0), (year, region, "all", 0)],
        "previous_year": [(year, *place, 0), (year - 1, *place, 0)],
    }[row["comparison"]]
    told = [(*one, name) for one in others for name in numbers(row["indicator_id"])]
    cells.told[DIFFERENCES].append((row["row"], FIGURES[DIFFERENCES], told))
    if row["comparison"] == "previous_year":
        *_, numerator, denominator = told
        of = row["compared_denominator"]
        part = round(row["compared_value"] * of)
        cells.add(denominator, of, is_hidden=cells.is_few(of))
        if unit == "share":
            cells.add(numerator, part, is_hidden=any(map(cells.is_few, (of, part, of - part))))
            cells.shares.add((numerator, denominator))
        elif of < EXACT:
            cells.add(numerator, part, is_hidden=cells.is_few(of))


def _tie(cells: Cells, region: str, year: int) -> None:
    """What adds up to what, and the numbers beside that few stand behind."""
    for total, parts in _totals(cells.values, region):
        # Of the year before no table has the number of a place without care in the year: its value is hidden.
        cells.tie(total, parts, is_secret=total[0] < year)
    for of_year in (year - 1, year):
        days = (of_year, region, "all", 0, "ready_days")
        cells.tie(days, [(*days[:-1], f"ready_days {month:02}") for month in range(1, cells.months + 1)])
    for place in sorted({cell[:-1] for cell in cells.values}):
        for longer, shorter in ((WAITS[1], WAITS[0]), (WAITS[2], WAITS[1])):
            cells.tie((*place, shorter), [(*place, longer)], f"{shorter} and not {longer}")
        cells.tie((*place, "deviations_escalated"), [(*place, name) for name in ESCALATED])
    for numerator, denominator in sorted(cells.shares):
        rest = (*numerator[:-1], f"others than {numerator[-1]}")
        cells.tie(denominator, [numerator], rest[-1])
        for one in (numerator, denominator, rest):
            county = (one[0], region, "all", 0, one[-1])
            if one[3] == 0 and cells.is_few(cells.value(county) - cells.value(one)):
                cells.tie(county, [one], f"{one[-1]} beside {one[1]} {one[2]}")


def _totals(values: Iterable[Cell], region: str) -> list[tuple[Cell, list[Cell]]]:
    """Each total with its parts: municipalities of the county, districts, sexes, kinds of deviation."""
    found: dict[tuple[Cell, str], list[Cell]] = defaultdict(list)
    for cell in sorted(values):
        year, municipality, district, sex, name = cell
        if district != "all":
            found[(year, municipality, "all", sex, name), "district"].append(cell)
        elif municipality != region:
            found[(year, region, "all", sex, name), "municipality"].append(cell)
        if sex:
            found[(year, municipality, district, 0, name), "sex"].append(cell)
        figure, *kind = name.split(" ")
        if len(kind) == 3:  # of deviations: category, severity, reporting party
            whole = figure if kind[1:] == ["all", "all"] else f"{figure} {kind[0]} all all"
            found[(*cell[:-1], whole), "kind"].append(cell)
    return [(total, parts) for (total, _), parts in found.items()]
