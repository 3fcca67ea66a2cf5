"""The worked examples of rules §11 as small deliveries, and what the second implementation makes of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from tests.oracle import marts
from tests.oracle.feeds import Deliveries

HOME = {"01": "0180", "04": "0480", "14": "1480", "20": "2080", "24": "2480"}
Tables = dict[str, list[dict[str, Any]]]


class Example:
    """Patients of one region, one stay and one case each unless said otherwise; times are local texts."""

    def __init__(self, region: str, month: str) -> None:
        self.region, self.month = region, month
        self.feeds: dict[str, list[dict[str, str]]] = {"episodes": [], "cases": [], "messages": []}

    def stay(self, number: str, admitted: str, discharged: str = "", **changes: str) -> str:
        row = {
            "region_code": self.region, "episode_id": f"E{number}", "person_id": f"194013{number:>06}",
            "birth_date": "1940-05-17", "sex": "1", "municipality_code": HOME[self.region],
            "hospital_id": "SE2321000016-1001", "care_area": "somatic", "admission_mode": "unplanned",
            "admitted_at": admitted, "discharged_at": discharged,
            "discharge_destination": "home" if discharged else "",
        }  # fmt: skip
        self.feeds["episodes"].append(row | changes)
        return f"E{number}"

    def case(self, number: str, **changes: str) -> str:
        row = {
            "region_code": self.region, "case_id": f"C{number}", "episode_id": f"E{number}",
            "source_system": "canonical", "sip_required": "false", "open_care_available": "yes",
            "measures_declined": "false", "coordinated_care_plan": "false",
        }  # fmt: skip
        self.feeds["cases"].append(row | changes)
        return f"C{number}"

    def message(self, number: str, message_type: str, sent_at: str, **changes: str) -> None:
        row = {
            "region_code": self.region, "message_id": f"M{len(self.feeds['messages']) + 1:03d}",
            "case_id": f"C{number}", "message_type": message_type, "sent_at": sent_at,
        }  # fmt: skip
        self.feeds["messages"].append(row | changes)

    def patient(
        self,
        notice: str,
        discharged: str = "",
        number: str = "1",
        stay: dict[str, str] | None = None,
        case: dict[str, str] | None = None,
    ) -> None:
        """A patient admitted five days before the ready notice, with everything done that liability asks for."""
        admitted = datetime.fromisoformat(notice) - timedelta(days=5)
        self.stay(number, admitted.isoformat(), discharged, **(stay or {}))
        self.case(number, **(case or {}))
        self.message(number, "admission_notice", (admitted + timedelta(hours=1)).isoformat())
        self.message(number, "ready_notice", notice)

    def tables(self, first: str | None = None) -> Tables:
        deliveries: Deliveries = {first or self.month: {}, self.month: self.feeds}
        return marts.release(deliveries, self.region, self.month)


def one_interval(example: Example, first: str | None = None) -> dict[str, Any]:
    [row] = example.tables(first)["fct_readiness_intervals"]
    return row


def liable_on(tables: Tables) -> list[date]:
    return [row["liable_on"] for row in tables["fct_liable_days"]]


def free_weekdays(example: Example) -> tuple[date, date]:
    """The notice's day zero and the first liable date."""
    row = one_interval(example)
    return row["day_zero"], row["first_liable_date"]


def mean_row(days: list[int]) -> dict[str, Any]:
    """Stockholm's somatic row of January 2020 for patients discharged so many days after day zero."""
    example = Example("01", "2020-01")
    for number, p in enumerate(days, 1):
        discharged = datetime(2020, 1, 10, 15) + timedelta(days=p)
        example.patient("2020-01-10T09:00", discharged.isoformat(), number=str(number))
    [row] = example.tables()["mart_payment_responsibility_monthly"]
    return row
