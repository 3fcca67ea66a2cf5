"""The optional feeds that are few rows: deviations, the list of contacts, population, and the parties' statements."""

from __future__ import annotations

from typing import Any

import numpy as np

from dagster_project import months
from dagster_project.demo import clock
from dagster_project.demo.profile import (
    Profile,
    data,
    district_chains,
    municipality_weight,
    reference_rows,
    region_municipalities,
)

_DEVIATIONS_PER_STAY = 0.003
_LONGEST_OPEN_DAYS = 110  # under four months
_ROLES = ["biståndshandläggare", "hemsjukvård", "korttidsboende"]
_CATEGORIES = ["admission_notice", "ready_notice", "sip", "discharge_information", "planning", "medication",
               "transport", "local_cooperation", "availability", "it_support", "invoicing", "other"]  # fmt: skip
_CATEGORY_WEIGHTS = [10, 12, 12, 14, 12, 16, 4, 6, 5, 4, 1, 4]
_STATED_IN = "02"  # the parties state on a year in February of the next, and one of them corrects itself in March
_CORRECTED_IN = "03"
_STATEMENTS = {
    "fulfilled": "Syntetiskt yttrande: åtagandet är uppfyllt.",
    "partly_fulfilled": "Syntetiskt yttrande: arbetet pågår och väntas bli klart under året.",
    "not_fulfilled": "Syntetiskt yttrande: arbetet har inte kommit i gång.",
}

Row = dict[str, Any]


def units(region: str, month: str) -> list[tuple[str, str, float]]:
    """(municipality, district code of the month or '', thousands of inhabitants) of the region."""
    today = clock.month_start(month) // clock.DAY
    found: dict[tuple[str, str], float] = {}
    for code in region_municipalities(region):
        chains = district_chains(code)
        weights = data("geography")["districts"]
        scale = municipality_weight(code) / sum(weights[area] for area in chains) if chains else 0.0
        for area, chain in chains.items():
            current = next(district for day, district in reversed(chain) if day <= today or day == chain[0][0])
            found[code, current] = found.get((code, current), 0.0) + weights[area] * scale
        if not chains:
            found[code, ""] = municipality_weight(code)
    return [(municipality, district, weight) for (municipality, district), weight in found.items()]


def deviations(profile: Profile, seed: int, month: str, stays_per_month: int, first: str) -> list[Row]:
    """Deviations reported in the month, and those of the months before that were closed since their delivery."""
    known = clock.extraction_seconds(profile.region, month) // clock.DAY
    known_before = clock.extraction_seconds(profile.region, months.next_month(month, -1)) // clock.DAY
    rows = []
    for reported in months.months_between(max(first, months.next_month(month, -4)), month):
        for row in _reported(profile, seed, reported, stays_per_month):
            is_closed = row["closed_day"] <= known
            if reported == month or (is_closed and row["closed_day"] > known_before):
                closed_on = np.datetime64(row["closed_day"], "D").astype(object) if is_closed else None
                status = "closed" if is_closed else "open"
                rows.append({**row, "closed_on": closed_on, "status": status})
    return rows


