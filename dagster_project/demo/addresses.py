"""Where a patient is registered on a date: municipality and, in Stockholm, the city district's code of that day."""

from __future__ import annotations

import numpy as np

from dagster_project.demo import clock
from dagster_project.demo.profile import Profile
from dagster_project.demo.tables import Column

UNKNOWN = -1  # position of no municipality
_HALF_YEAR = 183


def municipality(profile: Profile, place: Column) -> Column:
    """Positions in ``profile.municipality_codes``."""
    return np.asarray(profile.place_municipality[place])


def district(profile: Profile, rng: np.random.Generator, place: Column, at: Column) -> Column:
    """Positions in ``profile.district_codes`` on the dates of ``at`` (seconds).

    Some rows keep the code of an area that has merged since: files with such codes are met in practice, most of them
    soon after a merger, and would be counted beside the new area.
    """
    habit = profile.behaviour["left_over_district"]
    day = at // clock.DAY
    draws = rng.random(len(place))
    code = np.zeros(len(place), dtype=np.int64)
    for step in range(profile.place_districts.shape[1]):
        since = day - profile.place_district_days[place, step]
        share = np.where(since < _HALF_YEAR, habit["first_half_year"], habit["later"]) if step else 0.0
        code = np.where((since >= 0) & (draws >= share), profile.place_districts[place, step], code)
    return code
