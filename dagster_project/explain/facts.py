"""What a release says of a case: one typed row per row of its marts, and nothing that was not published.

A row's fields are columns of the table that ``TABLES`` names. Instants are UTC, dates local (Europe/Stockholm), money
kronor. Columns that tell of the person (pseudonym, sex, age) are in no row here, so that nothing can print them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class Row:
    """A row of a published table."""


@dataclass(frozen=True)
class Event(Row):
    event_id: str
    case_id: str
    interval_id: str | None
    event: str
    at: datetime
    planned_on: date | None
    is_voided: bool
    is_counted: bool


@dataclass(frozen=True)
class Spell(Row):
    spell_id: str
    stays: int
    admitted_at: datetime
    discharged_at: datetime | None
    discharge_destination: str | None
    care_area: str
    payment_class: str
    municipality_code: str
    district_code: str


@dataclass(frozen=True)
class Interval(Row):
    interval_id: str
    spell_id: str
    case_id: str
    ready_at: datetime
    ended_at: datetime | None
    end_reason: str
    payer_municipality_code: str
    district_code: str
    payment_class: str
    care_area: str
    agreement_id: str | None
    model: str | None
    day_zero: date | None
    first_liable_date: date | None
    ready_days: int
    days_after_day_zero: int | None
    is_liable: bool
    reason_codes: str | None
    liable_days: int | None

    @property
    def reasons(self) -> list[str]:
        """The codes of the conditions that are not met, in their order."""
        return self.reason_codes.split("|") if self.reason_codes else []


@dataclass(frozen=True)
class LiableDay(Row):
    interval_id: str
    liable_on: date
    sek_per_day: Decimal | None
    invoicing_active: bool


@dataclass(frozen=True)
class PayerMonth(Row):
    """What a payer's month came to, for one class and agreement."""

    month: date
    municipality_code: str
    payment_class: str
    agreement_id: str
    model: str
    last_free_day: int
    intervals: int
    sum_days: int | None
    mean_days: Decimal | None
    liable_days: int
    amount: Decimal | None
    invoicing_active: bool
    amount_to_invoice: Decimal | None


@dataclass(frozen=True)
class BasisRow(Row):
    """What an interval alone, or a month's mean, adds to the invoice basis."""

    month: date
    interval_id: str | None
    sek_per_day: Decimal | None
    days: int
    amount: Decimal | None
    invoicing_active: bool
    amount_to_invoice: Decimal | None
    rule: str


@dataclass(frozen=True)
class Reconciliation(Row):
    month: date
    municipality_code: str
    payment_class: str
    expected_amount: Decimal | None
    invoiced_amount: Decimal
    adjustment: Decimal | None
    status: str
    lines: int
    disputed_lines: int
    disputed_amount: Decimal


@dataclass(frozen=True)
class Agreement(Row):
    agreement_id: str
    region_code: str
    payment_class: str
    valid_from: date
    valid_to: date | None
    model: str
    last_free_day: int
    day_count: str
    noon_cutoff: str | None
    noon_cutoff_minutes: int | None
    cap_days: int | None
    individual_above_days: int | None
    consecutive_months: int
    status: str
    source: str


@dataclass(frozen=True)
class Rate(Row):
    region_code: str
    payment_class: str
    valid_from: date
    valid_to: date | None
    sek_per_day: Decimal | None
    status: str
    source: str


@dataclass(frozen=True)
class InvoicingPeriod(Row):
    region_code: str
    payment_class: str
    valid_from: date
    valid_to: date | None
    invoicing_active: bool
    status: str
    source: str


@dataclass(frozen=True)
class Deadline(Row):
    deadline_id: str
    valid_from: date
    valid_to: date | None
    amount: int
    unit: str
    status: str
    source: str


@dataclass(frozen=True)
class Condition(Row):
    reason_code: str
    position: int
    paragraph: str
    term_sv: str
    definition_sv: str
    definition_en: str
    status: str
    source: str


@dataclass(frozen=True)
class Term(Row):
    name: str
    term_sv: str
    definition_sv: str
    definition_en: str
    source: str


@dataclass(frozen=True)
class CalendarDate(Row):
    date_on: date
    is_weekday: bool
    non_working_day_name_sv: str | None


@dataclass(frozen=True)
class Municipality(Row):
    municipality_code: str
    name: str
    region_code: str | None


@dataclass(frozen=True)
class District(Row):
    municipality_code: str
    district_code: str
    name: str


@dataclass(frozen=True)
class Region(Row):
    region_code: str
    name: str


@dataclass(frozen=True)
class Delivery(Row):
    """A delivered file; only the first month of all matters here: no figure is published for a month before it."""

    delivery_month: date


TABLES: dict[type[Row], str] = {
    Event: "fct_case_events",
    Spell: "fct_spells",
    Interval: "fct_readiness_intervals",
    LiableDay: "fct_liable_days",
    PayerMonth: "mart_payment_responsibility_monthly",
    BasisRow: "mart_invoice_basis",
    Reconciliation: "mart_invoice_reconciliation",
    Agreement: "dim_agreement",
    Rate: "dim_day_rate",
    InvoicingPeriod: "dim_invoicing_period",
    Deadline: "dim_deadline",
    Condition: "dim_condition",
    Term: "dim_term",
    CalendarDate: "dim_date",
    Municipality: "dim_municipality",
    District: "dim_district",
    Region: "dim_region",
    Delivery: "audit_deliveries",
}


@dataclass(frozen=True)
class Edition:
    """The release that is explained: its name, when it was published, and whether it is to be relied on.

    ``month`` is the first date of the release month, ``last_on`` its last one, ``first_month`` the first date of the
    region's first delivery month. ``published_at`` is UTC, None where the manifest cannot be read. ``current`` names
    the release that readers see, which may be another.
    """

    name: str
    region_code: str
    month: date
    last_on: date
    first_month: date
    published_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_reason: str | None
    current: str | None


@dataclass(frozen=True)
class CaseFacts:
    """All that a release says of a case.

    ``events`` are those of its whole spell, in order of time: a message of another case of the spell counts too.
    ``intervals`` are the spell's, by ``ready_at``; ``payer_months``, ``basis`` and ``reconciliations`` are of the
    payers of the case's own intervals. The dimensions are whole, or of the region and SE.
    """

    case_id: str
    edition: Edition
    spell: Spell
    events: list[Event]
    intervals: list[Interval]
    liable_days: list[LiableDay]
    payer_months: list[PayerMonth]
    basis: list[BasisRow]
    reconciliations: list[Reconciliation]
    agreements: list[Agreement]
    rates: list[Rate]
    invoicing_periods: list[InvoicingPeriod]
    deadlines: list[Deadline]
    conditions: list[Condition]
    terms: dict[str, Term]
    calendar: dict[date, CalendarDate]
    municipalities: dict[str, Municipality]
    districts: dict[tuple[str, str], District]
    regions: dict[str, str]

    @property
    def own_intervals(self) -> list[Interval]:
        return [interval for interval in self.intervals if interval.case_id == self.case_id]

    def municipality(self, code: str) -> str:
        """The municipality's name; the code where there is none."""
        return self.municipalities[code].name if code in self.municipalities else code