def _reported(profile: Profile, seed: int, month: str, stays_per_month: int) -> list[Row]:
    rng = np.random.default_rng([seed, int(profile.region), 8, int(month[:4]), int(month[5:])])
    count = int(rng.poisson(stays_per_month * _DEVIATIONS_PER_STAY))
    places = units(profile.region, month)
    weights = np.asarray([weight for _, _, weight in places])
    chosen = rng.choice(len(places), size=count, p=weights / weights.sum())
    days = np.sort(clock.draw_day(rng, month, [1, 1, 1, 1, 1, 0.1, 0.1], count))
    categories = rng.choice(_CATEGORIES, size=count, p=np.asarray(_CATEGORY_WEIGHTS) / sum(_CATEGORY_WEIGHTS))
    severities = rng.choice(["low", "medium", "high"], size=count, p=[0.5, 0.4, 0.1])
    parties = rng.choice(["region", "municipality"], size=count, p=[0.35, 0.65])
    steps = rng.choice(["", "local", "steering_group", "vis"], size=count, p=[0.7, 0.22, 0.06, 0.02])
    open_days = rng.integers(3, _LONGEST_OPEN_DAYS, count)
    return [
        {
            "deviation_id": f"SYN-D-{month.replace('-', '')}-{row:05d}",
            "reported_on": np.datetime64(int(days[row]), "D").astype(object),
            "reporting_party": str(parties[row]),
            "municipality_code": places[chosen[row]][0],
            "district_code": places[chosen[row]][1] or None,
            "category": str(categories[row]),
            "severity": str(severities[row]),
            "closed_day": int(days[row] + open_days[row]),
            "escalation_step": str(steps[row]) or None,
        }
        for row in range(count)
    ]


def contacts(region: str, month: str) -> list[Row]:
    """The whole list of contacts of the month. Nobody can be reached at these numbers and addresses."""
    number = int(month[:4]) * 12 + int(month[5:])
    rows = []
    for position, (municipality, district, _) in enumerate(units(region, month)):
        for index, role in enumerate(_ROLES):
            key = position * len(_ROLES) + index
            # Most units confirm their details every fourth month; every eleventh has not done so for a year.
            age = 13 if key % 11 == 0 else (number + key) % 4
            unit = f"{municipality}{district}"
            rows.append(
                {
                    "municipality_code": municipality,
                    "district_code": district or None,
                    "unit_name": f"SYN enhet {unit}",
                    "role": role,
                    "phone": "000-000 00 00",
                    "email": f"syn-{unit}-{index}@example.invalid",
                    "weekend_hours": role != "biståndshandläggare" and key % 3 != 0,
                    "verified_on": months.first_day(months.next_month(month, -age)),
                }
            )
    return rows


def population(region: str, month: str) -> list[Row]:
    """Inhabitants by municipality or district, sex and age band: the weights times a common age structure."""
    return [
        {
            "municipality_code": municipality,
            "district_code": district or None,
            "year": int(month[:4]),
            "sex": sex,
            "age_from": low,
            "age_to": high,
            "inhabitants": round(weight * 1000 * share),
        }
        for municipality, district, weight in units(region, month)
        for sex, bands in data("geography")["population_bands"].items()
        for low, high, share in bands
    ]


def statements(profile: Profile, seed: int, month: str) -> list[Row]:
    """The parties' statements on the year before, in the months in which any come. Not everyone states."""
    if month[5:] not in (_STATED_IN, _CORRECTED_IN):
        return []
    rng = np.random.default_rng([seed, int(profile.region), 9, int(month[:4])])
    rows = []
    for commitment in reference_rows("commitments"):
        stating = [("region", "")]
        if commitment["party"] in ("joint", "region_storsthlm"):
            stating.append(("storsthlm", ""))
        if commitment["commitment_id"] == "local_cooperation":
            stating += [("municipality", code) for code in region_municipalities(profile.region)]
        for who, municipality in stating:
            fulfilment = str(rng.choice(list(_STATEMENTS), p=[0.6, 0.3, 0.1]))
            if rng.random() < 0.8:
                rows.append(
                    {
                        "year": int(month[:4]) - 1,
                        "commitment_id": commitment["commitment_id"],
                        "party": who,
                        "municipality_code": municipality or None,
                        "fulfilment": fulfilment,
                        "statement": _STATEMENTS[fulfilment],
                        "stated_on": months.first_day(f"{month[:4]}-{_STATED_IN}"),
                    }
                )
    if month[5:] == _STATED_IN:
        return rows
    corrected = {"fulfilment": "fulfilled", "statement": _STATEMENTS["fulfilled"], "stated_on": months.first_day(month)}
    return [{**rows[-1], **corrected}]
