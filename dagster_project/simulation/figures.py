"""The figures of payment as published and as simulated, side by side, and what a difference between them is."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import duckdb

from dagster_project.months import first_day

Group = TypeVar("Group", bound=Hashable)

MART = "mart_payment_responsibility_monthly"


@dataclass(frozen=True)
class Amount:
    """Kronor for ``days`` liable days. Of those ``unrated_days`` have no rate: nothing is known of what they cost.

    ``known_sek`` is for the others. A row of the mart without an amount counts whole as unrated.
    """

    days: int = 0
    unrated_days: int = 0
    known_sek: Decimal = Decimal(0)

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.days + other.days, self.unrated_days + other.unrated_days, self.known_sek + other.known_sek)

    @property
    def sek(self) -> Decimal | None:
        """None where no day has a rate; else what the days with a rate cost."""
        return None if self.days and self.days == self.unrated_days else self.known_sek


@dataclass(frozen=True)
class Figures:
    """``amount`` is for all liable days, ``to_invoice`` for those of months with invoicing."""

    amount: Amount = Amount()
    to_invoice: Amount = Amount()

    def __add__(self, other: Figures) -> Figures:
        return Figures(self.amount + other.amount, self.to_invoice + other.to_invoice)

    @property
    def liable_days(self) -> int:
        return self.amount.days

    def as_json(self) -> dict[str, Any]:
        return {
            "liable_days": self.liable_days,
            "amount": _number(self.amount.sek),
            "amount_to_invoice": _number(self.to_invoice.sek),
            "days_without_rate": self.amount.unrated_days,
        }


@dataclass(frozen=True)
class Pair:
    """The same figures as the release published them and as the simulation has them."""

    published: Figures = Figures()
    simulated: Figures = Figures()

    def __add__(self, other: Pair) -> Pair:
        return Pair(self.published + other.published, self.simulated + other.simulated)

    @property
    def liable_days_difference(self) -> int:
        return self.simulated.liable_days - self.published.liable_days

    @property
    def amount_difference(self) -> Decimal | None:
        return _difference(self.published.amount, self.simulated.amount)

    @property
    def to_invoice_difference(self) -> Decimal | None:
        return _difference(self.published.to_invoice, self.simulated.to_invoice)

    def as_json(self) -> dict[str, Any]:
        return {
            "published": self.published.as_json(),
            "simulated": self.simulated.as_json(),
            "difference": {
                "liable_days": self.liable_days_difference,
                "amount": _number(self.amount_difference),
                "amount_to_invoice": _number(self.to_invoice_difference),
            },
        }


@dataclass(frozen=True)
class Cell:
    """The figures of one month (its first date), payer and payment class, agreements together."""

    month: date
    municipality_code: str
    payment_class: str
    pair: Pair


def compare(connection: duckdb.DuckDBPyConnection, first_month: str, last_month: str) -> list[Cell]:
    """Every cell of the months (yyyy-mm) that the release or the simulation has a row of, in order."""
    published = _by_cell(connection, f"published.{MART}", first_month, last_month)
    simulated = _by_cell(connection, f"main.{MART}", first_month, last_month)
    return [
        Cell(*key, Pair(published.get(key, Figures()), simulated.get(key, Figures())))
        for key in sorted(published.keys() | simulated.keys())
    ]


def total_by(cells: Iterable[Cell], group: Callable[[Cell], Group]) -> dict[Group, Pair]:
    """The cells' figures added up within each group, in the order in which the groups come."""
    totals: dict[Group, Pair] = {}
    for cell in cells:
        totals[group(cell)] = totals.get(group(cell), Pair()) + cell.pair
    return totals


def _by_cell(
    connection: duckdb.DuckDBPyConnection, mart: str, first_month: str, last_month: str
) -> dict[tuple[date, str, str], Figures]:
    rows = connection.execute(
        f"""
        select
            month,
            municipality_code,
            payment_class,
            sum(liable_days)::integer,
            coalesce(sum(liable_days) filter (amount is null), 0)::integer,
            coalesce(sum(amount), 0),
            coalesce(sum(liable_days) filter (invoicing_active), 0)::integer,
            coalesce(sum(liable_days) filter (invoicing_active and amount is null), 0)::integer,
            coalesce(sum(amount_to_invoice), 0)
        from {mart}
        where month between ? and ?
        group by month, municipality_code, payment_class
        """,
        [first_day(first_month), first_day(last_month)],
    ).fetchall()
    return {tuple(row[:3]): Figures(Amount(*row[3:6]), Amount(*row[6:9])) for row in rows}


def _difference(published: Amount, simulated: Amount) -> Decimal | None:
    """None where one of the two is not known at all."""
    if published.sek is None or simulated.sek is None:
        return None
    return simulated.sek - published.sek


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
