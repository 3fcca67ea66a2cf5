"""Rules §3 and §8 as monthly rows: ready days by payer and by hospital, bands, the bridge, per 1 000 inhabitants."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date
from decimal import Decimal
from typing import Any

from tests.oracle import clock, indicators, readiness, reference, spells
from tests.oracle.feeds import InForce
from tests.oracle.readiness import Interval
from tests.oracle.rounding import ratio

Row = dict[str, Any]


def discharged_in(interval: Interval, month: date) -> bool:
    return interval.end_reason == "discharged" and interval.ended_in(month)


def is_ready_at_end(interval: Interval, month: date) -> bool:
    return interval.begun_by(clock.last_of(month)) and not interval.ended_by(clock.last_of(month))


def months_touched(interval: Interval, given: InForce) -> list[date]:
    """The published months that the interval has any part in: those of its first and last date and between."""
    last = given.month_end if interval.ended_on is None else min(interval.ended_on, given.month_end)
    return clock.months_through(max(clock.first_of(interval.ready_on), given.first_month), last)


def groups_of(
    intervals: list[Interval], given: InForce, key_of: Callable[[Interval, date], Hashable]
) -> dict[tuple[date, Any], list[Interval]]:
    """Per month and key the intervals that have any part in that month."""
    found: dict[tuple[date, Any], list[Interval]] = {}
    for interval in intervals:
        for month in months_touched(interval, given):
            found.setdefault((month, key_of(interval, month)), []).append(interval)
    return found


def figures(members: list[Interval], month: date) -> Row:
    discharged = [interval for interval in members if discharged_in(interval, month)]
    return {
        "ready_days": sum(readiness.days_in(interval, month) for interval in members),
        "ready_days_of_discharged": sum(len(interval.ready_dates) for interval in discharged),
        "intervals_discharged": len(discharged),
        "open_at_month_end": sum(1 for interval in members if is_ready_at_end(interval, month)),
    }


def by_municipality(intervals: list[Interval], given: InForce) -> list[Row]:
    """mart_ready_days_monthly."""

    def key_of(interval: Interval, month: date) -> tuple[Any, ...]:
        return (
            interval.payer,
            reference.district_on(interval.district, clock.last_of(month)),
            reference.current_district(interval.district),
            interval.payment_class,
            interval.stay.care_area,
            interval.spell.last.sex,
            spells.age_band(spells.age(interval.spell, given.month_end)),
        )

    names = [
        "municipality_code", "district_code", "current_district_code", "payment_class", "care_area", "sex", "age_band",
    ]  # fmt: skip
    rows = []
    for (month, key), members in groups_of(intervals, given, key_of).items():
        numbers = figures(members, month)
        if any(numbers.values()):
            row = {"region_code": given.region, "month": month} | dict(zip(names, key, strict=True)) | numbers
            row["beds_equivalent"] = ratio(numbers["ready_days"], clock.last_of(month).day, 4)
            rows.append(row)
    return rows


def by_hospital(intervals: list[Interval], given: InForce) -> list[Row]:
    """mart_ready_days_by_hospital_monthly."""
    rows = []
    found = groups_of(intervals, given, lambda interval, month: (interval.stay.hospital_id, interval.payment_class))
    for (month, (hospital, klass)), members in found.items():
        numbers = figures(members, month)
        del numbers["ready_days_of_discharged"]
        if any(numbers.values()):
            row = {"region_code": given.region, "month": month, "hospital_id": hospital, "payment_class": klass}
            rows.append(row | numbers)
    return rows


BANDS = [("0", 0, 0), ("1", 1, 1), ("2-3", 2, 3), ("4-6", 4, 6), ("7-13", 7, 13), ("14-20", 14, 20)]


def band(days: int) -> str:
    for name, low, high in BANDS:
        if low <= days <= high:
            return name
    return "21+"


def by_band(intervals: list[Interval], given: InForce) -> list[Row]:
    """mart_ready_day_bands_monthly."""
    groups: dict[tuple[Any, ...], list[Interval]] = {}
    for month in clock.months_through(given.first_month, given.month):
        for interval in intervals:
            if discharged_in(interval, month):
                key = (month, interval.payer, interval.payment_class, band(len(interval.ready_dates)))
                groups.setdefault(key, []).append(interval)
    return [
        {
            "region_code": given.region, "month": month, "municipality_code": payer, "payment_class": klass,
            "band": name, "intervals": len(members),
            "ready_days": sum(len(interval.ready_dates) for interval in members),
        }
        for (month, payer, klass, name), members in groups.items()
    ]  # fmt: skip


def bridge(intervals: list[Interval], given: InForce) -> list[Row]:
    """mart_definition_bridge_monthly."""
    rows = []
    found = groups_of(intervals, given, lambda interval, month: (interval.payer, interval.payment_class))
    for (month, (payer, klass)), members in found.items():
        row = {"region_code": given.region, "month": month, "municipality_code": payer, "payment_class": klass}
        numbers = bridge_figures(members, month)
        if any(numbers.values()):
            rows.append(row | numbers)
    return rows


def bridge_figures(members: list[Interval], month: date) -> Row:
    discharged = [interval for interval in members if discharged_in(interval, month)]
    otherwise = [i for i in members if i.end_reason in ("withdrawn", "deceased") and i.ended_in(month)]
    remaining = [interval for interval in members if is_ready_at_end(interval, month)]
    waited = [interval for interval in discharged if interval.ready_dates]
    row: Row = {
        "ready_days": sum(readiness.days_in(interval, month) for interval in members),
        "ready_days_of_discharged": sum(len(interval.ready_dates) for interval in discharged),
        "carried_in": sum(1 for interval in discharged for on in interval.ready_dates if on < month),
        "carried_out": sum(readiness.days_in(interval, month) for interval in remaining),
        "days_ended_otherwise": sum(readiness.days_in(interval, month) for interval in otherwise),
        "mean_including_day_zero": ratio(sum(map(indicators.days_waited, discharged)), len(discharged), 4),
        "mean_excluding_day_zero": ratio(sum(len(interval.ready_dates) for interval in waited), len(waited), 4),
        "ready_at_start": sum(1 for interval in members if is_ready_at_end(interval, clock.month_before(month))),
        "became_ready": sum(1 for interval in members if clock.first_of(interval.ready_on) == month),
        "discharged": len(discharged),
        "withdrawn": sum(1 for interval in otherwise if interval.end_reason == "withdrawn"),
        "deceased": sum(1 for interval in otherwise if interval.end_reason == "deceased"),
        "ready_at_end": len(remaining),
    }
    row["residual"] = (
        row["ready_days"]
        - row["ready_days_of_discharged"]
        + row["carried_in"]
        - row["carried_out"]
        - row["days_ended_otherwise"]
    )
    return row


def per_1000(intervals: list[Interval], given: InForce) -> list[Row]:
    """mart_ready_days_per_1000_monthly: municipalities of the region whose population is delivered."""
    rows = []
    codes = sorted({row.municipality_code for row in given.population})
    old = [interval for interval in intervals if spells.age(interval.spell, given.month_end) >= 65]
    for month in clock.months_through(given.first_month, given.month):
        for code in codes:
            inhabitants = inhabitants_65(given, code, month)
            if inhabitants is None:
                continue
            days = sum(readiness.days_in(interval, month) for interval in old if interval.payer == code)
            if days or inhabitants:
                rows.append(
                    {
                        "region_code": given.region, "month": month, "municipality_code": code,
                        "inhabitants_65": inhabitants, "ready_days_65": days,
                        "ready_days_per_1000": ratio(Decimal(1000) * days, inhabitants, 4),
                    }
                )  # fmt: skip
    return rows


def inhabitants_65(given: InForce, code: str, month: date) -> int | None:
    """Those of 65 and more in the newest delivered year up to the month's; by municipality, else all its districts.

    A district that has merged into another of the same year is in that one already.
    """
    mine = [row for row in given.population if row.municipality_code == code and row.year <= month.year]
    if not mine:
        return None
    newest_year = max(row.year for row in mine)
    newest = [row for row in mine if row.year == newest_year and row.age_from >= 65]
    whole = [row for row in newest if row.district_code is None]
    delivered = {row.district_code for row in mine if row.year == newest_year}
    parts = [row for row in newest if not set(reference.successors(row.district_code)) & delivered]
    return sum(row.inhabitants for row in whole or parts)
