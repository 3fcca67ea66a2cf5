"""The attacker: what a reader of every open file published so far can compute of what is hidden (rules §9).

It knows the open tables and the contract, and nothing of how cells were chosen: it shares no code with what hides
them. What a reader knows becomes linear: parts add up to totals, shares and means follow from figures, a row that is
not there is zero, a hidden figure is at least one where it was not hidden before, and what a later release shows
unchanged has not changed. Every hidden figure whose feasible range holds a single whole number is found, and of years
what their months do not tell (``attack_years.py``). The assumptions are argued in docs/decisions/disclosure.md.

Who believes a figure unchanged that did change reckons wrongly, or finds that nothing fits. The gate knows which did:
where the tables hold the true figures, it attacks as the reader who believes only what is so.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from math import sqrt
from typing import Any

import duckdb
import numpy as np
from scipy.sparse import csr_matrix

from dagster_project.disclosure import attack_years
from dagster_project.disclosure.attack_ranges import Program

Cell = tuple[Any, ...]
"""(figure, part, municipality, district, care area, sex, age band): one number that a reader can ask for."""

Row = dict[str, Any]

SAME_SPELLS = (
    "admission_notice_24h", "planned_date_changed", "ready_withdrawn", "weekend_discharge",
    "discharge_information_same_day", "long_wait_7", "long_wait_14", "long_wait_30",
)  # fmt: skip
SAME_PLANS = ("sip_called_in_time", "sip_held")
NESTED = (("long_wait_7", "long_wait_14"), ("long_wait_14", "long_wait_30"))

DEVIATIONS = "mart_deviations_annual"
ESCALATED = ("escalated_to_steering_group", "escalated_to_vis")


@dataclass(frozen=True, order=True)
class Found:
    """A hidden figure that can be computed: in which release (by its place in the list), which cell, and its value."""

    release: int
    month: date
    cell: str
    value: int


@dataclass
class _Month:
    """A month as one release shows it. ``shown`` are values by cell, ``hidden`` the suppressed ones.

    ``contradictory`` are shown by one table and suppressed by another, ``implied`` in no table, ``counts`` shown and at
    least as many as the persons behind them. ``equations`` are terms
    that add up to zero; ``bounds`` terms that are not above zero. ``true`` is the value of every figure, if told.
    """

    rows: dict[str, list[Row]]
    true: dict[Cell, int]
    shown: dict[Cell, int] = field(default_factory=dict)
    hidden: set[Cell] = field(default_factory=set)
    contradictory: set[Cell] = field(default_factory=set)
    implied: set[Cell] = field(default_factory=set)
    counts: set[Cell] = field(default_factory=set)
    equations: list[dict[Cell, float]] = field(default_factory=list)
    bounds: list[dict[Cell | None, float]] = field(default_factory=list)
    totals: dict[Cell, list[Cell]] = field(default_factory=lambda: defaultdict(list))
    current: dict[str, str] = field(default_factory=dict)


def attack(
    releases: Sequence[Mapping[str, str]],
    fewest_persons: Mapping[date, int],
    truth: Sequence[Mapping[str, str]] | None = None,
    threads: int = 1,
) -> list[Found]:
    """Every hidden figure of any release that the releases together give away, in order; and what should be hidden.

    That is a figure of the last release of fewer than the least number of persons, if none before showed it so.

    ``releases`` are the open tables by name, each as SQL that can stand after ``from``, the first published first.
    ``fewest_persons`` is, by month, the least that may be told of cells that no table has. ``truth`` are the same
    tables with what they hide as ``<figure>_true``: given that, only what is so is believed unchanged. A month that the
    last release shows (and hides) just as the one before it that holds the month is not attacked again; the others are,
    side by side. Raises duckdb.Error where a table cannot be read, and ValueError where the truth does not fit what the
    tables show.
    """
    # Never on disk: what the truth holds is hidden.
    with duckdb.connect(config={"temp_directory": ""}) as connection:
        told = [_with_months(tables) for tables in truth or releases]
        months = _newly_told(connection, told)
        read = [_read(connection, tables, months) for tables in told] if months else []
        of_years = [Found(len(releases) - 1, *found) for found in attack_years.attack(connection, releases[-1])]

    def of_month(month: date) -> list[Found]:
        vintages: list[tuple[int, _Month]] = []
        told = None
        for number, release in enumerate(read):
            if month in release and told != (told := (release[month].rows, release[month].true)):
                vintages.append((number, release[month]))
        for _, vintage in vintages:
            _understand(vintage)
        return _attack_month(month, vintages, fewest_persons[month], is_true=truth is not None)

    with ThreadPoolExecutor(threads) as pool:
        return sorted([*of_years, *(found for of_one in pool.map(of_month, months) for found in of_one)])


def _with_months(tables: Mapping[str, str]) -> dict[str, str]:
    """The tables that tell cells, each with a month: a year's deviations belong to its last."""
    return {
        name: f"(select make_date(year, 12, 1) as month, * from {relation})" if name == DEVIATIONS else relation
        for name, relation in tables.items()
        if name != attack_years.TABLE
    }


