"""A figure with its status: shown, hidden by disclosure control, or missing. Zero is a shown figure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

SHOWN, SUPPRESSED, MISSING = "shown", "suppressed", "missing"


@dataclass(frozen=True)
class Figure:
    """``value`` is null unless ``status`` is shown; hidden (suppressed) is neither zero nor missing."""

    value: Decimal | int | None
    status: str

    @property
    def is_shown(self) -> bool:
        return self.status == SHOWN


ZERO = Figure(0, SHOWN)
NONE = Figure(None, MISSING)


def derived(sources: tuple[Figure, ...], value: Decimal | int | None) -> Figure:
    """What follows from other figures: hidden where one of them is, missing where one is or ``value`` is null."""
    statuses = {one.status for one in sources}
    if SUPPRESSED in statuses:
        return Figure(None, SUPPRESSED)
    return NONE if MISSING in statuses or value is None else Figure(value, SHOWN)
