"""Courses of care: a first stay, and what follows it (transfers, readmissions, planned returns), month by month.

A course is drawn whole, to its end, from the region, the seed and the month it begins in alone. What a delivery holds
of it is decided later by what was known when the delivery was made.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dagster_project.demo import addresses, clock, people
from dagster_project.demo.profile import Profile
from dagster_project.demo.tables import Column, Table, choose, concat, length, take

HOME, SPECIAL_HOUSING, INPATIENT, DECEASED, OTHER = range(5)
SOMATIC, GERIATRIC, PSYCHIATRIC, ADDICTION = range(4)

LONGEST_COURSE_MONTHS = 6  # no stay of a course ends later than this many months after the one it began in
_STAYS_PER_COURSE = 1.175  # measured: what transfers and returns add
_LONGEST_CHAIN = 6
_LAST_RETURN_DAYS = 60  # a stay that ends later than this after the course's month began is the course's last
_LATER_STAY_DAYS = 30
_LATER_WAIT_DAYS = 40
_OTHER_SHARE = 0.008


def course_count(profile: Profile, month: str, stays_per_month: int) -> int:
    """Courses to begin in the month so that about ``stays_per_month`` stays begin in it."""
    season: float = profile.behaviour["season"][int(month[5:]) - 1]
    return max(1, round(stays_per_month * season / _STAYS_PER_COURSE))


def draw(profile: Profile, seed: int, month: str, stays_per_month: int, clean: bool) -> Table:
    """Every stay of the courses that begin in the month, one row each, in the order of course and sequence.

    Times are seconds since 1970; ``first_ready``, ``withdrawn`` and ``ready`` are NEVER where there was none.
    """
    rng = np.random.default_rng([seed, int(profile.region), 4, int(month[:4]), int(month[5:])])
    wave = _first_stays(profile, rng, seed, month, course_count(profile, month, stays_per_month))
    waves: list[Table] = []
    while length(wave) and len(waves) < _LONGEST_CHAIN:
        wave = _settle(profile, rng, wave)
        following = _next_stays(profile, rng, wave, clock.month_start(month))
        lost = rng.random(length(following)) < (0.0 if clean else profile.behaviour["discharge_never_sent"])
        wave["never_sent"] = np.isin(wave["course"], following["course"][lost])
        waves.append(wave)
        wave = following
    stays = concat(waves)
    stays = take(stays, np.lexsort((stays["sequence"], stays["course"])))
    return _marks(profile, rng, stays, np.bincount(stays["course"])[stays["course"]] > 1)


def _first_stays(profile: Profile, rng: np.random.Generator, seed: int, month: str, count: int) -> Table:
    behaviour = profile.behaviour
    stays = people.draw(profile, seed, month, count)
    # The age on the first of the month settles the class; a birthday within the month is no matter here.
    age_class = np.digitize((clock.month_start(month) // clock.DAY - stays["birth"]) / 365.2425, [18, 65, 80])
    area = choose(rng, np.asarray(behaviour["care_areas"])[age_class])
    planned = rng.random(count) < np.asarray(behaviour["planned"])[area]
    admitted = np.where(
        planned,
        clock.draw_day(rng, month, behaviour["weekdays"]["planned"], count) * clock.DAY
        + clock.draw_time(rng, behaviour["hours"]["planned"], count),
        clock.draw_day(rng, month, behaviour["weekdays"]["unplanned"], count) * clock.DAY
        + clock.draw_time(rng, behaviour["hours"]["unplanned"], count),
    )
    order = np.argsort(admitted, kind="stable")
    first = {**stays, "age_class": age_class, "area": area, "planned": planned, "admitted": admitted}
    first = take(first, order)
    first["course"] = np.arange(count)
    first["sequence"] = np.ones(count, dtype=np.int64)
    first["hospital"] = choose(rng, profile.hospital_shares[first["area"], first["place"]])
    return first


def _settle(profile: Profile, rng: np.random.Generator, stays: Table) -> Table:
    """Adds how each stay goes on and ends: case, readiness, discharge and destination."""
    behaviour, count = profile.behaviour, length(stays)
    area, age_class, planned = stays["area"], stays["age_class"], stays["planned"]
    admitted = clock.skip_missing_hour(stays["admitted"])
    first_of_course = stays["sequence"] == 1

    shares = {mode: np.asarray(share)[area] for mode, share in behaviour["same_day"].items()}
    same_day = rng.random(count) < np.where(planned, shares["planned"], shares["unplanned"])
    length_of_stay = behaviour["length_of_stay"]
    median = np.asarray(length_of_stay["median"])[area] * np.asarray(behaviour["length_per_age"])[age_class]
    drawn = median * np.exp(rng.normal(0, 1, count) * np.asarray(length_of_stay["sigma"])[area])
    longest = np.where(first_of_course, behaviour["longest_stay"], _LATER_STAY_DAYS)
    days = np.where(same_day, 0, np.clip(np.rint(drawn), 1, longest)).astype(np.int64)

    # Only persons who are not drawn again later in the year may die: their share of the deaths is scaled up.
    dies = stays["may_die"] & (rng.random(count) < np.asarray(behaviour["death"])[age_class] / 0.6) & ~same_day
    moves = ~dies & (rng.random(count) < _transfer_share(behaviour, stays))
    case_share = np.asarray(behaviour["has_case"])[age_class] * np.asarray(behaviour["case_factor"])[area]
    has_case = ~same_day & (rng.random(count) < np.minimum(case_share, 0.95) * np.where(moves, 0.5, 1.0))
    notified = has_case & ~moves & (rng.random(count) < np.where(dies, 0.15, behaviour["notified_ready"]))

    readiness = _readiness(profile, rng, stays, notified, admitted // clock.DAY + days)
    wait = _wait(profile, rng, stays, np.where(first_of_course, behaviour["longest_wait"], _LATER_WAIT_DAYS))
    known_ready = np.where(readiness["ready"] < clock.NEVER, readiness["ready"], readiness["withdrawn"])
    was_ready = known_ready < clock.NEVER
    end_day = np.where(was_ready, known_ready // clock.DAY + wait, admitted // clock.DAY + days)
    earliest_day = np.where(was_ready, known_ready, admitted + clock.DAY) // clock.DAY
    end_day = _avoid_weekend(rng, behaviour, end_day, earliest_day, ~dies & ~same_day)
    end_time = np.where(
        dies,
        clock.draw_time(rng, behaviour["hours"]["death"], count),
        clock.draw_time(rng, behaviour["hours"]["discharge"], count),
    )
    discharged = np.where(
        same_day, admitted + rng.integers(3 * clock.HOUR, 10 * clock.HOUR, count), end_day * clock.DAY + end_time
    )
    earliest = np.where(was_ready, known_ready + rng.integers(clock.HOUR, 4 * clock.HOUR, count), admitted + clock.HOUR)

    housing = np.asarray(behaviour["special_housing"])[age_class] * np.where(has_case, 1.6, 0.5)
    destination = np.where(rng.random(count) < housing, SPECIAL_HOUSING, HOME)
    destination = np.where(rng.random(count) < _OTHER_SHARE, OTHER, destination)
    destination = np.where(moves, INPATIENT, np.where(dies, DECEASED, destination))
    return {
        **stays,
        **readiness,
        "admitted": admitted,
        "discharged": clock.skip_missing_hour(np.maximum(discharged, earliest)),
        "destination": destination,
        "has_case": has_case,
    }


def _avoid_weekend(
    rng: np.random.Generator, behaviour: dict[str, Any], day: Column, earliest: Column, may_move: Column
) -> Column:
    """Move discharges from non-working days to the working day before, where the patient could leave then, or after."""
    habit = behaviour["avoids_weekend"]
    draws = rng.random(len(day))
    before = clock.previous_working_day(day)
    goes_before = may_move & (draws < habit["discharged_before"]) & (before >= earliest)
    goes_after = may_move & (draws >= 1 - habit["discharged_after"])
    return np.where(goes_before, before, np.where(goes_after, clock.next_working_day(day), day))


def _transfer_share(behaviour: dict[str, Any], stays: Table) -> Column:
    transfer = behaviour["transfer"]
    to_geriatric = np.asarray(transfer["to_geriatric"])[stays["age_class"]]
    unplanned_somatic = (stays["area"] == SOMATIC) & ~stays["planned"]
    share = np.asarray(transfer["elsewhere"])[stays["area"]] + np.where(unplanned_somatic, to_geriatric, 0.0)
    return np.asarray(share)


def _readiness(
    profile: Profile, rng: np.random.Generator, stays: Table, notified: Column, ready_day: Column
) -> dict[str, Column]:
    """``first_ready``, ``withdrawn`` and ``ready`` (the last notice: the first where none was withdrawn)."""
    behaviour, count = profile.behaviour, length(stays)
    never = np.full(count, clock.NEVER)

    def working(days: Column) -> Column:
        postponed = rng.random(count) < behaviour["avoids_weekend"]["ready_after"]
        return np.where(postponed, clock.next_working_day(days), days)

    def time_of_day() -> Column:
        return clock.draw_time(rng, behaviour["hours"]["ready"], count)

    first = working(ready_day) * clock.DAY + time_of_day()
    is_withdrawn = notified & (rng.random(count) < behaviour["withdrawn"])
    withdrawn = first + rng.integers(2 * clock.HOUR, 50 * clock.HOUR, count)
    again = working(withdrawn // clock.DAY + rng.integers(1, 6, count)) * clock.DAY + time_of_day()
    again = np.where(rng.random(count) < behaviour["not_ready_again"], never, again)
    return {
        "first_ready": np.where(notified, first, never),
        "withdrawn": np.where(is_withdrawn, withdrawn, never),
        "ready": np.where(notified, np.where(is_withdrawn, again, first), never),
    }


def _wait(profile: Profile, rng: np.random.Generator, stays: Table, longest: Column) -> Column:
    """Days from the date of readiness to the date of discharge; about half have none."""
    behaviour, count = profile.behaviour, length(stays)
    months = stays["admitted"].astype("M8[s]").astype("M8[M]").astype(np.int64)
    years = (months - (2023 - 1970) * 12) / 12
    pace = profile.pace[stays["place"]] * np.asarray(behaviour["winter"])[months % 12]
    pace = pace * (1 - behaviour["yearly_improvement"]) ** years
    wait = behaviour["wait"]
    is_long = rng.random(count) < wait["long_share"]
    more = rng.exponential(1.0, count) * np.where(is_long, wait["long_mean"], wait["mean"]) * pace
    at_once = rng.random(count) < np.clip(behaviour["day_zero"] / pace, 0.2, 0.8)
    return np.minimum(np.where(at_once, 0, 1 + more.astype(np.int64)), longest)


def _next_stays(profile: Profile, rng: np.random.Generator, stays: Table, course_start: int) -> Table:
    """The stays that follow directly upon these: at most one each."""
    behaviour, count = profile.behaviour, length(stays)
    in_time = stays["discharged"] < course_start + _LAST_RETURN_DAYS * clock.DAY
    transfer = behaviour["transfer"]
    moved = in_time & (stays["destination"] == INPATIENT) & (rng.random(count) >= transfer["leaves_region"])
    gone_home = in_time & (stays["destination"] != INPATIENT) & (stays["destination"] != DECEASED)
    share = np.asarray(behaviour["readmitted_in_30_days"])[stays["age_class"]]
    share = share * np.where(stays["has_case"], behaviour["readmitted_with_case"], 1.0)
    readmitted = gone_home & (rng.random(count) < share)
    returned = gone_home & ~readmitted & (rng.random(count) < behaviour["planned_return"])

    day = stays["discharged"] // clock.DAY
    soon = stays["discharged"] + rng.integers(clock.HOUR // 2, 3 * clock.HOUR, count)
    next_morning = (day + 1) * clock.DAY + rng.integers(8 * clock.HOUR, 12 * clock.HOUR, count)
    at_transfer = np.where(rng.random(count) < transfer["next_day"], next_morning, soon)
    weights = np.asarray(behaviour["readmission_days"])
    delay = rng.choice(len(weights), size=count, p=weights / weights.sum())
    unplanned_time = clock.draw_time(rng, behaviour["hours"]["unplanned"], count)
    at_readmission = np.where(delay == 0, soon, (day + delay) * clock.DAY + unplanned_time)
    planned_day = clock.next_working_day(day + rng.integers(3, 29, count))
    at_return = planned_day * clock.DAY + clock.draw_time(rng, behaviour["hours"]["planned"], count)

    geriatric_share = np.asarray(transfer["to_geriatric"])[stays["age_class"]]
    elsewhere_share = np.asarray(transfer["elsewhere"])[stays["area"]]
    can_be_geriatric = moved & (stays["area"] == SOMATIC) & ~stays["planned"]
    to_geriatric = can_be_geriatric & (rng.random(count) < geriatric_share / (geriatric_share + elsewhere_share))
    back_to_acute = readmitted & (stays["area"] == GERIATRIC) & (rng.random(count) < 0.6)
    area = np.where(to_geriatric, GERIATRIC, np.where(back_to_acute, SOMATIC, stays["area"]))
    other_hospital = choose(rng, profile.hospital_shares[area, stays["place"]])
    stays_put = ~moved & (area == stays["area"]) & (rng.random(count) < behaviour["same_hospital"])

    kept = ("birth", "sex", "place", "number", "may_die", "unknown_municipality", "unknown_district", "protected")
    following = {name: stays[name] for name in (*kept, "age_class", "course")}
    following |= {
        "area": area,
        "planned": returned | (moved & (rng.random(count) < 0.3)),
        "admitted": np.where(moved, at_transfer, np.where(readmitted, at_readmission, at_return)),
        "sequence": stays["sequence"] + 1,
        "hospital": np.where(stays_put, stays["hospital"], other_hospital),
    }
    return take(following, moved | readmitted | returned)


def _marks(profile: Profile, rng: np.random.Generator, stays: Table, has_others: Column) -> Table:
    """Adds how the stay is registered: address, form of the person id, when the discharge was known."""
    behaviour, count = profile.behaviour, length(stays)
    unknown = stays["unknown_municipality"]
    municipality = addresses.municipality(profile, stays["place"])
    district = addresses.district(profile, rng, stays["place"], stays["admitted"])
    reserve = behaviour["reserve_number"]
    draws = rng.random(count)
    is_reserve = (stays["sequence"] == 1) & (draws < np.where(has_others, reserve["returning"], reserve["other"]))
    return {
        **stays,
        "municipality": np.where(unknown, addresses.UNKNOWN, municipality),
        "district": np.where(unknown | stays["unknown_district"], 0, district),
        "is_reserve": is_reserve,
        "is_short": ~is_reserve & (rng.random(count) < behaviour["short_person_id"]),
        "discharge_known": np.where(
            stays["never_sent"], clock.NEVER, stays["discharged"] + rng.integers(0, 6 * clock.HOUR, count)
        ),
    }
