"""What was found for each condition of payment responsibility: met or not, and by which message or flag.

Whether a condition is met is read from the published codes. What is said beside it comes from the spell's events and
the deadlines; the flags of a case and the time of a later assessment are not published, so that a met condition may say
only that nothing stood in the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dagster_project.explain import reckon
from dagster_project.explain.facts import CaseFacts, Deadline, Event, Interval

_NOT_JUDGED = {
    "admission_notice_nothing_to_judge",
    "sip_call_nothing_to_judge",
    "sip_call_after_month",
    "payer_region_nothing_to_judge",
}

Finding = tuple[str, Mapping[str, Any]]
"""What was found, as the key of a sentence and the values in it."""


@dataclass(frozen=True)
class Judged:
    """One condition: ``finding`` and ``values`` say what was found.

    ``outcome``: met, obstacle (its code applies), or not_judged where another condition leaves nothing to judge.
    """

    reason_code: str
    outcome: str
    paragraph: str
    term_sv: str
    definition_sv: str
    definition_en: str
    status: str
    source: str
    finding: str
    values: Mapping[str, Any]

    @property
    def is_obstacle(self) -> bool:
        return self.outcome == "obstacle"


@dataclass(frozen=True)
class _Looked:
    """Where a condition is looked for: the interval among the events of its spell."""

    facts: CaseFacts
    interval: Interval
    applies: bool

    def first(self, event: str, until: datetime | None = None) -> Event | None:
        """The spell's earliest event of a kind that is not voided, by time and id; ``until`` includes that instant."""
        found = (one for one in self.facts.events if one.event == event and not one.is_voided)
        return next((one for one in found if until is None or one.at <= until), None)

    def deadline(self, deadline_id: str, on: date) -> Deadline | None:
        rows = [row for row in self.facts.deadlines if row.deadline_id == deadline_id]
        return next(iter(reckon.in_force(rows, on)), None)


def judged(facts: CaseFacts, interval: Interval) -> list[Judged]:
    """Every condition that the release knows, in the order of its codes."""
    found = []
    for condition in facts.conditions:
        looked = _Looked(facts, interval, condition.reason_code in interval.reasons)
        look = _FINDINGS.get(condition.reason_code, _by_definition)
        finding, values = look(looked)
        found.append(
            Judged(
                reason_code=condition.reason_code,
                outcome="obstacle" if looked.applies else "not_judged" if finding in _NOT_JUDGED else "met",
                paragraph=condition.paragraph,
                term_sv=condition.term_sv,
                definition_sv=condition.definition_sv,
                definition_en=condition.definition_en,
                status=condition.status,
                source=condition.source,
                finding=finding,
                values=values,
            )
        )
    return found


def _agreement(looked: _Looked) -> Finding:
    if looked.applies:
        return "agreement_none", {"sent_on": reckon.date_of(looked.interval.ready_at)}
    return "agreement_found", {"agreement_id": looked.interval.agreement_id}


def _admission_notice_missing(looked: _Looked) -> Finding:
    if notice := looked.first("admission_notice", looked.interval.ready_at):
        return "admission_notice_sent", {"sent_at": notice.at}
    if later := looked.first("admission_notice"):
        return "admission_notice_after_ready", {"sent_at": later.at, "ready_at": looked.interval.ready_at}
    return "admission_notice_none", {}


def _admission_notice_late(looked: _Looked) -> Finding:
    notice = looked.first("admission_notice", looked.interval.ready_at)
    if notice is None:
        return "admission_notice_nothing_to_judge", {}
    admission = next(
        (one for one in looked.facts.events if one.event == "stay_start" and one.case_id == notice.case_id), None
    )
    deadline = looked.deadline("admission_notice", reckon.date_of(notice.at))
    if admission is None or deadline is None:
        return _by_definition(looked)
    elapsed = notice.at - admission.at
    values = {
        "admitted_at": admission.at,
        "sent_at": notice.at,
        "elapsed_seconds": int(elapsed.total_seconds()),
        "deadline_hours": deadline.amount,
    }
    if looked.applies:
        return "admission_notice_late", values
    if notice.at < admission.at:
        return "admission_notice_before_admission", values
    in_time = elapsed <= timedelta(hours=deadline.amount)
    return "admission_notice_in_time" if in_time else "admission_notice_need_assessed_later", values


def _sip_call_missing(looked: _Looked) -> Finding:
    if looked.applies:
        return "sip_call_none", {}
    if call := looked.first("sip_call"):
        return "sip_call_sent", {"called_on": reckon.date_of(call.at)}
    return "sip_call_not_shown" if _may_come_later(looked) else "sip_call_not_needed", {}


def _sip_call_late(looked: _Looked) -> Finding:
    call = looked.first("sip_call")
    ready_on = reckon.date_of(looked.interval.ready_at)
    deadline = looked.deadline("sip_call", ready_on)
    if call is None:
        later = looked.applies or _may_come_later(looked)
        return "sip_call_after_month" if later else "sip_call_nothing_to_judge", {}
    if deadline is None:
        return _by_definition(looked)
    called_on, due_on = reckon.date_of(call.at), ready_on + timedelta(days=deadline.amount)
    values = {"called_on": called_on, "due_on": due_on, "deadline_days": deadline.amount, "ready_on": ready_on}
    if looked.applies:
        return "sip_call_late", values
    return ("sip_call_in_time" if called_on <= due_on else "sip_call_late_not_needed"), values


def _may_come_later(looked: _Looked) -> bool:
    """Whether a call could have come in time after the release's month: what was sent then it does not show."""
    ready_on = reckon.date_of(looked.interval.ready_at)
    deadline = looked.deadline("sip_call", ready_on)
    return deadline is not None and ready_on + timedelta(days=deadline.amount) > looked.facts.edition.last_on


def _payer(looked: _Looked) -> Finding:
    payer = looked.facts.municipalities.get(looked.interval.payer_municipality_code)
    if payer is None or payer.region_code is None:
        return "payer_unknown", {}
    return "payer_known", {"municipality": f"{payer.municipality_code} {payer.name}"}


def _payer_region(looked: _Looked) -> Finding:
    payer = looked.facts.municipalities.get(looked.interval.payer_municipality_code)
    if payer is None or payer.region_code is None:
        return "payer_region_nothing_to_judge", {}
    return "payer_region", {
        "municipality": f"{payer.municipality_code} {payer.name}",
        "region": looked.facts.regions.get(payer.region_code, payer.region_code),
    }


def _by_definition(looked: _Looked) -> Finding:
    """A condition that no message shows: its own definition where it applies, else that nothing stood in the way."""
    return ("as_defined" if looked.applies else "nothing_found"), {}


_FINDINGS: Mapping[str, Callable[[_Looked], Finding]] = {
    "NO_AGREEMENT": _agreement,
    "ADMISSION_NOTICE_MISSING": _admission_notice_missing,
    "ADMISSION_NOTICE_LATE": _admission_notice_late,
    "SIP_CALL_MISSING": _sip_call_missing,
    "SIP_CALL_LATE": _sip_call_late,
    "PAYER_UNKNOWN": _payer,
    "PAYER_OUTSIDE_REGION": _payer_region,
}
