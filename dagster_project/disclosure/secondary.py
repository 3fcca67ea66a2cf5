"""What ``annual/`` hides beyond the primary rule, so that nothing that it hides can be computed from it (rules §9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import numpy as np
from scipy.sparse import csr_matrix

from dagster_project.disclosure import annual_months
from dagster_project.disclosure.annual_cells import Cell, Cells, Row, read
from dagster_project.disclosure.annual_earlier import Earlier
from dagster_project.disclosure.primary import (
    COMMITMENTS,
    COOPERATION,
    DEVIATIONS,
    DIFFERENCES,
    FIGURES,
    FOLLOW_UP,
    MONTHS,
)  # fmt: skip
from dagster_project.disclosure.protect import System, hidden_cells

_KEYS = {
    FOLLOW_UP: "municipality_code, district_code, indicator_id, sex",
    DIFFERENCES: "municipality_code, district_code, indicator_id, comparison",
    COMMITMENTS: "commitment_id",
    DEVIATIONS: "municipality_code, category, severity, reporting_party",
    COOPERATION: "municipality_code",
    MONTHS: "month",
}
_SPOKEN = {FOLLOW_UP: ("value", "meets_target"), DIFFERENCES: ("difference", "is_certain")}
"""What has no status of its own and says something of a figure."""


def protected(
    connection: duckdb.DuckDBPyConnection,
    given: Mapping[str, str],
    judged: Mapping[str, str],
    year: int,
    least: str,
    open_tables: Mapping[str, str],
    earlier: Sequence[Earlier],
) -> dict[str, str]:
    """The year's tables of ``judged``, by the primary rule, with more of them hidden: SQL to stand after ``from``.

    ``given`` are the published tables, ``least`` the fewest that may stand behind a figure, ``open_tables`` the
    release's, as ``tables.with_truth`` gives them: SQL, too. ``earlier`` is what annual tables before tell. The tables
    are laid in the connection, as temporary ones.
    """
    for table, key in _KEYS.items():
        connection.execute(
            f"create or replace temp table {table}_{year} as "
            f"select *, row_number() over (order by {key}) as row from {judged[table]}"
        )

    def rows(table: str) -> list[Row]:
        of_months = (
            "(select region_code, month, sum(ready_days)::integer as ready_days "
            f"from {given['mart_ready_days_monthly']} group by all)"
        )
        of_year = f"(select * from {given[table]} where year = {year})" if table in given else of_months
        statuses = ", ".join(f"judged.{name}_status" for name in FIGURES.get(table, ("ready_days",)))
        cursor = connection.execute(
            f"select given.*, judged.row, {statuses} from {table}_{year} as judged inner join "
            f"{of_year} as given using (region_code, {_KEYS[table]}) order by row"
        )
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    units = dict(connection.execute(f"select indicator_id, unit from {given['dim_indicator']}").fetchall())
    region, fewest = connection.execute(
        f"select coalesce(any_value(region_code), ''), coalesce({least}, 0)::integer from {judged[FOLLOW_UP]}"
    ).fetchall()[0]
    months = annual_months.read(connection, open_tables)
    cells = read(rows, units, region, year, fewest)
    cells = read(rows, units, region, year, fewest, annual_months.zeros(months, cells))
    _remember(cells, earlier)
    of_months: set[Cell] = set()
    for system, known in annual_months.systems(months, cells, earlier, region):
        cells.known |= known
        of_months |= _hidden(system)[0] & cells.values.keys()
    cells.hidden |= of_months
    hidden, are_kept = _hidden(cells)
    if not are_kept:
        # What readers of other tables know protects nothing: it is hidden for those who have this one alone.
        cells.known.clear()
        cells.hidden |= hidden
        hidden, _ = _hidden(cells)
    for table, told in cells.told.items():
        _hide(connection, table, year, told, hidden)
    return {table: f"(select * exclude (row) from {table}_{year})" for table in _KEYS}


def _remember(cells: Cells, earlier: Sequence[Earlier]) -> None:
    """What was shown of the same months is known, as long as it is the same; what was hidden of them stays hidden."""
    same = [one for one in earlier if one.months == cells.months and one.cell in cells.values]
    cells.known |= {one.cell for one in same if one.value == cells.values[one.cell]}
    cells.hidden |= {one.cell for one in same if one.value is None} - cells.known


def _hide(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    year: int,
    told: list[tuple[int, tuple[str, ...], list[Cell]]],
    hidden: set[Cell],
) -> None:
    """Hide the figures that give a hidden cell away."""
    rows: dict[str, list[int]] = {}
    for row, figures, cells in told:
        if not hidden.isdisjoint(cells):
            for figure in figures:
                rows.setdefault(figure, []).append(row)
    for figure, of_figure in rows.items():
        spoken = _SPOKEN.get(table, ("", ""))
        also = f", {spoken[1]} = null" if figure == spoken[0] else ""
        connection.execute(
            f"update {table}_{year} set {figure} = null, {figure}_status = 'suppressed'{also} "
            f"where {figure}_status = 'shown' and row in (select unnest(?::bigint[]))",
            [of_figure],
        )


def _hidden(cells: Cells) -> tuple[set[Cell], bool]:
    """The cells to hide: the hidden ones and what keeps these from being computed; whether all of them are kept."""
    if not cells.relations:
        return cells.hidden & cells.values.keys(), True
    names = [*cells.values, *cells.beside]
    place = {cell: number for number, cell in enumerate(names)}
    columns = [place[cell] for relation in cells.relations for cell in relation]
    signs = [-1.0 if part == 0 else 1.0 for relation in cells.relations for part in range(len(relation))]
    ends = np.cumsum([0, *map(len, cells.relations)])
    is_published = np.arange(len(names)) < len(cells.values)
    is_hidden = np.array([cell in cells.hidden for cell in names])
    system = System(
        csr_matrix((signs, columns, ends), (len(cells.relations), len(names))),
        np.array([*cells.values.values(), *cells.beside.values()], dtype=np.int64),
        np.array([int(cells.value(cell) > 0 and (cell in cells.values or cell in cells.above_zero)) for cell in names]),
        is_published,
        is_hidden & is_published,
        is_hidden,
        np.array([cell in cells.known for cell in names]),
        np.zeros(len(names), dtype=bool),
    )
    hidden, are_kept = hidden_cells(system)
    return {cell for cell, is_one in zip(names, hidden, strict=True) if is_one}, are_kept
