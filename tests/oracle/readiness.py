"""Rules §3: messages become readiness intervals, and intervals become ready days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from tests.oracle import clock, reference
from tests.oracle.feeds import Case, Message, Stay
from tests.oracle.spells import Spell


@dataclass
class Interval:
    """From a ready notice to ``ended_at`` (None while open). ``ready_dates`` are its ready days through M."""

    region: str
    spell: Spell
    notice: Message
    ended_at: datetime | None
    end_reason: str
    ready_dates: list[date] = field(default_factory=list)

    @cached_property
    def case(self) -> Case:
        return self.spell.case_of(self.notice)

    @cached_property
    def stay(self) -> Stay:
        return self.spell.stay_of(self.case)

    @cached_property
    def payment_class(self) -> str:
        return reference.payment_class(self.stay.care_area)

    @cached_property
    def ready_at(self) -> datetime:
        return self.notice.sent_at

    @cached_property
    def ready_on(self) -> date:
        return clock.date_of(self.notice.sent_at)

    @cached_property
    def ended_on(self) -> date | None:
        return clock.date_of(self.ended_at) if self.ended_at else None

    @cached_property
    def registered_in(self) -> str | None:
        return self.case.municipality_code or self.spell.last.municipality_code

    @cached_property
    def payer_as_delivered(self) -> str | None:
        return self.case.deciding_municipality_code or self.registered_in

    @cached_property
    def payer(self) -> str:
        """The payer, ``9999`` where it is empty or no municipality on the date of the notice."""
        code = self.payer_as_delivered
        return code if code and reference.region_of(code, self.ready_on) else "9999"

    @cached_property
    def district(self) -> str:
        """The district as delivered, ``99`` unknown or protected, ``00`` where the payer has none or is not home."""
        if self.payer != self.registered_in:
            return "00"
        code = reference.district_of(self.payer, self.case.district_code or self.spell.last.district_code)
        return "99" if code != "00" and self.spell.is_protected else code

    def begun_by(self, on: date) -> bool:
        return self.ready_on <= on

    def ended_by(self, on: date) -> bool:
        return self.ended_on is not None and self.ended_on <= on

    def ended_in(self, month: date) -> bool:
        return self.ended_on is not None and clock.first_of(self.ended_on) == month


def events(spell: Spell) -> list[Message]:
    """The notices and withdrawals that count, in order."""
    found = []
    for message in spell.messages:
        if message.message_type not in ("ready_notice", "ready_withdrawn") or message.voided:
            continue
        if message.sent_at < spell.admitted_at:
            continue
        if spell.discharged_at and message.sent_at >= spell.discharged_at:
            continue
        found.append(message)
    return sorted(found, key=lambda m: (m.sent_at, m.message_type == "ready_notice", m.message_id))


def intervals(spell: Spell, region: str, month_end: date) -> list[Interval]:
    """The intervals of a spell, in order, with their ready days through ``month_end``."""
    found: list[Interval] = []
    notice: Message | None = None
    for message in events(spell):
        if message.message_type == "ready_notice" and notice is None:
            notice = message
        elif message.message_type == "ready_withdrawn" and notice is not None:
            found.append(Interval(region, spell, notice, message.sent_at, "withdrawn"))
            notice = None
    if notice is not None:
        reason = "open" if spell.is_open else "deceased" if spell.destination == "deceased" else "discharged"
        found.append(Interval(region, spell, notice, spell.discharged_at, reason))
    for interval in found:
        interval.ready_dates = ready_dates(interval, month_end)
    return found


def ready_dates(interval: Interval, month_end: date) -> list[date]:
    """The dates in [d(start), d(end)) through M; an open interval runs through M's last day."""
    stop = interval.ended_on or month_end + clock.DAY
    return [on for on in clock.dates_until(interval.ready_on, stop) if on <= month_end]


def days_in(interval: Interval, month: date) -> int:
    last = clock.last_of(month)
    return sum(1 for on in interval.ready_dates if month <= on <= last)
