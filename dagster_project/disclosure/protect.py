"""Which cells of the open tables are hidden, so that none of them can be computed (rules §9).

Cells are tied by relations that any reader can reckon: parts add up to totals. Every hidden cell is given a witness:
other whole numbers that agree with everything that is shown, now and in earlier releases, and among which that cell has
another value. A reader cannot tell the two apart, so no hidden cell is narrowed to one value. This is cell suppression
by linear programming (Fischetti and Salazar 2001), as a heuristic: the witness that costs least is looked for, and what
it changes is hidden. Pure functions; nothing is read or written here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_matrix, csr_matrix, hstack
from scipy.sparse.csgraph import connected_components

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]

WORTH = (0.0, 0.0, 0.0, 5.0, 5.0, 5.0, 20.0, 20.0, 20.0, 100.0, 100.0, 100.0)
"""What may be hidden for the sake of one cell, in rounds for many cells at once; then each gets what it needs."""

LEAST_COST = 0.01
"""What it costs to change what is hidden already."""

GREATEST_CHANGE = 1000


@dataclass(frozen=True)
class System:
    """Cells and what ties them: ``relations`` (a row each) times ``values`` is zero. All arrays have a place per cell.

    ``least`` is what a reader knows a hidden cell to be at least. A cell that is not published is one that a difference
    of two published ones would give; it counts as hidden. ``is_hidden``: hidden before, or to be hidden whatever it
    costs; ``is_secret``: must not be computed; ``is_known``: shown somewhere, so that it cannot be otherwise;
    ``is_zero``: zero for every reader, unless a secret cannot be kept otherwise.
    """

    relations: csr_matrix
    values: Numbers
    least: Numbers
    is_published: Flags
    is_hidden: Flags
    is_secret: Flags
    is_known: Flags
    is_zero: Flags


def hidden_cells(system: System) -> tuple[Flags, bool]:
    """The published cells to hide: those of ``is_hidden``, and what keeps the secret ones from being computed.

    With them, whether every secret that readers have not is kept. What readers know already protects nothing, and what
    they know of a secret cell cannot be taken back: it has no witness. The answer is a function of the arguments alone.
    """
    protection = _Protection(system)
    return protection.hidden, protection.are_kept


class _Protection:
    """``hidden`` grows until every cell that must not be computed has its witness."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._by_cell: csc_matrix = system.relations.tocsc()
        self._may_fall = system.values - system.least
        self.hidden: Flags = system.is_hidden & system.is_published
        secret, movable = system.is_secret & ~system.is_known, ~system.is_known & ~system.is_zero
        left = self._protect(secret & movable, movable)
        left = self._protect(left | (secret & system.is_zero), ~system.is_known)
        self.are_kept = not left.any()

    def _protect(self, cells: Flags, movable: Flags) -> Flags:
        """Give each of ``cells`` a witness that changes only ``movable`` ones, hiding what it changes.

        Returns those for which there is none.
        """
        left = cells.copy()
        for seed, worth in enumerate(WORTH):
            if not left.any():
                return left
            columns = np.flatnonzero(movable if worth else movable & self._costs_nothing())
            ways = np.random.default_rng(seed).choice((-1.0, 1.0), len(columns))
            pull = ways * left[columns] * (worth or 1.0)
            self._serve(left, columns, self._solve(columns, pull, None))
        for cell in np.flatnonzero(left):
            if left[cell]:
                columns = self._tied_to(int(cell), movable)
                at = int(np.searchsorted(columns, cell))
                for way in (1, -1):
                    moved = self._solve(columns, np.zeros(len(columns)), (at, way))
                    if moved.any():
                        self._serve(left, columns, moved)
                        break
        return left

    def _serve(self, left: Flags, columns: NDArray[np.intp], moved: Numbers) -> None:
        """Hide what a witness changes, as far as it serves a cell of ``left``, and take those cells from ``left``."""
        changed = columns[moved != 0]
        if not len(changed):
            return
        ties = self._by_cell[:, changed].astype(bool)
        count, group = connected_components(ties.T @ ties, directed=False)
        serves = np.zeros(count, dtype=bool)
        serves[group[left[changed]]] = True
        served = changed[serves[group]]
        self.hidden[served[self._system.is_published[served]]] = True
        left[served] = False

    def _costs_nothing(self) -> Flags:
        return self.hidden | ~self._system.is_published

    def _tied_to(self, cell: int, movable: Flags) -> NDArray[np.intp]:
        """The movable cells of whose change one of ``cell`` can be a part, itself among them, in order."""
        columns = np.flatnonzero(movable)
        ties = self._by_cell[:, columns].astype(bool)
        _, group = connected_components(ties.T @ ties, directed=False)
        tied: NDArray[np.intp] = columns[group == group[np.searchsorted(columns, cell)]]
        return tied

    def _solve(self, columns: NDArray[np.intp], pull: NDArray[np.float64], forced: tuple[int, int] | None) -> Numbers:
        """The change of ``columns`` that gains most by ``pull`` less what it hides; zeros where there is none.

        ``forced`` is a place in ``columns`` and the way that it must move: then whole numbers of any size are looked
        for. Otherwise no cell moves by more than two (of one alone, often only a half fits), and groups whose change is
        no whole number stay as they are.
        """
        most = 2 if forced is None else GREATEST_CHANGE
        falls = np.minimum(self._may_fall[columns], most).astype(float)
        rises = np.full(len(columns), float(most))
        # Each way of a cell is a variable, since both cost: a total costs what it tells of, so that it is kept before
        # its parts. What is hidden already costs next to nothing, yet something: a change that leaves it alone where it
        # can falls into small groups, and a fraction in one spoils no other.
        cost = np.where(self._costs_nothing()[columns], LEAST_COST, 1.0 + self._system.values[columns])
        least, greatest = np.zeros(2 * len(columns)), np.concatenate((rises, falls))
        if forced is not None:
            at, way = forced
            if way < 0 and falls[at] < 1:
                return np.zeros(len(columns), dtype=np.int64)
            least[at if way > 0 else at + len(columns)] = 1
            greatest[at + len(columns) if way > 0 else at] = 0
        ties = self._by_cell[:, columns]
        problem = {
            "c": np.concatenate((cost - pull, cost + pull)),
            "bounds": Bounds(least, greatest),
            "constraints": LinearConstraint(hstack((ties, -ties), format="csc"), 0, 0),
        }
        for integrality in (None,) if forced is None else (None, np.ones(2 * len(columns))):
            found = milp(**problem, integrality=integrality, options={"mip_rel_gap": 0.05})
            if found.x is None:
                break
            whole = self._whole(columns, found.x[: len(columns)] - found.x[len(columns) :])
            if forced is None or whole[at]:
                return whole
        return np.zeros(len(columns), dtype=np.int64)

    def _whole(self, columns: NDArray[np.intp], moved: NDArray[np.float64]) -> Numbers:
        """The change as whole numbers, without the tied groups in which it has fractions."""
        if not (np.abs(moved) > 1e-6).any():
            return np.zeros(len(columns), dtype=np.int64)
        ties = self._by_cell[:, columns[np.abs(moved) > 1e-6]].astype(bool)
        _, group = connected_components(ties.T @ ties, directed=False)
        parts = moved[np.abs(moved) > 1e-6]
        broken = group[np.abs(parts - np.round(parts)) > 1e-6]
        whole = np.zeros(len(columns), dtype=np.int64)
        whole[np.abs(moved) > 1e-6] = np.where(np.isin(group, broken), 0, np.round(parts))
        return whole
