"""Cases of discharge planning and their messages, for the stays that have one."""

from __future__ import annotations

import numpy as np

from dagster_project.demo import addresses, clock, stays
from dagster_project.demo.profile import Profile
from dagster_project.demo.tables import Column, Table, concat, length, take

MESSAGE_TYPES = [
    "admission_notice",
    "planned_discharge_changed",
    "ready_notice",
    "ready_withdrawn",
    "sip_call",
    "sip_held",
    "discharge_information",
]
(
    ADMISSION_NOTICE,
    PLANNED_DISCHARGE_CHANGED,
    READY_NOTICE,
    READY_WITHDRAWN,
    SIP_CALL,
    SIP_HELD,
    DISCHARGE_INFORMATION,
) = range(7)
OPEN_CARE = ["yes", "no", "unclear"]


def draw(profile: Profile, seed: int, month: str, all_stays: Table) -> tuple[Table, Table]:
    """The cases of the month's courses and their messages, in the order of course, sequence and time sent."""
    rng = np.random.default_rng([seed, int(profile.region), 5, int(month[:4]), int(month[5:])])
    with_case = take(all_stays, all_stays["has_case"])
    cases = _cases(profile, rng, with_case)
    messages = _messages(profile, rng, with_case, cases)
    opened = np.full(length(cases), clock.NEVER)
    np.minimum.at(opened, messages["case_row"], messages["sent"])
    cases["opened"] = opened
    has_message = opened < clock.NEVER
    return take(cases, has_message), messages


def _cases(profile: Profile, rng: np.random.Generator, with_case: Table) -> Table:
    behaviour, count = profile.behaviour, length(with_case)
    was_ready = with_case["first_ready"] < clock.NEVER
    moved = rng.random(count) < behaviour["moved_before_case"]
    inside = np.flatnonzero(~profile.place_is_visitor)
    new_place = rng.choice(inside, size=count)
    new_district = addresses.district(profile, rng, new_place, with_case["admitted"])
    placed = rng.random(count) < behaviour["placed_elsewhere"]
    coordinated = (with_case["area"] == stays.PSYCHIATRIC) & (rng.random(count) < behaviour["coordinated_care_plan"])
    open_care = rng.random(count)
    no, unclear = behaviour["open_care"]["no"], behaviour["open_care"]["unclear"]
    kept = ("course", "sequence", "admitted", "discharged")
    return {
        **{name: with_case[name] for name in kept},
        "municipality": np.where(moved, addresses.municipality(profile, new_place), with_case["municipality"]),
        "district": np.where(moved, new_district, with_case["district"]),
        "deciding": np.where(
            placed, addresses.municipality(profile, rng.choice(inside, size=count)), addresses.UNKNOWN
        ),
        "sip_required": rng.random(count) < np.where(was_ready, behaviour["sip_required"], 0.15),
        "open_care": np.where(open_care < no, 1, np.where(open_care < no + unclear, 2, 0)),
        "measures_declined": rng.random(count) < behaviour["measures_declined"],
        "coordinated": coordinated,
    }


