"""The demonstration's persons. No id is anyone's: every check digit is wrong on purpose."""

from __future__ import annotations

from datetime import date

import numpy as np

from dagster_project.demo import clock
from dagster_project.demo.profile import Profile
from dagster_project.demo.tables import Column, Table, choose

# A person of a group is admitted in two months of a year, half a year apart, so that chance never makes two courses of
# care of one person overlap; readmissions belong to a course of care itself.
GROUPS = 6
_RETURNING = 0.4
_SERIALS = 500 * 9  # birth numbers of one sex, times the wrong check digits
_STEP = 611  # shares no factor with _SERIALS: spreads the numbers over the whole range


def draw(profile: Profile, seed: int, month: str, count: int) -> Table:
    """``count`` different persons of the month's group, in a random order.

    Columns: ``birth`` (days since 1970), ``sex``, ``place``, ``number`` (twelve digits), ``may_die`` (nobody who is
    back later in the year), ``unknown_municipality``, ``unknown_district``, ``protected``.
    """
    year, group, half = int(month[:4]), int(month[5:]) % GROUPS, int(int(month[5:]) > GROUPS)
    returning = int(count * _RETURNING)
    once = int(count * 1.15) - returning
    rng = np.random.default_rng([seed, int(profile.region), 2, year, group])
    people = _people(profile, rng, year, group, returning + 2 * once)
    people["may_die"] = np.arange(returning + 2 * once) >= returning
    order = np.random.default_rng([seed, int(profile.region), 3, year, group, half])
    pool = np.concatenate([np.arange(returning), returning + half * once + np.arange(once)])
    chosen = order.permutation(pool)[:count]
    return {name: column[chosen] for name, column in people.items()}


def _people(profile: Profile, rng: np.random.Generator, year: int, group: int, count: int) -> Table:
    behaviour = profile.behaviour
    bands = np.asarray(behaviour["ages"], dtype=float)
    band = choose(rng, np.broadcast_to(bands[:, 2], (count, len(bands))))
    age = bands[band, 0] + rng.random(count) * (bands[band, 1] + 1 - bands[band, 0])
    birth = clock.day_number(date(year, 1, 1)) - 1 - (age * 365.2425).astype(np.int64)
    sex = np.where(rng.random(count) < bands[band, 3], 2, 1)
    place = rng.choice(len(profile.place_weight), size=count, p=profile.place_weight / profile.place_weight.sum())
    return {
        "birth": birth,
        "sex": sex,
        "place": place,
        "number": _numbers(birth, sex, rng.random(count) < behaviour["coordination_number"], year, group),
        "unknown_municipality": rng.random(count) < behaviour["municipality_unknown"],
        "unknown_district": rng.random(count) < behaviour["district_unknown"],
        "protected": rng.random(count) < behaviour["protected_identity"],
    }


def _numbers(birth: Column, sex: Column, coordination: Column, year: int, group: int) -> Column:
    """Twelve digits each, different within two years; day + 60 makes a samordningsnummer; the check digit is wrong."""
    rank = _rank_among_equals(birth * 2 + sex - 1)
    serial = ((rank * GROUPS + group) * 2 + year % 2) * _STEP % _SERIALS
    days = birth.astype("M8[D]")
    month_of = days.astype("M8[M]")
    calendar_year = month_of.astype("M8[Y]").astype(np.int64) + 1970
    month_number = month_of.astype(np.int64) % 12 + 1
    day = (days - month_of.astype("M8[D]")).astype(np.int64) + 1 + np.where(coordination, 60, 0)
    birth_number = serial % 500 * 2 + sex % 2  # odd for men
    stem = (calendar_year * 10_000 + month_number * 100 + day) * 1000 + birth_number
    return np.asarray(stem * 10 + (check_digit(stem) + 1 + serial // 500) % 10)


def check_digit(stem: Column) -> Column:
    """The right check digit of the last nine digits of ``stem`` (Luhn, weights 2, 1, 2, …)."""
    total = np.zeros_like(stem)
    for position in range(9):
        product = stem // 10**position % 10 * (2 if position % 2 == 0 else 1)
        total += product // 10 + product % 10
    return np.asarray(-total % 10)


def _rank_among_equals(keys: Column) -> Column:
    """0, 1, 2 … for the rows that share a key, in the order of the rows."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.r_[True, ordered[1:] != ordered[:-1]]
    positions = np.arange(len(keys))
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[order] = positions - np.maximum.accumulate(np.where(starts, positions, 0))
    return ranks