def _newly_told(connection: duckdb.DuckDBPyConnection, releases: Sequence[Mapping[str, str]]) -> list[date]:
    """The months that the last release tells otherwise than the newest one before it that holds them."""
    prints = _fingerprints(connection, releases[-1])
    months, left = set(prints), set(prints)
    for tables in reversed(releases[:-1]):
        before = _fingerprints(connection, tables) if left else {}
        months -= {month for month in left & set(before) if before[month] == prints[month]}
        left -= set(before)
    return sorted(months)


def _fingerprints(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> dict[date, dict[str, int]]:
    """A number for each month and table that tells rows from others."""
    found: dict[date, dict[str, int]] = defaultdict(dict)
    for table, relation in tables.items():
        # Which month is the newest says nothing of a figure.
        rows = f"select columns(name -> name <> 'status') from {relation}"
        hashed = f"select month, sum(hash(rows)) from ({rows}) as rows group by month"
        for month, number in connection.execute(hashed).fetchall():
            found[month][table] = int(number)
    return found


def _read(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str], of: Sequence[date]) -> dict[date, _Month]:
    """Rows by month and table, in order of all columns, so that equal months are equal."""
    months: dict[date, _Month] = defaultdict(lambda: _Month(defaultdict(list), {}))
    for table, relation in sorted(tables.items()):
        cursor = connection.execute(f"from {relation} where month in ({', '.join('?' * len(of))}) order by all", of)
        names = [column[0] for column in cursor.description or []]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            row.pop("status", None)
            month = months[row["month"]]
            true = {name: row.pop(name) for name in names if name.endswith("_true")}
            month.rows[table].append(row)
            for figure, cell in _cells_of(table, row):
                if f"{figure}_true" in true and row[f"{figure}_status"] != "missing":
                    month.true[cell] = true[f"{figure}_true"]
    return months


def _understand(month: _Month) -> None:
    """Fill in what follows from the rows."""
    for table, of_table in month.rows.items():
        for row in of_table:
            month.current.setdefault(row.get("district_code", "all"), row.get("current_district_code", "all"))
            for figure, cell in _cells_of(table, row):
                if row[f"{figure}_status"] == "suppressed":
                    month.hidden.add(cell)
                elif row[f"{figure}_status"] == "shown":
                    month.shown[cell] = int(row[figure])
                    # Days of a mean can be fewer than the persons with days above the level: others are below it.
                    if figure != "liable_days" or row["model"] != "mean":
                        month.counts.add(cell)
    month.contradictory = month.hidden & set(month.shown)
    month.hidden -= month.contradictory
    _add_totals(month)
    _add_complements(month)
    _add_ratios(month)
    _add_payment(month)
    _add_outside_means(month)


def _cells_of(table: str, row: Row) -> Iterator[tuple[str, Cell]]:
    place = (row["municipality_code"], row.get("district_code", "all"))
    group = (row.get("care_area", "all"), row.get("sex", 0), row.get("age_band", "all"))
    if table == "mart_ready_days_monthly":
        for figure in ("ready_days", "ready_days_of_discharged", "intervals_discharged", "open_at_month_end"):
            yield figure, (figure, "", *place, *group)
    elif table.startswith("mart_payment_responsibility"):
        for figure in ("intervals", "sum_days", "liable_days", "liable_days_alternative"):
            yield figure, (figure, (row["payment_class"], row["agreement_id"]), *place, "all", 0, "all")
    elif table.startswith("mart_readmissions"):
        if "headline" in table:
            group = ("all", 0, "headline")
        for figure in ("index_discharges", "readmissions"):
            yield figure, (figure, row["population"], *place, *group)
    elif table == DEVIATIONS:
        for figure in ("deviations", "closed", *ESCALATED):
            yield figure, (figure, row["category"], *place, *group)
    elif table == "mart_process_indicators_monthly":
        for figure in ("numerator", "denominator"):
            yield figure, (figure, row["indicator"], *place, *group)


