"""The cells of a month as all its releases tell them: one system, in which each unknown of a reader stands once.

A figure that did not change is the same unknown in every release, one that did change is another before and after. So a
witness is another history: tables for each release that agree with what it showed, and in which nothing changed that
had not. Whoever rightly believes a figure unchanged is taken into account, whatever made her believe it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from dagster_project.disclosure.protect import Flags, System

Places = NDArray[np.intp]


@dataclass(frozen=True)
class Vintages:
    """Cells by release; two-dimensional arrays have a row per release, the newest last, and a place per cell.

    ``relations`` (a row each) times the values of a release is zero; those with a cell in ``above_zero`` (else -1) only
    where its value is above zero. Of earlier releases the ``values`` of unpublished cells are not used. ``is_hidden``:
    told by the release as hidden; the newest has none yet. ``is_kept`` are the cells that the newest has a row for,
    ``merged`` pairs of a cell and one of an earlier code that became a part of it. ``fewest``: the least number that
    may be told of an unpublished cell.
    """

    relations: csr_matrix
    above_zero: Places
    values: NDArray[np.float64]
    is_hidden: Flags
    is_published: Flags
    is_kept: Flags
    is_sensitive: Flags
    merged: list[tuple[int, int]]
    fewest: int


def system_of(told: Vintages) -> tuple[System, Places]:
    """The unknowns of all releases as one system, and for each cell the place of what it is in the newest.

    A relation that an earlier release's figures did not keep ties nothing there.
    """
    values = _with_unpublished(told)
    before = np.zeros(values.shape, dtype=bool)
    before[1:] = np.logical_or.accumulate(told.is_hidden[:-1], axis=0)
    # Were one of these hidden, nobody would take it for the zero that it was.
    is_zero = told.is_published & told.is_kept & ~before[-1] & (values[-1] == 0)
    is_new = _is_new(told, values, is_zero)
    place = np.maximum.accumulate(np.where(is_new, np.cumsum(is_new).reshape(values.shape) - 1, 0), axis=0)
    is_hidden = told.is_hidden.copy()
    is_hidden[-1] = told.is_kept & (before[-1] | (told.is_sensitive & (values[-1] > 0))) & told.is_published
    is_shown = told.is_published & ~is_hidden
    is_shown[-1] &= (values[-1] == 0) & ~is_zero
    # What is hidden for the first time is taken to be one at least.
    is_above_zero = told.is_published & ~before & ~is_shown & (values > 0)
    unpublished = ~told.is_published & (values > 0) & (values < told.fewest)
    unpublished[-1] = ~told.is_published & told.is_sensitive & (values[-1] > 0)

    def any_of(flags: Flags) -> Flags:
        found = np.zeros(int(is_new.sum()), dtype=bool)
        found[place[flags]] = True
        return found

    return (
        System(
            _relations(told, values, place, int(is_new.sum())),
            np.nan_to_num(values[is_new]).astype(np.int64),
            any_of(is_above_zero).astype(np.int64),
            any_of(np.broadcast_to(told.is_published, values.shape)),
            any_of(is_hidden),
            any_of(is_hidden | unpublished),
            any_of(is_shown | np.isnan(values)),
            np.isin(np.arange(int(is_new.sum())), place[-1][is_zero]),
        ),
        place[-1],
    )


def _is_new(told: Vintages, values: NDArray[np.float64], is_zero: Flags) -> Flags:
    """Whether a cell is another unknown than in the release before; an unpublished one, as what it is tied to is."""
    is_new = np.ones(values.shape, dtype=bool)
    is_new[1:] = values[1:] != values[:-1]
    is_new[-1] |= is_zero
    ties = told.relations.astype(bool)
    for row in is_new[1:]:
        while (touched := ~told.is_published & ~row & (ties.T @ (ties @ row))).any():
            row |= touched
    return is_new


def _with_unpublished(told: Vintages) -> NDArray[np.float64]:
    """The values, of unpublished cells those that follow from published ones (NaN where none does)."""
    values = told.values.copy()
    unknown = ~told.is_published
    values[:-1, unknown] = np.nan
    ties = told.relations.astype(bool)
    while len(rows := np.flatnonzero(ties @ unknown.astype(int) == 1)):
        columns = np.flatnonzero(unknown)
        factors = told.relations[rows][:, columns]
        found = columns[factors.indices]
        rest = told.relations[rows] @ np.where(unknown, 0.0, values).T
        values[:-1, found] = (-rest / factors.data[:, np.newaxis]).T[:-1]
        unknown[found] = False
    values[values < 0] = np.nan
    return values


def _relations(told: Vintages, values: NDArray[np.float64], place: Places, count: int) -> csr_matrix:
    """The relations of each release among the unknowns, without those that stand as in the release before."""
    ties = told.relations.astype(bool)
    is_tied = told.above_zero >= 0
    found = []
    stood = np.zeros(told.relations.shape[0], dtype=bool)
    for number, row in enumerate(values):
        differs = place[number] != place[max(number - 1, 0)]
        holds = (ties @ np.isnan(row).astype(int) == 0) & (told.relations @ np.nan_to_num(row) == 0)
        holds[is_tied] &= row[told.above_zero[is_tied]] > 0
        part = told.relations[holds & (~stood | (ties @ differs.astype(int) > 0))]
        found.append(csr_matrix((part.data, place[number][part.indices], part.indptr), (part.shape[0], count)))
        stood = holds
    merged = _merged(told, values, place)
    found.append(
        csr_matrix(
            (
                [1.0 if number == 0 else -1.0 for terms in merged for number in range(len(terms))],
                ([row for row, terms in enumerate(merged) for _ in terms], [one for terms in merged for one in terms]),
            ),
            (len(merged), count),
        )
    )
    return vstack(found).tocsr()


def _merged(told: Vintages, values: NDArray[np.float64], place: Places) -> list[list[int]]:
    """For each cell of a new code, its unknown in the first release of it and those that it took the place of."""
    parts: dict[int, list[int]] = {}
    for new, old in told.merged:
        parts.setdefault(new, []).append(old)
    is_there = (values != 0) | told.is_hidden
    return [
        [int(place[number, new]), *(int(place[number - 1, one]) for one in old)]
        for new, old in parts.items()
        for number in range(1, len(values))
        if not is_there[number - 1, new]
        and not is_there[number, old].any()
        and values[number, new] == values[number - 1, old].sum() != 0
    ]
