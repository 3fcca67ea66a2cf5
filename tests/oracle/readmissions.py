"""Rules §6: unplanned readmission within seven days."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.oracle import clock, reference, spells
from tests.oracle.feeds import InForce
from tests.oracle.readiness import Interval
from tests.oracle.rounding import ratio, wilson
from tests.oracle.spells import Spell

Row = dict[str, Any]


def is_index(spell: Spell, given: InForce) -> bool:
    """Discharged alive and not to another inpatient unit, registered in the region; of any age and care area."""
    if spell.discharged_at is None or spell.destination in ("deceased", "inpatient"):
        return False
    code = spells.municipality(spell, given.month_end)
    return reference.region_of(code, clock.date_of(spell.discharged_at)) == given.region


def is_readmitted(spell: Spell, of_person: list[Spell]) -> bool:
    if spell.discharged_at is None:
        return False
    for later in of_person:
        days = (clock.date_of(later.admitted_at) - clock.date_of(spell.discharged_at)).days
        if later is not spell and later.first.admission_mode == "unplanned" and 1 <= days <= 7:
            return True
    return False


def index_discharges(all_spells: list[Spell], intervals: list[Interval], given: InForce) -> list[Row]:
    """One row per index spell and population, with what the marts group by."""
    of_person: dict[str, list[Spell]] = {}
    for spell in all_spells:
        of_person.setdefault(spell.person, []).append(spell)
    ended_in_discharge = {interval.spell.spell_id for interval in intervals if interval.end_reason == "discharged"}
    rows = []
    for spell in all_spells:
        if spell.discharged_at is None or not is_index(spell, given):
            continue
        discharged_on = clock.date_of(spell.discharged_at)
        if not given.first_month <= discharged_on <= given.month_end:
            continue
        month = clock.first_of(discharged_on)
        district = spells.district(spell, given.month_end)
        age = spells.age(spell, given.month_end)
        row = {
            "region_code": given.region, "month": month,
            "municipality_code": spells.municipality(spell, given.month_end),
            "district_code": reference.district_on(district, clock.last_of(month)),
            "current_district_code": reference.current_district(district), "care_area": spell.last.care_area,
            "sex": spell.last.sex, "age_band": spells.age_band(age), "status": status(month, given.month),
            "readmitted": is_readmitted(spell, of_person[spell.person]),
            "is_headline": age >= 65 and spell.last.care_area in ("somatic", "geriatric"),
        }  # fmt: skip
        rows.append(row | {"population": "all"})
        if spell.spell_id in ended_in_discharge:
            rows.append(row | {"population": "lus"})
    return rows


def status(month: date, release_month: date) -> str:
    return "preliminary" if month == release_month else "final"


def grouped(discharges: list[Row], by: list[str]) -> list[Row]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in discharges:
        groups.setdefault(tuple(row[column] for column in by), []).append(row)
    rows = []
    for key, members in groups.items():
        row = dict(zip(by, key, strict=True))
        row["index_discharges"] = len(members)
        row["readmissions"] = sum(1 for member in members if member["readmitted"])
        rows.append(row)
    return rows


def monthly(discharges: list[Row]) -> list[Row]:
    """mart_readmissions_monthly."""
    by = ["region_code", "month", "municipality_code", "district_code", "current_district_code", "care_area", "sex"]
    return grouped(discharges, [*by, "age_band", "population", "status"])


def headline(discharges: list[Row], *, by_district: bool) -> list[Row]:
    """mart_readmissions_headline, or its twin by district for municipalities that have any."""
    by = ["region_code", "month", "municipality_code", "population", "status"]
    counted = [row for row in discharges if row["is_headline"]]
    if by_district:
        by += ["district_code", "current_district_code"]
        counted = [row for row in counted if reference.has_districts(row["municipality_code"])]
    rows = grouped(counted, by)
    for row in rows:
        row["share"] = ratio(row["readmissions"], row["index_discharges"], 6)
        row["share_low"], row["share_high"] = wilson(row["readmissions"], row["index_discharges"])
    return rows
