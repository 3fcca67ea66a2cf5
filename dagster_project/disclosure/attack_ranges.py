"""What an attacker's equations leave open: which unknowns can be one whole number only, by linear programming."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

LARGEST = 1e6
SMALL = 1e-6
ROUNDS = 6
"""At least so many pairs of random solutions, and more as long as they show more."""


class Program:
    """The unknowns (columns) and what is known of them (rows): equal to ``right``, or not above it.

    A few random solutions show that most columns can differ; only the others get a least and a greatest of their own.
    """

    def __init__(self, matrix: csr_matrix, right: Any, is_equation: Any, least: Any) -> None:
        self._matrix, self._right, self._is_equation, self._least = matrix, right, is_equation, least
        self._low, self._high = np.full(len(least), np.inf), np.full(len(least), -np.inf)

    def pinned(self, *, must_fit: bool) -> dict[int, int]:
        """The columns whose range holds one whole number, with it.

        Where no solution fits, nothing follows of what is tied to it; if ``must_fit``, that raises ValueError.
        """
        found = self._follow()
        left = np.setdiff1d(np.arange(len(self._least)), list(found))
        settled = np.diff(self._matrix[:, left].indptr) == 0
        off = np.where(self._is_equation, np.abs(self._right), -self._right)[settled] > SMALL
        if must_fit and off.any():
            raise ValueError("the true figures do not fit what is shown")
        if len(left) and not self._solve(left, np.zeros(len(left))):
            if must_fit:
                raise ValueError("the true figures do not fit what is shown")
            # Somewhere what a reader believes unchanged has changed: nothing follows of what is tied to it.
            agree = [columns for columns in self._tied_groups(left) if self._solve(columns, np.zeros(len(columns)))]
            left = np.sort(np.concatenate(agree)) if agree else left[:0]
        draw = np.random.default_rng(len(left))
        rounds, before = 0, 0
        while (seem := self._seem_pinned()[left]).any() and (rounds < ROUNDS or seem.sum() < before):
            rounds, before = rounds + 1, seem.sum()
            pull = draw.choice((-1.0, 1.0), len(left)) * seem
            self._solve(left, pull)
            self._solve(left, -pull)
        found |= self._at_least(left)
        for columns in self._tied_groups(left):
            for column in columns[self._seem_pinned()[columns]]:
                if self._seem_pinned()[column] and column not in found:
                    objective = np.where(columns == column, 1.0, 0.0)
                    self._solve(columns, objective)
                    self._solve(columns, -objective)
                if self._seem_pinned()[column]:
                    found[int(column)] = round((self._low[column] + self._high[column]) / 2)
        return found

    def _at_least(self, left: Any) -> dict[int, int]:
        """The columns that are the least they can be in every solution: where their sum cannot be greater."""
        while True:
            still = left[self._seem_pinned()[left] & (self._high[left] < self._least[left] + SMALL)]
            if not len(still) or not self._solve(left, -np.isin(left, still).astype(float)):
                return {}
            if (self._high[still] < self._least[still] + SMALL).all():
                return {int(column): round(self._least[column]) for column in still}

    def _follow(self) -> dict[int, int]:
        """The columns that equations with one unknown give, one after the other; they are then known."""
        found: dict[int, int] = {}
        ties = self._matrix[self._is_equation]
        rows = np.flatnonzero(self._is_equation)
        unknown = np.ones(len(self._least), dtype=bool)
        while True:
            newly = {}
            for row in np.flatnonzero(ties.astype(bool) @ unknown.astype(int) == 1):
                span = slice(ties.indptr[row], ties.indptr[row + 1])
                for column, factor in zip(ties.indices[span], ties.data[span], strict=True):
                    if unknown[column]:
                        newly[int(column)] = self._right[rows[row]] / factor
            if not newly:
                return found
            columns = list(newly)
            unknown[columns] = False
            self._right = self._right - self._matrix[:, columns] @ np.array(list(newly.values()))
            found |= {column: round(value) for column, value in newly.items() if value > self._least[column] - SMALL}

    def _seem_pinned(self) -> Any:
        return np.floor(self._high + SMALL) - np.ceil(self._low - SMALL) < 1

    def _tied_groups(self, left: Any) -> Iterator[Any]:
        """The columns of each group that no row ties to another, where one of them still seems pinned."""
        ties = self._matrix[:, left].astype(bool)
        _, group = connected_components(ties.T @ ties, directed=False)
        for number in np.unique(group[self._seem_pinned()[left]]):
            yield left[group == number]

    def _solve(self, columns: Any, objective: Any) -> bool:
        """One solution for a group of columns that is least by ``objective``; False where there is none."""
        matrix = self._matrix[:, columns]
        mine = np.diff(matrix.indptr) > 0
        equal, below = mine & self._is_equation, mine & ~self._is_equation
        solved = linprog(
            objective,
            A_eq=matrix[equal] if equal.any() else None,
            b_eq=self._right[equal] if equal.any() else None,
            A_ub=matrix[below] if below.any() else None,
            b_ub=self._right[below] + SMALL if below.any() else None,
            bounds=np.column_stack((self._least[columns], np.full(len(columns), LARGEST))),
            method="highs",
        )
        if solved.x is None:
            return False
        self._low[columns] = np.minimum(self._low[columns], solved.x)
        self._high[columns] = np.maximum(self._high[columns], solved.x)
        return True
