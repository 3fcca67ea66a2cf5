"""How deliveries add up: from the rows of every month through M to the rows that count in the release of M.

A delivery is a month (``yyyy-mm``) with rows per feed; a row is a dictionary of the contract's texts, a column that is
absent or "" is null. Rows are taken to be valid one by one; orphans are found here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from tests.oracle import clock

Row = dict[str, str]
Deliveries = dict[str, dict[str, list[Row]]]

KEYS = {
    "episodes": ("region_code", "episode_id"),
    "cases": ("region_code", "case_id"),
    "messages": ("region_code", "message_id"),
    "invoices": ("region_code", "invoice_line_id"),
    "identity_links": ("region_code", "old_person_id"),
    "deviations": ("region_code", "deviation_id"),
    "population": ("municipality_code", "district_code", "year", "sex", "age_from", "age_to"),
}


@dataclass(frozen=True)
class Stay:
    episode_id: str
    person: str
    birth_date: date
    sex: int
    municipality_code: str | None
    district_code: str | None
    hospital_id: str
    care_area: str
    protected_identity: bool
    admission_mode: str
    admitted_at: datetime
    discharged_at: datetime | None
    destination: str | None


@dataclass(frozen=True)
class Case:
    case_id: str
    episode_id: str
    municipality_code: str | None
    district_code: str | None
    deciding_municipality_code: str | None
    sip_required: bool
    open_care_available: str
    measures_declined: bool
    coordinated_care_plan: bool


@dataclass(frozen=True)
class Message:
    message_id: str
    case_id: str
    message_type: str
    sent_at: datetime
    assessed_at: datetime | None
    voided: bool


@dataclass(frozen=True)
class InvoiceLine:
    municipality_code: str
    care_month: date
    payment_class: str
    amount_sek: Decimal
    disputed: bool


@dataclass(frozen=True)
class Inhabitants:
    municipality_code: str
    district_code: str | None
    year: int
    sex: int
    age_from: int
    inhabitants: int


@dataclass(frozen=True)
class Deviation:
    reported_on: date
    reporting_party: str
    municipality_code: str
    category: str
    severity: str
    is_closed: bool
    closed_on: date | None
    step: str | None


@dataclass(frozen=True)
class Contact:
    municipality_code: str
    weekend_hours: bool
    verified_on: date | None


Frozen = dict[date, dict[tuple[str, str], Decimal | None]]
"""By care month what its own release said is owed, by payer and payment class; None where a rate was missing."""


@dataclass
class InForce:
    """What counts in one release. ``orphans`` are (delivery month, feed, number of the row in its file from 1).

    ``contacts`` are the lists by the month that delivered them.
    """

    region: str
    first_month: date
    month: date
    stays: list[Stay] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    invoices: list[InvoiceLine] = field(default_factory=list)
    population: list[Inhabitants] = field(default_factory=list)
    deviations: list[Deviation] = field(default_factory=list)
    contacts: dict[date, list[Contact]] = field(default_factory=dict)
    orphans: set[tuple[str, str, int]] = field(default_factory=set)
    frozen: Frozen = field(default_factory=dict)

    @property
    def month_end(self) -> date:
        return clock.last_of(self.month)


def null(row: Row, column: str) -> str | None:
    return row.get(column) or None


def normal_person(row: Row, column: str = "person_id") -> str:
    """A person id without blanks, ``-`` and ``+``, in upper case; ten digits become twelve by the birth date."""
    person = "".join(sign for sign in row[column] if not sign.isspace() and sign not in "-+").upper()
    if len(person) == 10 and person.isdigit() and "birth_date" in row:
        born = date.fromisoformat(row["birth_date"])
        for day in (born.day, born.day + 60):
            if person[:6] == f"{born.year % 100:02d}{born.month:02d}{day:02d}":
                return f"{born.year // 100:02d}{person}"
    return person


Delivered = tuple[str, int, Row]
"""Delivery month, number of the row in its file from 1, and the row."""


def versions(deliveries: Deliveries, feed: str, through: str) -> list[list[Delivered]]:
    """Per key every row delivered, the latest month's first; of one file the first row of a key."""
    found: dict[tuple[str, ...], list[Delivered]] = {}
    for month in sorted(deliveries):
        if month > through:
            continue
        seen = set()
        for number, row in enumerate(deliveries[month].get(feed, []), 1):
            key = tuple(row.get(column, "") for column in KEYS[feed])
            if feed == "identity_links":
                key = (row["region_code"], normal_person(row, "old_person_id"))
            if key not in seen:
                seen.add(key)
                found.setdefault(key, []).insert(0, (month, number, row))
    return list(found.values())


def newest_rows(deliveries: Deliveries, feed: str, through: str) -> list[Row]:
    return [of_key[0][2] for of_key in versions(deliveries, feed, through)]


def with_parents(
    deliveries: Deliveries, feed: str, through: str, parent: str, known: set[str], orphans: set[tuple[str, str, int]]
) -> list[Row]:
    """The rows in force. One whose parent is not known is an orphan, and leaves the row before it in force."""
    found = []
    for of_key in versions(deliveries, feed, through):
        for month, number, row in of_key:
            if is_deleted(row) or row[parent] in known:
                found.append(row)
                break
            orphans.add((month, feed, number))
    return found


