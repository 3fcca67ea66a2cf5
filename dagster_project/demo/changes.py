"""What is known when: which rows a delivery holds, what later deliveries correct, and the dirt of real files."""

from __future__ import annotations

import numpy as np

from dagster_project import months
from dagster_project.demo import clock
from dagster_project.demo.profile import Profile
from dagster_project.demo.tables import Column, Table, length, take

# Corrections, by feed. A kind of 0 is none; the row changes at its `fix_at`.
STAY_FIXES = FIXED_ADDRESS, FIXED_DISCHARGE, FIXED_MODE, DELETED_STAY = tuple(range(1, 5))
CASE_FIXES = FIXED_PAYER, FIXED_SIP, FIXED_OPEN_CARE, DELETED_CASE = tuple(range(1, 5))
MESSAGE_FIXES = FIXED_SENT, FIXED_ASSESSED, VOIDED_LATE = tuple(range(1, 4))

# Dirt, by feed. A kind of 0 is none; where it is mended, the right row comes in the delivery after.
STAY_DIRT = tuple(range(1, 8))
NO_SUCH_DATE, NO_SUCH_AREA, TWICE, NO_DESTINATION, ENDS_BEFORE, SHORT_CODE, NO_SUCH_SEX = STAY_DIRT
CASE_DIRT = NO_SUCH_ANSWER, NO_SUCH_STAY, CASE_TWICE, NOT_A_BOOLEAN = tuple(range(1, 5))
MESSAGE_DIRT = NO_SUCH_CASE, NO_SUCH_TYPE, NO_SUCH_TIME, MESSAGE_TWICE, NO_TIME = tuple(range(1, 6))


def add_changes(
    profile: Profile,
    rng: np.random.Generator,
    table: Table,
    event: Column,
    month: str,
    *,
    correction_share: float,
    fixes: tuple[int, ...],
    dirt: tuple[int, ...],
    clean: bool,
) -> None:
    """Adds ``fix_kind``, ``fix_at``, ``dirt_kind`` and ``mended_at`` to the rows of a cohort that began in ``month``.

    ``event`` is when the row came into being (seconds). A row is dirty until ``mended_at``: NEVER where nobody mends
    it.
    """
    habits, count = profile.behaviour, length(table)
    is_fixed = rng.random(count) < correction_share
    later = rng.integers(1, habits["corrections"]["latest_days"] * clock.DAY, count)
    table["fix_kind"] = np.where(is_fixed, rng.choice(fixes, size=count), 0)
    table["fix_at"] = np.where(is_fixed, table["discharged"] + later, clock.NEVER)
    is_dirty = rng.random(count) < (0.0 if clean else habits["dirt"]["share"])
    is_mended = rng.random(count) < habits["dirt"]["mended"]
    table["dirt_kind"] = np.where(is_dirty, rng.choice(dirt, size=count), 0)
    first_seen = _first_extraction(profile.region, month, table["admitted"], event)
    table["mended_at"] = np.where(is_dirty & is_mended, first_seen + 1, clock.NEVER)


def _first_extraction(region: str, month: str, admitted: Column, event: Column) -> Column:
    """When the first delivery was made that holds a row: it has the stays admitted by the end of its month."""
    course_months = [months.next_month(month, by) for by in range(12)]
    starts = np.asarray([clock.month_start(each) for each in course_months])
    extractions = np.asarray([clock.extraction_seconds(region, each) for each in course_months])
    by_month = np.searchsorted(starts, admitted, side="right") - 1
    by_time = np.searchsorted(extractions, event, side="left")
    return np.asarray(extractions[np.minimum(np.maximum(by_month, by_time), len(extractions) - 1)])


class Window:
    """One delivery's view of a cohort: the rows that are new or changed since the delivery before."""

    def __init__(self, region: str, month: str, *, is_first: bool) -> None:
        self.month_end = clock.month_start(months.next_month(month))
        self.extracted = clock.extraction_seconds(region, month)
        before = months.next_month(month, -1)
        self._previous_end = -clock.NEVER if is_first else clock.month_start(month)
        self._previous = -clock.NEVER if is_first else clock.extraction_seconds(region, before)

    def delivered(self, table: Table, event: Column, changes: list[str]) -> Table:
        """The rows to deliver. ``changes`` names the columns that say when a row changed."""
        is_present = (table["admitted"] < self.month_end) & (event <= self.extracted)
        was_present = (table["admitted"] < self._previous_end) & (event <= self._previous)
        is_changed = np.zeros(length(table), dtype=bool)
        for name in changes:
            is_changed |= (table[name] > self._previous) & (table[name] <= self.extracted)
        return take(table, is_present & (~was_present | is_changed))

    def unfinished(self, table: Table, event: Column, changes: list[str]) -> Table:
        """The rows that a later delivery may hold."""
        may_come = (table["admitted"] >= self.month_end) | (event > self.extracted)
        for name in changes:
            may_come |= (table[name] > self.extracted) & (table[name] < clock.NEVER)
        return take(table, may_come)

    def fixed(self, table: Table, kind: int) -> Column:
        """The rows that carry this correction by now."""
        return np.asarray((table["fix_kind"] == kind) & (table["fix_at"] <= self.extracted))

    def dirty(self, table: Table) -> Column:
        """The kind of dirt on each row now, 0 where it is clean or was mended."""
        return np.where(table["mended_at"] > self.extracted, table["dirt_kind"], 0)
