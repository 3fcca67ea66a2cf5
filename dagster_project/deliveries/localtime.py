"""Local time and instants, without the engine's own reading of it.

DuckDB takes the hour that comes twice as the second one, and an hour that never was as one that was; the contract says
the first, and quarantines. So the zone's rules become a table, one row a day, which is also several times as fast.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import duckdb
import numpy as np

from dagster_project.settings import TIME_ZONE

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2100, 12, 31)


@cache
def _days() -> dict[str, np.ndarray]:
    """One entry per UTC day: the offset (seconds) at its start, at its end, and the second of the change."""
    zone = ZoneInfo(TIME_ZONE)
    count = (LAST_DAY - FIRST_DAY).days + 2
    midnight = datetime.combine(FIRST_DAY, time(), UTC)
    offsets = np.array([_offset(zone, midnight + timedelta(days=day)) for day in range(count + 1)], dtype=np.int32)
    switch = np.full(count, 86400, dtype=np.int32)
    for day in np.flatnonzero(offsets[1:] != offsets[:-1]):
        low, high, start = 0, 86400, midnight + timedelta(days=int(day))
        while high - low > 1:
            middle = (low + high) // 2
            changed = _offset(zone, start + timedelta(seconds=middle)) != offsets[day]
            low, high = (low, middle) if changed else (middle, high)
        switch[day] = high
    days = (np.datetime64(FIRST_DAY) + np.arange(count)).astype("datetime64[us]")
    return {"day": days, "before": offsets[:-1], "after": offsets[1:], "switch": switch}


def _offset(zone: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def create_zone_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``zone_utc`` (by UTC day) and ``zone_local`` (by local day) with what turns one kind of time to the other.

    ``zone_local``: a wall clock before ``switch_at`` has ``before`` as its offset, from it on ``after``; one from
    ``switch_at`` until ``gap_end`` never was. ``zone_utc``: the same by instants, without a gap.
    """
    days = _days()
    connection.register("zone_days", days)
    connection.execute(
        """
        create temp table zone_utc as
        select day::date as day, before, after, day::timestamp + to_seconds(switch) as switch_at from zone_days;
        create temp table zone_local as
        with changes as (
            select switch_at + to_seconds(before) as switch_at, before, after from zone_utc where before <> after
        )
        select
            zone_utc.day,
            coalesce(changes.before, zone_utc.before) as before,
            coalesce(changes.after, zone_utc.before) as after,
            coalesce(changes.switch_at, timestamp 'infinity') as switch_at,
            changes.switch_at + to_seconds(greatest(changes.after - changes.before, 0)) as gap_end
        from zone_utc
        left join changes on changes.switch_at::date = zone_utc.day
        """
    )
    connection.unregister("zone_days")