def _add_totals(month: _Month) -> None:
    """Municipalities make the county, districts their municipality; care areas, sexes and ages all of a place.

    So do kinds of deviation.
    """
    county = next((row["region_code"] for rows in month.rows.values() for row in rows), "")
    parts: dict[tuple[Cell, str], list[Cell]] = defaultdict(list)
    cells = {*month.shown, *month.hidden}
    for cell in cells:
        figure, part, municipality, district, care_area, sex, age_band = cell
        if district != "all":
            parts[(figure, part, municipality, "all", care_area, sex, age_band), "place"].append(cell)
        elif municipality != county:
            parts[(figure, part, county, "all", care_area, sex, age_band), "place"].append(cell)
        if care_area != "all":
            parts[(figure, part, municipality, district, "all", sex, age_band), "care_area"].append(cell)
        if sex != 0:
            parts[(figure, part, municipality, district, care_area, 0, age_band), "sex"].append(cell)
        if figure in ("deviations", "closed", *ESCALATED) and part != "all":
            parts[(figure, "all", municipality, district, care_area, sex, age_band), "kind"].append(cell)
        if age_band not in ("all", "headline"):
            parts[(figure, part, municipality, district, care_area, sex, "all"), "age_band"].append(cell)
    for (total, _), of_total in parts.items():
        if total in cells:
            month.equations.append({total: -1.0, **dict.fromkeys(of_total, 1.0)})
            for cell in of_total:
                month.totals[cell].append(total)


def _add_complements(month: _Month) -> None:
    """What is left when a part is taken from its whole: a cell that no table has, and that a reader computes."""
    cells = {*month.shown, *month.hidden}
    for cell in cells:
        figure, part, *where = cell
        if figure in ("denominator", "index_discharges"):
            of = "numerator" if figure == "denominator" else "readmissions"
            _split(month, cell, [(of, part, *where)], ("not " + of, part, *where))
        if figure == "deviations":
            _split(month, cell, [("closed", part, *where)], ("not closed", part, *where))
            _split(month, cell, [(name, part, *where) for name in ESCALATED], ("not escalated", part, *where))
        for shorter, longer in NESTED:
            if figure == "numerator" and part == shorter and (figure, longer, *where) in cells:
                _split(month, cell, [(figure, longer, *where)], ("not longer", part, *where))
        if figure == "denominator":
            _add_same_number(month, cell, cells)
        if figure == "denominator" and part in (SAME_PLANS[0], "day_zero"):
            _split(month, (figure, SAME_SPELLS[0], *where), [cell], (figure, "not " + part, *where))
        # Who was ready at the discharge went home, or to another unit, or lives in another county.
        with_readiness = ("index_discharges", "lus", *where)
        if figure == "denominator" and part in (SAME_SPELLS[0], "day_zero") and with_readiness in cells:
            _split(month, cell, [with_readiness], (figure, part + " not lus", *where))
    for cell in {*cells, *month.implied}:
        figure, part, *where = cell
        if part == "lus":
            _split(month, (figure, "all", *where), [cell], (figure, "other", *where))
    for cell in [cell for cell in {*cells, *month.implied} if cell[-1] == "headline"]:
        _add_headline(month, cell)


def _add_same_number(month: _Month, cell: Cell, cells: set[Cell]) -> None:
    """A denominator that stands in several places is one number."""
    figure, part, *where = cell
    twins = [(figure, SAME_SPELLS[0], *where)] if part in SAME_SPELLS[1:] else []
    twins += [(figure, SAME_PLANS[0], *where)] if part == SAME_PLANS[1] else []
    # Counted by payer here and by registration there, by the case's care area and the last stay's: only the county's
    # sum, sexes and ages are one number.
    if part == "day_zero" and len(where[0]) == 2 and where[2] == "all":
        twins.append(("intervals_discharged", "", *where))
    month.equations += [{cell: 1.0, twin: -1.0} for twin in twins if twin in cells]


def _split(month: _Month, whole: Cell, parts: Iterable[Cell], rest: Cell) -> None:
    if whole in month.shown or whole in month.hidden or whole in month.implied:
        month.implied.add(rest)
        month.equations.append({whole: -1.0, **dict.fromkeys(parts, 1.0), rest: 1.0})


