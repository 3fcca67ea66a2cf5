"""A table of the demonstration: equally long numpy columns by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]
Table = dict[str, Column]


def length(table: Table) -> int:
    return len(next(iter(table.values())))


def take(table: Table, rows: Column) -> Table:
    """The rows that a mask or an array of positions names."""
    return {name: column[rows] for name, column in table.items()}


def concat(tables: Sequence[Table]) -> Table:
    """The tables one after the other; all have the columns of the first."""
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def choose(rng: np.random.Generator, shares: npt.NDArray[np.float64]) -> Column:
    """One choice a row: ``shares`` holds a row's probabilities, which need not add to 1."""
    bounds = np.cumsum(shares, axis=1)
    draws = rng.random(len(shares)) * bounds[:, -1]
    return np.asarray((bounds <= draws[:, None]).sum(axis=1), dtype=np.int64)