def follow(person: str, links: dict[str, str]) -> str:
    """The end of the chain of identity links; raises ValueError on a cycle."""
    passed = [person]
    while passed[-1] in links:
        new = links[passed[-1]]
        if new in passed:
            raise ValueError("the identity links form a cycle")
        passed.append(new)
    return passed[-1]


def is_deleted(row: Row) -> bool:
    return row.get("is_deleted") == "true"


def add_up(deliveries: Deliveries, region: str, month: str) -> InForce:
    """The rows that count in the release of ``region`` and ``month``."""
    first = date.fromisoformat(min(deliveries) + "-01")
    found = InForce(region, first, date.fromisoformat(month + "-01"))
    links = {}
    for row in newest_rows(deliveries, "identity_links", month):
        links[normal_person(row, "old_person_id")] = normal_person(row, "new_person_id")

    stays = newest_rows(deliveries, "episodes", month)
    known_stays = {row["episode_id"] for row in stays}
    for row in stays:
        stay = as_stay(row, links)
        if not is_deleted(row) and clock.date_of(stay.admitted_at) <= found.month_end:
            found.stays.append(stay)
    counting_stays = {stay.episode_id for stay in found.stays}

    cases = with_parents(deliveries, "cases", month, "episode_id", known_stays, found.orphans)
    known_cases = {row["case_id"] for row in cases}
    found.cases = [as_case(row) for row in cases if not is_deleted(row) and row["episode_id"] in counting_stays]
    counting_cases = {case.case_id for case in found.cases}

    messages = with_parents(deliveries, "messages", month, "case_id", known_cases, found.orphans)
    found.messages = [as_message(row) for row in messages if row["case_id"] in counting_cases]

    found.invoices = [as_invoice(row) for row in newest_rows(deliveries, "invoices", month)]
    found.population = [as_inhabitants(row) for row in newest_rows(deliveries, "population", month)]
    found.deviations = [as_deviation(row) for row in newest_rows(deliveries, "deviations", month)]
    for of_month, delivered in deliveries.items():
        if of_month <= month and "contacts" in delivered:
            found.contacts[date.fromisoformat(of_month + "-01")] = [as_contact(row) for row in delivered["contacts"]]
    return found


def as_stay(row: Row, links: dict[str, str]) -> Stay:
    return Stay(
        episode_id=row["episode_id"],
        person=follow(normal_person(row), links),
        birth_date=date.fromisoformat(row["birth_date"]),
        sex=int(row["sex"]),
        municipality_code=null(row, "municipality_code"),
        district_code=null(row, "district_code"),
        hospital_id=row["hospital_id"],
        care_area=row["care_area"],
        protected_identity=row.get("protected_identity") == "true",
        admission_mode=row["admission_mode"],
        admitted_at=clock.instant(row["admitted_at"]),
        discharged_at=clock.instant(row["discharged_at"]) if row.get("discharged_at") else None,
        destination=null(row, "discharge_destination"),
    )


def as_case(row: Row) -> Case:
    return Case(
        case_id=row["case_id"],
        episode_id=row["episode_id"],
        municipality_code=null(row, "municipality_code"),
        district_code=null(row, "district_code"),
        deciding_municipality_code=null(row, "deciding_municipality_code"),
        sip_required=row["sip_required"] == "true",
        open_care_available=row["open_care_available"],
        measures_declined=row["measures_declined"] == "true",
        coordinated_care_plan=row["coordinated_care_plan"] == "true",
    )


def as_message(row: Row) -> Message:
    return Message(
        message_id=row["message_id"],
        case_id=row["case_id"],
        message_type=row["message_type"],
        sent_at=clock.instant(row["sent_at"]),
        assessed_at=clock.instant(row["assessed_at"]) if row.get("assessed_at") else None,
        voided=bool(row.get("voided_at")),
    )


def as_invoice(row: Row) -> InvoiceLine:
    return InvoiceLine(
        municipality_code=row["municipality_code"],
        care_month=date.fromisoformat(row["care_month"] + "-01"),
        payment_class=row["payment_class"],
        amount_sek=Decimal(row["amount_sek"].replace(",", ".")),
        disputed=row["dispute_status"] == "disputed",
    )


def as_inhabitants(row: Row) -> Inhabitants:
    return Inhabitants(
        municipality_code=row["municipality_code"],
        district_code=null(row, "district_code"),
        year=int(row["year"]),
        sex=int(row["sex"]),
        age_from=int(row["age_from"]),
        inhabitants=int(row["inhabitants"]),
    )


def as_deviation(row: Row) -> Deviation:
    return Deviation(
        reported_on=date.fromisoformat(row["reported_on"]),
        reporting_party=row["reporting_party"],
        municipality_code=row["municipality_code"],
        category=row["category"],
        severity=row["severity"],
        is_closed=row["status"] == "closed",
        closed_on=date.fromisoformat(row["closed_on"]) if row.get("closed_on") else None,
        step=null(row, "escalation_step"),
    )


def as_contact(row: Row) -> Contact:
    return Contact(
        municipality_code=row["municipality_code"],
        weekend_hours=row.get("weekend_hours") == "true",
        verified_on=date.fromisoformat(row["verified_on"]) if row.get("verified_on") else None,
    )