def _add_headline(month: _Month, cell: Cell) -> None:
    """Beside the headline stand three groups: 65 and older in other care, and the younger in either."""
    figure, part, municipality, district, *_ = cell
    place = (figure, part, municipality, district)
    known = {*month.shown, *month.hidden, *month.implied}
    older, younger, others = (
        (*place, "all", 0, name) for name in ("65+ other care", "0-64 same care", "0-64 other care")
    )
    month.implied |= {older, younger, others}
    if (*place, "all", 0, "all") in known:
        month.equations.append({(*place, "all", 0, "all"): -1.0, cell: 1.0, older: 1.0, younger: 1.0, others: 1.0})
    ages = [(*place, "all", 0, age) for age in ("65-79", "80+")]
    if any((*place, "all", 0, age) in known for age in ("0-17", "18-64", "65-79", "80+")):
        month.equations.append({cell: -1.0, older: -1.0, **dict.fromkeys(ages, 1.0)})
    areas = [(*place, area, 0, "all") for area in ("somatic", "geriatric")]
    if any((*place, area, 0, "all") in known for area in ("somatic", "geriatric", "psychiatric", "addiction")):
        month.equations.append({cell: -1.0, younger: -1.0, **dict.fromkeys(areas, 1.0)})


def _add_ratios(month: _Month) -> None:
    """A shown ratio of figures bounds them, by half of its last digit."""
    for table, rows in month.rows.items():
        for row in rows:
            cells = dict(_cells_of(table, row))
            for name, above, below, half in (
                ("share", "numerator", "denominator", 5e-7),
                ("share", "readmissions", "index_discharges", 5e-7),
                ("mean_days", "sum_days", "intervals", 5e-5),
            ):
                if above in cells and row.get(f"{name}_status") == "shown":
                    ratio = float(row[name])
                    month.bounds.append({cells[above]: 1.0, cells[below]: -(ratio + half)})
                    month.bounds.append({cells[above]: -1.0, cells[below]: ratio - half})
            if row.get("beds_equivalent_status") == "shown":
                days = monthrange(row["month"].year, row["month"].month)[1]
                beds = float(row["beds_equivalent"]) * days
                month.bounds.append({cells["ready_days"]: 1.0, None: -(beds + 5e-5 * days)})
                month.bounds.append({cells["ready_days"]: -1.0, None: beds - 5e-5 * days})
            for name in ("share_low", "share_high"):
                if row.get(f"{name}_status") == "shown" and cells["index_discharges"] in month.shown:
                    n = month.shown[cells["index_discharges"]]
                    fits = [k for k in range(n + 1) if abs(_wilson(k, n, name) - float(row[name])) < 1e-6]
                    if fits:
                        month.bounds.append({cells["readmissions"]: 1.0, None: -float(max(fits))})
                        month.bounds.append({cells["readmissions"]: -1.0, None: float(min(fits))})


def _wilson(k: int, n: int, name: str) -> float:
    z, p = 1.959964, k / n
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (p + z * z / (2 * n) + (half if name == "share_high" else -half)) / (1 + z * z / n)


def _add_payment(month: _Month) -> None:
    """Days of a mean follow from its sum and number, and amounts from days: where every shown row says so."""
    rows = month.rows.get("mart_payment_responsibility_monthly", [])
    by_agreement: dict[tuple[str, str], list[tuple[Row, dict[str, Cell]]]] = defaultdict(list)
    for row in rows:
        cells = dict(_cells_of("mart_payment_responsibility_monthly", row))
        by_agreement[row["payment_class"], row["agreement_id"]].append((row, cells))
    for alike in by_agreement.values():
        rates = {row["amount"] / row["liable_days"] for row, _ in alike if row["liable_days"] and row["amount"]}
        level = alike[0][0]["last_free_day"]
        means = [
            (row, cells)
            for row, cells in alike
            if row["model"] == "mean" and row["municipality_code"] != row["region_code"]
        ]
        told = [row for row, _ in means if row["liable_days"] and row["sum_days"] is not None and row["intervals"]]
        holds = bool(told) and all(row["liable_days"] == row["sum_days"] - level * row["intervals"] for row in told)
        for row, cells in means:
            # A mean that is not above the level has no days, whatever the formula gives.
            is_above = month.true.get(cells["liable_days"], 1) > 0
            if holds and is_above and (row["liable_days_status"] == "suppressed" or row["liable_days"]):
                month.equations.append(
                    {cells["liable_days"]: 1.0, cells["sum_days"]: -1.0, cells["intervals"]: float(level)}
                )
        # Where there is no rate, days have no amount, and no days have one.
        hidden = [(row["amount_status"], cells) for row, cells in alike if row["liable_days_status"] == "suppressed"]
        if {status for status, _ in hidden} == {"missing", "suppressed"}:
            month.equations += [{cells["liable_days"]: 1.0} for status, cells in hidden if status == "suppressed"]
        for row, cells in alike:
            for name in ("amount", "amount_to_invoice"):
                if row[f"{name}_status"] == "shown" and row["liable_days_status"] == "suppressed" and len(rates) == 1:
                    days = float(row[name] / next(iter(rates)))
                    month.bounds.append({cells["liable_days"]: 1.0, None: -days})
                    month.bounds.append({cells["liable_days"]: -1.0, None: days})


