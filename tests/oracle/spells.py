"""Rules §2: stays become spells."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from tests.oracle import clock, reference
from tests.oracle.feeds import Case, InForce, Message, Stay


@dataclass
class Spell:
    """The stays of one spell in their order, and what hangs on them. ``discharged_at`` is None while it is open."""

    stays: list[Stay]
    cases: list[Case] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    @property
    def first(self) -> Stay:
        return self.stays[0]

    @property
    def spell_id(self) -> str:
        return self.first.episode_id

    @property
    def person(self) -> str:
        return self.first.person

    @property
    def admitted_at(self) -> datetime:
        return self.first.admitted_at

    @property
    def is_open(self) -> bool:
        return any(stay.discharged_at is None for stay in self.stays)

    @property
    def discharged_at(self) -> datetime | None:
        if self.is_open:
            return None
        return max(stay.discharged_at for stay in self.stays if stay.discharged_at)

    @property
    def last(self) -> Stay:
        last = self.stays[0]
        for stay in self.stays[1:]:
            if comes_later(stay, last):
                last = stay
        return last

    @property
    def is_protected(self) -> bool:
        """Whether any stay has a protected identity: the choice that shows least."""
        return any(stay.protected_identity for stay in self.stays)

    @property
    def destination(self) -> str | None:
        return None if self.is_open else self.last.destination

    def stay_of(self, case: Case) -> Stay:
        [stay] = [stay for stay in self.stays if stay.episode_id == case.episode_id]
        return stay

    def case_of(self, message: Message) -> Case:
        [case] = [case for case in self.cases if case.case_id == message.case_id]
        return case

    def counting(self, message_type: str) -> list[Message]:
        """The messages of a type that are not voided, by ``sent_at``, then ``message_id``."""
        found = [m for m in self.messages if m.message_type == message_type and not m.voided]
        return sorted(found, key=lambda message: (message.sent_at, message.message_id))

    def date_of_facts(self, month_end: date) -> date:
        """The day that age, municipality and district are as of: the discharge, or M's last day while open."""
        return clock.date_of(self.discharged_at) if self.discharged_at else month_end


def comes_later(one: Stay, other: Stay) -> bool:
    """Whether ``one`` is after ``other`` by (open first, discharged_at, admitted_at, episode_id)."""
    if (one.discharged_at is None) != (other.discharged_at is None):
        return one.discharged_at is None
    if one.discharged_at and other.discharged_at and one.discharged_at != other.discharged_at:
        return one.discharged_at > other.discharged_at
    return (one.admitted_at, one.episode_id) > (other.admitted_at, other.episode_id)


def close_unsent_discharges(stays: list[Stay]) -> list[Stay]:
    """An open stay of a person admitted again on a later date is discharged, ``other``, at that next admission."""
    closed = []
    for stay in stays:
        later = [
            other.admitted_at for other in stays if clock.date_of(other.admitted_at) > clock.date_of(stay.admitted_at)
        ]
        if stay.discharged_at is None and later:
            stay = replace(stay, discharged_at=min(later), destination="other")
        closed.append(stay)
    return closed


def reach(stay: Stay) -> date:
    if stay.discharged_at is None:
        return date.max
    discharged_on = clock.date_of(stay.discharged_at)
    return discharged_on + clock.DAY if stay.destination == "inpatient" else discharged_on


def join(stays: list[Stay]) -> list[Spell]:
    """The spells of one person."""
    stays = close_unsent_discharges(sorted(stays, key=lambda stay: (stay.admitted_at, stay.episode_id)))
    spells: list[Spell] = []
    for number, stay in enumerate(stays):
        earlier = [reach(before) for before in stays[:number]]
        if earlier and clock.date_of(stay.admitted_at) <= max(earlier):
            spells[-1].stays.append(stay)
        else:
            spells.append(Spell([stay]))
    return spells


def all_spells(given: InForce) -> list[Spell]:
    """Every spell with the cases of its stays and their messages."""
    by_person: dict[str, list[Stay]] = {}
    for stay in given.stays:
        by_person.setdefault(stay.person, []).append(stay)
    cases: dict[str, list[Case]] = {}
    for case in given.cases:
        cases.setdefault(case.episode_id, []).append(case)
    messages: dict[str, list[Message]] = {}
    for message in given.messages:
        messages.setdefault(message.case_id, []).append(message)
    spells = [spell for stays in by_person.values() for spell in join(stays)]
    for spell in spells:
        spell.cases = [case for stay in spell.stays for case in cases.get(stay.episode_id, [])]
        spell.messages = [message for case in spell.cases for message in messages.get(case.case_id, [])]
    return spells


def age_band(age: int) -> str:
    if age < 18:
        return "0-17"
    if age < 65:
        return "18-64"
    return "65-79" if age < 80 else "80+"


def age(spell: Spell, month_end: date) -> int:
    return clock.age_on(spell.last.birth_date, spell.date_of_facts(month_end))


def municipality(spell: Spell, month_end: date) -> str:
    """The last stay's municipality of registration, ``9999`` where it is empty or none."""
    code = spell.last.municipality_code
    return code if code and reference.region_of(code, spell.date_of_facts(month_end)) else "9999"


def district(spell: Spell, month_end: date) -> str:
    """The last stay's district as delivered; ``99`` where it is unknown or protected, ``00`` without districts."""
    code = reference.district_of(municipality(spell, month_end), spell.last.district_code)
    return "99" if code != "00" and spell.is_protected else code