def _messages(profile: Profile, rng: np.random.Generator, with_case: Table, cases: Table) -> Table:
    behaviour, count = profile.behaviour, length(with_case)
    admitted, discharged, ready = with_case["admitted"], with_case["discharged"], with_case["ready"]
    first_ready, withdrawn = with_case["first_ready"], with_case["withdrawn"]
    was_ready = first_ready < clock.NEVER
    alive = with_case["destination"] != stays.DECEASED
    stay_days = np.where(was_ready, first_ready, discharged) // clock.DAY - admitted // clock.DAY
    parts: list[Table] = []

    def chance(share: float) -> Column:
        return rng.random(count) < share

    def between(low: float, high: float) -> Column:
        """Seconds, of hours."""
        return np.asarray(rng.uniform(low, high, count) * clock.HOUR, dtype=np.int64)

    def add(
        message_type: int, rows: Column, sent: Column, assessed: Column | None = None, planned: Column | None = None
    ) -> None:
        never = np.full(count, clock.NEVER)
        part = {
            "case_row": np.arange(count),
            "message_type": np.full(count, message_type),
            "sent": clock.skip_missing_hour(sent),
            "assessed": never if assessed is None else assessed,
            "planned": never if planned is None else planned,
        }
        parts.append(take(part, rows))

    notice = behaviour["admission_notice"]
    draws = rng.random(count)
    is_late = (draws >= notice["missing"]) & (draws < notice["missing"] + notice["late"])
    in_time = np.asarray(np.minimum(rng.gamma(1.6, 4.5, count) + 0.4, 23.5) * clock.HOUR, dtype=np.int64)
    sent = admitted + np.where(is_late, between(25, 110), in_time)
    assessed = np.where(
        is_late & chance(notice["assessed_later"]), np.maximum(sent - between(1, 30), admitted), clock.NEVER
    )
    planned = admitted // clock.DAY + np.maximum(1, np.rint(stay_days * rng.uniform(0.6, 1.3, count)).astype(np.int64))
    add(ADMISSION_NOTICE, (draws >= notice["missing"]) & (sent < discharged), sent, assessed, planned)

    has_changed = chance(behaviour["planned_date_changed"]) & (stay_days >= 2)
    changed = admitted + clock.DAY + np.asarray(rng.random(count) * (stay_days - 1) * clock.DAY, dtype=np.int64)
    changed = changed // clock.DAY * clock.DAY + between(8, 17)
    new_plan = admitted // clock.DAY + stay_days + rng.integers(-1, 3, count)
    new_plan = np.maximum(new_plan, changed // clock.DAY)
    add(PLANNED_DISCHARGE_CHANGED, has_changed & (changed > admitted) & (changed < discharged), changed, None, new_plan)

    for at in (first_ready, np.where(withdrawn < clock.NEVER, ready, clock.NEVER)):
        is_assessed = chance(behaviour["assessed"])
        before = np.asarray(np.minimum(rng.exponential(1.2, count), 6.0) * clock.HOUR, dtype=np.int64)
        assessment = np.where(is_assessed, np.maximum(at - before, admitted + clock.HOUR), clock.NEVER)
        add(READY_NOTICE, (at < clock.NEVER) & (at < discharged), at, assessment)
    add(READY_WITHDRAWN, (withdrawn < clock.NEVER) & (withdrawn < discharged), withdrawn)

    call = behaviour["sip_call"]
    draws = rng.random(count)
    is_late = draws < call["late"]
    anchor = np.where(was_ready, first_ready, admitted + clock.DAY)
    called = np.where(is_late, anchor + between(97, 150), anchor + between(-60, 20))
    called = np.maximum(called, admitted + 2 * clock.HOUR)
    has_call = cases["sip_required"] & ~cases["coordinated"] & (draws < 1 - call["missing"]) & (called < discharged)
    add(SIP_CALL, has_call, called)
    held = np.minimum(called + between(4, 72), discharged - between(0.2, 3))
    add(SIP_HELD, has_call & chance(behaviour["sip_held"]) & (held > called), held)

    informed = discharged - between(0.1, 3)
    has_information = alive & chance(behaviour["discharge_information"]) & (informed > admitted)
    add(DISCHARGE_INFORMATION, has_information, informed)

    messages = concat(parts)
    total = length(messages)
    messages["voided"] = np.full(total, clock.NEVER)
    twins = take(messages, rng.random(total) < behaviour["sent_twice"])
    # A message that was sent in error minutes before the right one, and voided at once.
    twins["sent"] = twins["sent"] - rng.integers(60, 900, length(twins))
    twins["assessed"] = np.where(twins["assessed"] > twins["sent"], clock.NEVER, twins["assessed"])
    twins["voided"] = twins["sent"] + rng.integers(30, 600, length(twins))
    messages = concat([messages, twins])
    row = messages["case_row"]
    messages |= {name: cases[name][row] for name in ("course", "sequence", "admitted", "discharged")}
    messages = take(messages, np.lexsort((messages["message_type"], messages["sent"], row)))
    positions = np.arange(length(messages))
    starts = np.r_[True, messages["case_row"][1:] != messages["case_row"][:-1]][: len(positions)]
    messages["number"] = positions - np.maximum.accumulate(np.where(starts, positions, 0)) + 1
    return messages