def _add_outside_means(month: _Month) -> None:
    """Intervals that ended in a discharge and are not counted in a mean: of all, and of its class by care area."""
    cells = {*month.shown, *month.hidden}
    areas = defaultdict(set)
    for row in month.rows.get("mart_ready_days_monthly", []):
        areas[row["payment_class"]].add(row["care_area"])
    for table in ("mart_payment_responsibility_monthly", "mart_payment_responsibility_district_monthly"):
        for row in month.rows.get(table, []):
            counted = next(cell for figure, cell in _cells_of(table, row) if figure == "intervals")
            if row["model"] != "mean" or counted not in cells:
                continue
            _, part, *place = counted[:4]
            discharged = {
                area: ("intervals_discharged", "", *place, area, 0, "all")
                for area in ("all", *sorted(areas[row["payment_class"]]))
            }
            _split(month, discharged.pop("all"), [counted], ("not in the mean", part, *place, "all", 0, "all"))
            of_class = [cell for cell in discharged.values() if cell in cells]
            if of_class:
                rest = ("not in the mean", part, *place, "of the class", 0, "all")
                month.implied.add(rest)
                month.equations.append({counted: 1.0, rest: 1.0, **dict.fromkeys(of_class, -1.0)})


def _attack_month(
    month: date, vintages: list[tuple[int, _Month]], fewest_persons: int, *, is_true: bool
) -> list[Found]:
    """The newest vintage alone, and all together with what did not change from one to the next, or is believed so.

    What changed and is believed to be again what it was is alike in vintages that do not follow each other.
    """
    links = [
        link
        for (place, (before, earlier)), (next_, (after, later)) in combinations(enumerate(vintages), 2)
        for link in _unchanged(before, earlier, after, later)
        if (not is_true or _is_so(link, vintages))
        and (next_ == place + 1 or not _stood(link, earlier, [between for _, between in vintages[place + 1 : next_]]))
    ]
    may_be_zero = {
        (number, cell)
        for place, (number, later) in enumerate(vintages)
        for cell in later.hidden
        if any(cell in earlier.hidden for _, earlier in vintages[:place]) or (is_true and later.true.get(cell) == 0)
    }
    pinned = _pinned(vintages, links, may_be_zero, is_true=is_true) if links else {}
    if not (links and is_true):
        # What nothing fits is given up: then the newest says more by itself.
        pinned |= _pinned(vintages[-1:], [], may_be_zero, is_true=is_true)
    newest, shown = vintages[-1]
    few = {
        cell
        for cell in shown.counts
        if 0 < shown.shown[cell] < fewest_persons
        and not any(earlier.shown.get(cell) == shown.shown[cell] for _, earlier in vintages[:-1])
    }
    found = [_found(newest, month, cell, shown.shown[cell]) for cell in shown.contradictory | few]
    for (number, cell), value in pinned.items():
        if cell in dict(vintages)[number].hidden:
            # What was shown before with the value that it still has cannot be taken back.
            is_told = any(before < number and earlier.shown.get(cell) == value for before, earlier in vintages)
        else:
            is_told = not 0 < value < fewest_persons
        if not is_told:
            found.append(_found(number, month, cell, value))
    return found


def _stood(link: Mapping[Any, float], earlier: _Month, others: Iterable[_Month]) -> bool:
    """Whether the totals of what is believed unchanged stood in all others: then nothing says that it ever changed."""
    (_, cell), *_ = link
    return all(_same_totals(cell, earlier, other) for other in others)


def _is_so(link: Mapping[Any, float], vintages: Iterable[tuple[int, _Month]]) -> bool:
    """Whether the true figures of a belief add up to zero."""
    true = {number: month.true for number, month in vintages}
    return not sum(factor * true[number].get(cell, 0) for (number, cell), factor in link.items())


