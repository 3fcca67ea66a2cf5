"""A month's courses of care with everything that is recorded of them, and what one delivery says about it."""

from __future__ import annotations

import numpy as np

from dagster_project.demo import addresses, cases, changes, clock, people, stays
from dagster_project.demo.profile import Profile
from dagster_project.demo.tables import Column, Table, length, take

_STAY_CHANGES = ["discharge_known", "fix_at", "mended_at"]
_CASE_CHANGES = ["fix_at", "mended_at"]
_MESSAGE_CHANGES = ["voided", "fix_at", "mended_at"]
_LINK_DAYS = 25  # a reserve number is linked to the person's own within so many days
_CHAIN_SHARE = 0.1  # links that go by way of a samordningsnummer


class Cohort:
    """The courses that begin in one month. Holds only rows that a delivery to come may need.

    ``begins_at`` is the first second of the first delivery's month: stays that ended before it are in no delivery.
    """

    def __init__(
        self, profile: Profile, seed: int, month: str, stays_per_month: int, begins_at: int, *, clean: bool
    ) -> None:
        self._profile = profile
        self.month = month
        all_stays = stays.draw(profile, seed, month, stays_per_month, clean)
        all_cases, all_messages = cases.draw(profile, seed, month, all_stays)
        rng = np.random.default_rng([seed, int(profile.region), 6, int(month[:4]), int(month[5:])])
        shares = profile.behaviour["corrections"]
        changes.add_changes(
            profile, rng, all_stays, all_stays["admitted"], month, clean=clean,
            correction_share=shares["episodes"], fixes=changes.STAY_FIXES, dirt=changes.STAY_DIRT,
        )  # fmt: skip
        changes.add_changes(
            profile, rng, all_cases, all_cases["opened"], month, clean=clean,
            correction_share=shares["cases"], fixes=changes.CASE_FIXES, dirt=changes.CASE_DIRT,
        )  # fmt: skip
        changes.add_changes(
            profile, rng, all_messages, all_messages["sent"], month, clean=clean,
            correction_share=shares["messages"], fixes=changes.MESSAGE_FIXES, dirt=changes.MESSAGE_DIRT,
        )  # fmt: skip
        inside = np.flatnonzero(~profile.place_is_visitor)
        all_stays["new_place"] = rng.choice(inside, size=length(all_stays))
        all_stays["new_district"] = addresses.district(profile, rng, all_stays["new_place"], all_stays["admitted"])
        all_cases["new_deciding"] = addresses.municipality(profile, rng.choice(inside, size=length(all_cases)))
        all_messages["sent_shift"] = rng.integers(-20 * clock.HOUR, 3 * clock.HOUR, length(all_messages))
        self.links = _links(rng, take(all_stays, all_stays["is_reserve"] & (all_stays["discharged"] >= begins_at)))
        self.stays = take(all_stays, all_stays["discharged"] >= begins_at)
        self.cases = take(all_cases, all_cases["discharged"] >= begins_at)
        self.messages = take(all_messages, all_messages["discharged"] >= begins_at)

    def forget(self, window: changes.Window) -> None:
        """Drop what no later delivery holds."""
        self.stays = window.unfinished(self.stays, self.stays["admitted"], _STAY_CHANGES)
        self.cases = window.unfinished(self.cases, self.cases["opened"], _CASE_CHANGES)
        self.messages = window.unfinished(self.messages, self.messages["sent"], _MESSAGE_CHANGES)
        self.links = window.unfinished(self.links, self.links["linked"], [])

    @property
    def is_done(self) -> bool:
        return not any(length(table) for table in (self.stays, self.cases, self.messages, self.links))

    def episodes(self, window: changes.Window) -> Table:
        """Rows of the feed ``episodes``, as positions and seconds; writing turns them into text."""
        rows = window.delivered(self.stays, self.stays["admitted"], _STAY_CHANGES)
        is_moved = window.fixed(rows, changes.FIXED_ADDRESS)
        has_ended = rows["discharge_known"] <= window.extracted
        later_end = rows["discharged"] + 90 * clock.MINUTE
        discharged = np.where(window.fixed(rows, changes.FIXED_DISCHARGE), later_end, rows["discharged"])
        output = {
            **self._ids(rows),
            **{name: rows[name] for name in ("number", "is_reserve", "is_short", "birth", "sex", "hospital", "area")},
            "municipality": np.where(
                is_moved, addresses.municipality(self._profile, rows["new_place"]), rows["municipality"]
            ),
            "district": np.where(is_moved, rows["new_district"], rows["district"]),
            "protected": rows["protected"],
            "planned": rows["planned"] ^ window.fixed(rows, changes.FIXED_MODE),
            "admitted": rows["admitted"],
            "discharged": np.where(has_ended, discharged, clock.NEVER),
            "destination": np.where(has_ended, rows["destination"], -1),
            "is_deleted": window.fixed(rows, changes.DELETED_STAY),
            "dirt": window.dirty(rows),
        }
        return _repeat(output, output["dirt"] == changes.TWICE)

    def case_rows(self, window: changes.Window) -> Table:
        """Rows of the feed ``cases``."""
        rows = window.delivered(self.cases, self.cases["opened"], _CASE_CHANGES)
        open_care = np.where(window.fixed(rows, changes.FIXED_OPEN_CARE), 2 - rows["open_care"], rows["open_care"])
        output = {
            **self._ids(rows),
            **{name: rows[name] for name in ("municipality", "district", "measures_declined", "coordinated")},
            "deciding": np.where(window.fixed(rows, changes.FIXED_PAYER), rows["new_deciding"], rows["deciding"]),
            "sip_required": rows["sip_required"] ^ window.fixed(rows, changes.FIXED_SIP),
            "open_care": open_care,
            "is_deleted": window.fixed(rows, changes.DELETED_CASE),
            "dirt": window.dirty(rows),
        }
        return _repeat(output, output["dirt"] == changes.CASE_TWICE)

    def message_rows(self, window: changes.Window) -> Table:
        """Rows of the feed ``messages``."""
        rows = window.delivered(self.messages, self.messages["sent"], _MESSAGE_CHANGES)
        shifted = np.clip(rows["sent"] + rows["sent_shift"], rows["admitted"] + 1, rows["discharged"] - 1)
        sent = np.where(window.fixed(rows, changes.FIXED_SENT), shifted, rows["sent"])
        has_no_assessment = (rows["assessed"] == clock.NEVER) & (rows["message_type"] == cases.READY_NOTICE)
        is_filled = window.fixed(rows, changes.FIXED_ASSESSED) & has_no_assessment
        assessed = np.where(is_filled, sent - 20 * clock.MINUTE, rows["assessed"])
        assessed = np.where(assessed < clock.NEVER, np.minimum(assessed, sent), clock.NEVER)
        voided = np.where(rows["voided"] <= window.extracted, rows["voided"], clock.NEVER)
        output = {
            **self._ids(rows),
            **{name: rows[name] for name in ("number", "message_type", "planned")},
            "sent": clock.skip_missing_hour(sent),
            "assessed": clock.skip_missing_hour(assessed),
            "voided": np.where(window.fixed(rows, changes.VOIDED_LATE), rows["fix_at"], voided),
            "dirt": window.dirty(rows),
        }
        return _repeat(output, output["dirt"] == changes.MESSAGE_TWICE)

    def link_rows(self, window: changes.Window) -> Table:
        """Rows of the feed ``identity_links``."""
        rows = window.delivered(self.links, self.links["linked"], [])
        return {**self._ids(rows), **{name: rows[name] for name in ("hospital", "old", "new", "linked")}}

    def _ids(self, rows: Table) -> Table:
        return {
            "cohort": np.full(length(rows), int(self.month.replace("-", ""))),
            "course": rows["course"],
            "sequence": rows["sequence"],
        }


def _repeat(rows: Table, twice: Column) -> Table:
    return take(rows, np.repeat(np.arange(length(rows)), 1 + twice))


def _links(rng: np.random.Generator, reserved: Table) -> Table:
    """A link from each reserve number to the person's own; some by way of a samordningsnummer, as a second link."""
    kept = ("course", "sequence", "admitted", "hospital", "number")
    links = {name: reserved[name] for name in kept}
    count = length(links)
    links["linked"] = links["admitted"] + rng.integers(clock.DAY, _LINK_DAYS * clock.DAY, count)
    is_born_day = links["number"] // 10_000 % 100 <= 31
    is_chain = is_born_day & (rng.random(count) < _CHAIN_SHARE)
    stem = links["number"] // 10 + 60_000
    between = stem * 10 + (people.check_digit(stem) + 1) % 10
    first = {**links, "new": np.where(is_chain, between, links["number"]), "old": np.zeros(count, dtype=np.int64)}
    second = {**take(links, is_chain), "new": links["number"][is_chain], "old": between[is_chain]}
    return {name: np.concatenate([first[name], second[name]]) for name in first}
