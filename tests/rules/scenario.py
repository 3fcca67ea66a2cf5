"""A region of two delivery months in which rows add up, go astray and come late: what an end-to-end build is shown."""

from __future__ import annotations

from typing import Any

FIRST_MONTH = "2021-01"
MONTH = "2021-02"
JANUARY = "2021-01-01"
FEBRUARY = "2021-02-01"


def stay(episode_id: str, person: str, admitted: str, discharged: str | None, **more: Any) -> dict[str, Any]:
    return {
        "episode_id": episode_id,
        "person_key": person,
        "birth_date": "1940-05-05",
        "sex": 2,
        "municipality_code": "0180",
        "district_code": "30",
        "hospital_id": "SE0001",
        "care_area": "somatic",
        "admission_mode": "unplanned",
        "admitted_at": admitted,
        "discharged_at": discharged,
        "discharge_destination": "home" if discharged else None,
        "delivery_month": JANUARY,
    } | more


def case(case_id: str, episode_id: str, **more: Any) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "episode_id": episode_id,
        "source_system": "lifecare_sp",
        "sip_required": False,
        "open_care_available": "yes",
        "measures_declined": False,
        "coordinated_care_plan": False,
        "delivery_month": JANUARY,
    } | more


def message(message_id: str, case_id: str, kind: str, sent: str, **more: Any) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "case_id": case_id,
        "message_type": kind,
        "sent_at": sent,
        "delivery_month": JANUARY,
    } | more


ROWS: dict[str, list[dict[str, Any]]] = {
    "episodes": [
        # E11, open in January's delivery and closed by February's correction.
        stay("e11", "p11", "2021-01-20 10:00", None),
        stay("e11", "p11", "2021-01-20 10:00", "2021-02-03 10:00", delivery_month=FEBRUARY),
        # A reserve number's stay and the person's own, which the link makes one spell.
        stay("link_1", "reserve", "2021-01-05 10:00", "2021-01-08 10:00", discharge_destination="inpatient"),
        stay("link_2", "person", "2021-01-09 09:00", "2021-01-12 10:00", hospital_id="SE0002"),
        stay("deleted", "p3", "2021-01-05 10:00", "2021-01-09 10:00"),
        stay("deleted", "p3", "2021-01-05 10:00", "2021-01-09 10:00", delivery_month=FEBRUARY, is_deleted=True),
        stay("after_m", "p4", "2021-03-01 00:00", None, delivery_month=FEBRUARY),
        stay(
            "open",
            "p5",
            "2021-02-10 10:00",
            None,
            delivery_month=FEBRUARY,
            municipality_code="0184",
            district_code=None,
        ),
        stay("unsent", "p6", "2021-01-05 10:00", None),
        stay("again", "p6", "2021-01-15 10:00", "2021-01-20 10:00"),
        stay("hidden", "p7", "2021-01-05 10:00", "2021-03-02 10:00", protected_identity=True),
    ],
    "cases": [
        case("c11", "e11"),
        case("c_link", "link_2"),
        case("c_deleted", "deleted"),
        case("c_after_m", "after_m", delivery_month=FEBRUARY),
        case("c_open", "open", delivery_month=FEBRUARY),
        case("c_unsent", "unsent"),
        case("c_hidden", "hidden"),
        case("c_orphan", "never_delivered"),
        # A correction that is an orphan leaves the earlier row in force.
        case("c_unsent", "never_delivered", delivery_month=FEBRUARY),
    ],
    "messages": [
        message("m11", "c11", "ready_notice", "2021-01-28 09:00"),
        message("m_link", "c_link", "ready_notice", "2021-01-10 09:00"),
        message("m_deleted", "c_deleted", "ready_notice", "2021-01-06 09:00"),
        message("m_after_m", "c_after_m", "admission_notice", "2021-03-01 09:00", delivery_month=FEBRUARY),
        message("m_open", "c_open", "ready_notice", "2021-02-27 09:00", delivery_month=FEBRUARY),
        message("m_unsent", "c_unsent", "ready_notice", "2021-01-16 09:00"),
        message("m_hidden", "c_hidden", "ready_notice", "2021-01-30 09:00"),
        message("m_orphan", "c_orphan", "ready_notice", "2021-01-30 09:00"),
        message("m_nowhere", "c_nowhere", "sip_call", "2021-01-30 09:00"),
    ],
    "identity_links": [
        {"old_person_key": "reserve", "new_person_key": "between", "linked_at": JANUARY, "delivery_month": JANUARY},
        {"old_person_key": "between", "new_person_key": "person", "linked_at": JANUARY, "delivery_month": FEBRUARY},
    ],
}
FROZEN = {
    JANUARY: [
        {"municipality_code": "0180", "payment_class": "somatic", "expected_amount": "16400.00"},
        {"municipality_code": "0184", "payment_class": "somatic", "expected_amount": None},
    ]
}
QUARANTINED = [{"delivery_month": JANUARY, "feed": "messages", "line": 99, "reasons": "enum:message_type"}]
