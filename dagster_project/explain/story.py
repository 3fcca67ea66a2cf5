"""A case's whole story as data, language-free: what happened, what was judged, what it costs, and on which sources.

Codes and values only; ``render`` says them in words, and ``--json`` prints them as they stand. Instants are UTC, dates
local, money kronor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dagster_project.explain import interval as intervals
from dagster_project.explain import reckon, sources
from dagster_project.explain.facts import CaseFacts, Edition, Event, Interval, Spell
from dagster_project.explain.interval import IntervalStory
from dagster_project.explain.sources import Source

NO_DISTRICT, UNKNOWN_DISTRICT = "00", "99"


@dataclass(frozen=True)
class Header:
    """Whose case it is. Without an interval nobody pays: then the municipality is that of registration.

    ``district`` is the district's name, or ``none`` or ``unknown``.
    """

    case_id: str
    edition: Edition
    region: str
    has_payer: bool
    municipality_code: str
    municipality: str
    district: str
    payment_class: str
    care_area: str
    spell: Spell


@dataclass(frozen=True)
class Entry:
    """An event of the spell. ``case_id`` is given where it is another case's; numbers are those of intervals.

    Where the spell begins or ends with a stay without a case, which has no event, an entry ``spell_start`` or
    ``spell_end`` says so.
    ``why_not_counted``: voided, outside_spell, already_open, nothing_open, or None where it counts.
    """

    at: datetime
    event: str
    term_sv: str | None
    case_id: str | None
    planned_on: date | None
    why_not_counted: str | None
    begins_interval: int | None
    ends_interval: int | None


@dataclass(frozen=True)
class OtherInterval:
    """An interval of the spell that another case's notice began: explained with that case."""

    number: int
    case_id: str
    ready_at: datetime
    ended_at: datetime | None
    end_reason: str


@dataclass(frozen=True)
class Story:
    """``why_no_interval``: no_ready_notice, no_notice_counts, or None where the case has an interval."""

    header: Header
    timeline: list[Entry]
    why_no_interval: str | None
    intervals: list[IntervalStory]
    other_intervals: list[OtherInterval]
    sources: list[Source]


def tell(facts: CaseFacts) -> Story:
    """The story of a case that a release holds."""
    numbers = {interval.interval_id: number for number, interval in enumerate(facts.intervals, 1)}
    own = [intervals.tell(facts, interval, numbers[interval.interval_id]) for interval in facts.own_intervals]
    others = [
        OtherInterval(numbers[one.interval_id], one.case_id, one.ready_at, one.ended_at, one.end_reason)
        for one in facts.intervals
        if one.case_id != facts.case_id
    ]
    return Story(
        header=_header(facts),
        timeline=_timeline(facts, numbers),
        why_no_interval=None if own else _why_no_interval(facts),
        intervals=own,
        other_intervals=others,
        sources=sources.of_intervals(facts, own),
    )


def _header(facts: CaseFacts) -> Header:
    own = facts.own_intervals
    described: Interval | Spell = own[-1] if own else facts.spell
    code = own[-1].payer_municipality_code if own else facts.spell.municipality_code
    return Header(
        case_id=facts.case_id,
        edition=facts.edition,
        region=facts.regions.get(facts.edition.region_code, facts.edition.region_code),
        has_payer=bool(own),
        municipality_code=code,
        municipality=facts.municipality(code),
        district=_district(facts, code, described.district_code),
        payment_class=described.payment_class,
        care_area=described.care_area,
        spell=facts.spell,
    )


def _district(facts: CaseFacts, municipality: str, code: str) -> str:
    if code == NO_DISTRICT:
        return "none"
    district = facts.districts.get((municipality, code))
    return "unknown" if code == UNKNOWN_DISTRICT or district is None else district.name


def _timeline(facts: CaseFacts, numbers: Mapping[str, int]) -> list[Entry]:
    spell, entries = facts.spell, [_entry(facts, event, numbers) for event in sorted(facts.events, key=_order)]
    if all(event.at != spell.admitted_at for event in facts.events if event.event == "stay_start"):
        entries.insert(0, _of_spell("spell_start", spell.admitted_at, None))
    if spell.discharged_at and all(
        event.at != spell.discharged_at for event in facts.events if event.event == "stay_end"
    ):
        ended = [
            one for one in facts.intervals if one.ended_at == spell.discharged_at and one.end_reason != "withdrawn"
        ]
        number = numbers[ended[-1].interval_id] if ended else None
        entries.append(_of_spell("spell_end", spell.discharged_at, number))
    return entries


def _of_spell(event: str, at: datetime, ends_interval: int | None) -> Entry:
    return Entry(at, event, None, None, None, None, None, ends_interval)


def _order(event: Event) -> tuple[datetime, int, str]:
    """By time; at one instant a stay's start first, a withdrawal before a notice, a stay's end last."""
    places = {"stay_start": 0, "ready_withdrawn": 1, "ready_notice": 2, "stay_end": 4}
    return event.at, places.get(event.event, 3), event.event_id


def _entry(facts: CaseFacts, event: Event, numbers: Mapping[str, int]) -> Entry:
    number = numbers.get(event.interval_id) if event.interval_id else None
    begins = event.event == "ready_notice"
    term = facts.terms.get(event.event)
    return Entry(
        at=event.at,
        event=event.event,
        term_sv=term.term_sv if term else None,
        case_id=None if event.case_id == facts.case_id else event.case_id,
        planned_on=event.planned_on,
        why_not_counted=None if event.is_counted else _why_not_counted(facts.spell, event),
        begins_interval=number if begins else None,
        ends_interval=None if begins else number,
    )


def _why_not_counted(spell: Spell, event: Event) -> str:
    if event.is_voided:
        return "voided"
    if event.at < spell.admitted_at or (spell.discharged_at is not None and event.at >= spell.discharged_at):
        return "outside_spell"
    return "already_open" if event.event == "ready_notice" else "nothing_open"


def _why_no_interval(facts: CaseFacts) -> str:
    notices = [event for event in facts.events if event.case_id == facts.case_id and event.event == "ready_notice"]
    return "no_notice_counts" if notices else "no_ready_notice"


def as_json(value: Any) -> Any:
    """A story, or a part of it, as JSON's own types: dates and instants ISO 8601, decimals as text."""
    if isinstance(value, datetime | date):
        return (reckon.local(value) if isinstance(value, datetime) else value).isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {key: as_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(part) for part in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: as_json(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
