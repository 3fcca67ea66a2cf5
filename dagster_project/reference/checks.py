"""What the merged rows of the tables must fulfil together: lookups, dated periods, successors, whole years."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

from dagster_project.errors import ReferenceRowError
from dagster_project.reference.definitions import Dated, Successor, Table
from dagster_project.reference.rows import Row

_DAY = timedelta(days=1)

Rows = dict[str, list[Row]]


def check(tables: dict[str, Table], rows: Rows) -> None:
    """Raise ReferenceRowError on the first row that cannot be, in the order of ``tables.yml``."""
    for name, table in tables.items():
        _check_lookups(table, rows)
        if table.dated:
            _check_dated(table, table.dated, rows[name])
        if table.successor:
            _check_successors(table.successor, rows[name])
        if table.every_year:
            _check_every_year(table, table.every_year, rows[name])


def _check_lookups(table: Table, rows: Rows) -> None:
    for column in table.columns.values():
        if column.references:
            lookup = column.references
            # What may be empty refers to nothing then; what may not was refused when it was read.
            known = {row.text[lookup.column] for row in rows[lookup.table]} | {*lookup.others, None}
            for row in rows[table.name]:
                if row.text[column.name] not in known:
                    raise row.error(
                        f"{column.name} '{row.text[column.name]}' is unknown: table {lookup.table} has no such row."
                    )


def _check_dated(table: Table, dated: Dated, rows: list[Row]) -> None:
    groups: dict[tuple[str | None, ...], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=_begins):
        groups[tuple(row.text[column] for column in dated.group)].append(row)
        if dated.whole_months:
            _check_whole_months(row)
    for group in groups.values():
        for earlier, later in pairwise(group):
            ends = _ends(earlier)
            if ends is None or ends >= _begins(later):
                raise later.error(
                    f"it overlaps {earlier.place}: both are valid on {_begins(later)}, for the same "
                    f"{' and '.join(dated.group)}. End one of them before the other begins."
                )
    for names in dated.unbroken:
        _check_unbroken(table, dated, names, groups[names])


def _check_unbroken(table: Table, dated: Dated, names: tuple[str, ...], group: list[Row]) -> None:
    expected = dated.since
    for row in group:
        if expected and _begins(row) > expected:
            break
        ends = _ends(row)
        expected = ends + _DAY if ends else None
    if expected:
        of = ", ".join(f"{column} {name}" for column, name in zip(dated.group, names, strict=True))
        raise ReferenceRowError(
            f"Reference table {table.name}: no row of {of} is valid on {expected}, and these rows must cover every "
            f"day from {dated.since} on. Add the row that is missing, or leave the last one's valid_to empty."
        )


def _check_whole_months(row: Row) -> None:
    begins, ends = _begins(row), _ends(row)
    if begins.day != 1:
        raise row.error(f"valid_from {begins} is not the first day of a month.")
    if ends and (ends + _DAY).day != 1:
        raise row.error(f"valid_to {ends} is not the last day of a month.")


def _check_successors(successor: Successor, rows: list[Row]) -> None:
    def named(row: Row, column: str) -> tuple[str | None, ...]:
        return (*(row.text[name] for name in successor.within), row.text[column])

    known = {named(row, successor.of): row for row in rows}
    for first in rows:
        chain = [first]
        while chain[-1].text[successor.column] is not None:
            row = chain[-1]
            follower = known.get(named(row, successor.column))
            if follower is None:
                raise row.error(f"{successor.column} '{row.text[successor.column]}' is not in the table.")
            if _ends(row) is None:
                raise row.error(f"it has a {successor.column} but no valid_to. Give the last day of the row.")
            if follower in chain:
                circle = " → ".join(str(link.text[successor.of]) for link in [*chain, follower])
                raise row.error(f"its successors go round in a circle: {circle}.")
            chain.append(follower)


def _check_every_year(table: Table, column: str, rows: list[Row]) -> None:
    years = sorted({value.year for row in rows if isinstance(value := row.values[column], date)})
    missing = sorted(set(range(years[0], years[-1] + 1)) - set(years))
    if missing:
        raise ReferenceRowError(
            f"Reference table {table.name}: no row falls in {missing[0]}, but rows go on to {years[-1]}. "
            f"Add the rows of every year between."
        )


def _begins(row: Row) -> date:
    value = row.values["valid_from"]
    assert isinstance(value, date)
    return value


def _ends(row: Row) -> date | None:
    value = row.values["valid_to"]
    assert value is None or isinstance(value, date)
    return value
