"""A region as the demonstration knows it: places, hospitals and habits, read from the data files beside this one."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml

from dagster_project.demo import clock
from dagster_project.demo.tables import Column
from dagster_project.errors import ConfigurationError
from dagster_project.settings import SEEDS_DIR

CARE_AREAS = ["somatic", "geriatric", "psychiatric", "addiction"]
_HERE = Path(__file__).parent
_DEFAULT_STAYS = 20_000  # a month in Region Stockholm; the other regions by their population


@dataclass(frozen=True)
class Profile:
    """Everything that is fixed for a region and a seed.

    A *place* is a municipality, or a city district by the areas of 2007; the last places are those of visitors from
    outside the region. ``district_codes[place_districts[place, step]]`` is the place's code from the day
    ``place_district_days[place, step]`` on (position 0 of the codes is "no district"). ``hospital_shares`` has one row
    per care area and place, and a column per hospital. ``pace`` is how a place's ready time stands to the mean.
    """

    region: str
    behaviour: dict[str, Any]
    municipality_codes: list[str]
    place_municipality: Column
    place_weight: npt.NDArray[np.float64]
    place_is_visitor: Column
    district_codes: list[str]
    place_districts: Column
    place_district_days: Column
    pace: npt.NDArray[np.float64]
    hospital_ids: list[str]
    hospital_shares: npt.NDArray[np.float64]


def reference_rows(table: str) -> list[dict[str, str]]:
    """The rows of a reference table as it is shipped."""
    with (SEEDS_DIR / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def data(name: str) -> dict[str, Any]:
    """One of the data files beside this module."""
    loaded: dict[str, Any] = yaml.safe_load((_HERE / f"{name}.yml").read_text(encoding="utf-8"))
    return loaded


def default_stays(region: str) -> int:
    """Stays a month for a region that no number is given for, by population."""
    weights = data("geography")["regions"]
    if region not in weights:
        raise ConfigurationError(f"'{region}' is no region: give one of the county codes {', '.join(sorted(weights))}.")
    return int(round(_DEFAULT_STAYS * weights[region] / weights["01"], -1))


def municipality_weight(code: str) -> float:
    """Thousands of inhabitants, rounded."""
    geography = data("geography")
    return float(geography["municipalities"].get(code, geography["other_municipality"]))


def region_municipalities(region: str) -> list[str]:
    """Codes of the region's municipalities that still exist, in order."""
    rows = reference_rows("municipalities")
    return sorted(r["municipality_code"] for r in rows if r["region_code"] == region and not r["valid_to"])


def district_chains(municipality: str) -> dict[str, list[tuple[int, str]]]:
    """For each area of 2007 of a municipality: the days from which it had each code, oldest first."""
    rows = {r["district_code"]: r for r in reference_rows("districts") if r["municipality_code"] == municipality}
    chains = {}
    for code in data("geography")["districts"]:
        chain: list[tuple[int, str]] = []
        step: str | None = code if code in rows else None
        while step:
            chain.append((clock.day_number(date.fromisoformat(rows[step]["valid_from"])), step))
            step = rows[step]["successor_district_code"]
        if chain:
            chains[code] = chain
    return chains


def load(region: str, seed: int) -> Profile:
    """The region's profile. Raises ConfigurationError for a code that is no region."""
    default_stays(region)
    behaviour = data("behaviour")
    places = _places(region, behaviour["visitor"])
    municipality_codes = sorted({place["municipality"] for place in places})
    steps = max(len(place["districts"]) for place in places)
    district_codes = ["", *sorted({code for place in places for _, code in place["districts"]})]
    place_districts = np.zeros((len(places), steps), dtype=np.int64)
    place_days = np.full((len(places), steps), clock.NEVER, dtype=np.int64)
    for row, place in enumerate(places):
        for step, (day, code) in enumerate(place["districts"]):
            place_districts[row, step] = district_codes.index(code)
            place_days[row, step] = day
    rng = np.random.default_rng([seed, int(region), 1])
    spread = behaviour["pace_spread"]
    hospital_ids, hospital_shares = _hospitals(region, [place["municipality"] for place in places])
    return Profile(
        region=region,
        behaviour=behaviour,
        municipality_codes=municipality_codes,
        place_municipality=np.asarray([municipality_codes.index(place["municipality"]) for place in places]),
        place_weight=np.asarray([place["weight"] for place in places]),
        place_is_visitor=np.asarray([place["is_visitor"] for place in places]),
        district_codes=district_codes,
        place_districts=place_districts,
        place_district_days=place_days,
        pace=np.clip(np.exp(rng.normal(0, spread, len(places))), 0.6, 1.9),
        hospital_ids=hospital_ids,
        hospital_shares=hospital_shares,
    )


def _places(region: str, visitor_share: float) -> list[dict[str, Any]]:
    geography = data("geography")
    places: list[dict[str, Any]] = []
    for code in region_municipalities(region):
        chains = district_chains(code)
        if chains:
            weights = geography["districts"]
            scale = municipality_weight(code) / sum(weights[district] for district in chains)
            parts = [(weights[district] * scale, chain) for district, chain in chains.items()]
        else:
            parts = [(municipality_weight(code), [])]
        places.extend(
            {"municipality": code, "weight": weight, "districts": chain, "is_visitor": False} for weight, chain in parts
        )
    visitors = [code for code in geography["visitors"] if code[:2] != region]
    scale = sum(place["weight"] for place in places) * visitor_share / sum(map(municipality_weight, visitors))
    places.extend(
        {"municipality": code, "weight": municipality_weight(code) * scale, "districts": [], "is_visitor": True}
        for code in visitors
    )
    return places


def _hospitals(region: str, place_municipalities: list[str]) -> tuple[list[str], npt.NDArray[np.float64]]:
    """HSA-ids (made up), and shares with the shape (care areas, places, hospitals)."""
    listed = data("hospitals")
    hospitals = listed["regions"].get(region) or [{"id": f"{region}01", **listed["generic"]}]
    shares = np.zeros((len(CARE_AREAS), len(place_municipalities), len(hospitals)))
    for column, hospital in enumerate(hospitals):
        near = np.isin(place_municipalities, hospital.get("near", []))
        for row, area in enumerate(CARE_AREAS):
            shares[row, :, column] = hospital["shares"].get(area, 0) * np.where(near, listed["near_factor"], 1)
    return [f"SE0000000000-SYN{hospital['id']}" for hospital in hospitals], shares