def _found(number: int, month: date, cell: Cell, value: int) -> Found:
    return Found(number, month, " ".join(str(name) for name in cell if name != ""), value)


def _same_totals(cell: Cell, earlier: _Month, later: _Month) -> bool:
    totals = later.totals.get(cell, []) or earlier.totals.get(cell, [])
    return bool(totals) and all(
        total in earlier.shown and earlier.shown[total] == later.shown.get(total) for total in totals
    )


def _unchanged(before: int, earlier: _Month, after: int, later: _Month) -> Iterator[dict[Any, float]]:
    """A cell all of whose totals are shown in both and equal has not changed, unless it is shown to have.

    A merged district is the sum of those that it took the place of.
    """
    cells = {*earlier.hidden, *later.hidden}
    for cell in cells:
        in_both = all(cell in month.shown or cell in month.hidden for month in (earlier, later))
        # What is hidden is not zero: where the other release shows zero, it has changed.
        is_zero = 0 in (earlier.shown.get(cell), later.shown.get(cell))
        if in_both and _same_totals(cell, earlier, later) and not is_zero:
            yield {(after, cell): 1.0, (before, cell): -1.0}
    codes = {code: current for month in (earlier, later) for code, current in month.current.items()}
    gone = set(earlier.current) - set(later.current)
    for cell in {*later.shown, *later.hidden}:
        merged = [code for code in sorted(gone) if codes[code] == cell[3] or earlier.current[code] == cell[3]]
        if (
            cell[3] in later.current
            and cell[3] not in earlier.current
            and merged
            and _same_totals(cell, earlier, later)
        ):
            yield {
                (after, cell): 1.0,
                **{(before, (*cell[:3], code, *cell[4:])): -1.0 for code in merged},
            }


def _pinned(
    vintages: list[tuple[int, _Month]], links: list[dict[Any, float]], may_be_zero: set[Any], *, is_true: bool
) -> dict[Any, int]:
    """By release and cell, the unknowns whose feasible range holds one whole number, with it.

    What is neither shown, hidden nor implied is zero; what is hidden is not, but for the cells of ``may_be_zero``.
    """
    known = {(number, cell): float(value) for number, month in vintages for cell, value in month.shown.items()}
    hidden = {(number, cell) for number, month in vintages for cell in month.hidden}
    implied = {(number, cell) for number, month in vintages for cell in month.implied}
    # What is hidden in both of two releases and unchanged is one unknown.
    same: dict[Any, Any] = {}
    equations = []
    for link in links:
        after, *before = link
        if len(before) == 1 and after in hidden and before[0] in hidden and after not in same:
            same[after] = same.get(before[0], before[0])
        elif len(before) > 1 or same.get(after, after) != same.get(before[0], before[0]):
            equations.append(link)
    names = {*hidden, *implied}
    column_of = {name: column for column, name in enumerate(sorted(names - set(same), key=str))}
    column_of |= {name: column_of[one] for name, one in same.items()}
    equations += [_of_release(number, terms) for number, month in vintages for terms in month.equations]
    bounds = [_of_release(number, terms) for number, month in vintages for terms in month.bounds]
    rows: dict[tuple[Any, float, bool], None] = {}
    for terms, equal in [(terms, True) for terms in equations] + [(terms, False) for terms in bounds]:
        free = sorted((column_of[name], factor) for name, factor in terms.items() if name in column_of)
        constant = sum(
            factor * (1.0 if name is None else known.get(name, 0.0))
            for name, factor in terms.items()
            if name not in column_of
        )
        if free:
            rows[tuple(free), -constant, equal] = None
    if not names:
        return {}
    least = np.zeros(len(names) - len(same))
    least[[column_of[name] for name in hidden - may_be_zero]] = 1.0
    program = Program(
        csr_matrix(
            (
                [factor for free, _, _ in rows for _, factor in free],
                (
                    [row for row, (free, _, _) in enumerate(rows) for _ in free],
                    [column for free, _, _ in rows for column, _ in free],
                ),
            ),
            shape=(len(rows), len(least)),
        ),
        np.array([right for _, right, _ in rows]),
        np.array([equal for _, _, equal in rows], dtype=bool),
        least,
    )
    pinned = program.pinned(must_fit=is_true)
    return {name: pinned[column] for name, column in column_of.items() if column in pinned}


def _of_release(number: int, terms: Mapping[Any, float]) -> dict[Any, float]:
    return {None if cell is None else (number, cell): factor for cell, factor in terms.items()}
