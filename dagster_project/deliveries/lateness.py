"""Which deliveries are late by the release calendar: plain functions, no clock of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dagster_project import months
from dagster_project.deliveries import landing
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from dagster_project.reference.tables import Reference


@dataclass(frozen=True)
class LateDelivery:
    region: str
    month: str
    due_on: date

    def __str__(self) -> str:
        return f"Region {self.region} owes its delivery for {self.month} since {self.due_on}: it is not complete yet."


def late_deliveries(settings: Settings, reference: Reference, today: date) -> list[LateDelivery]:
    """Months from each region's first delivery to the month before ``today`` that are past due and not complete.

    A region that has never delivered owes nothing yet.
    """
    before_today = months.next_month(f"{today:%Y-%m}", -1)
    late = []
    for region in landing.regions(settings.landing):
        delivered = landing.months(settings.landing, region)
        if not delivered:
            continue
        for month in months.months_between(delivered[0], before_today):
            due_on = reference.release_calendar(region, month).due_on
            if today > due_on and landing.winning(settings.landing, region, month) is None:
                late.append(LateDelivery(region, month, due_on))
    return late
