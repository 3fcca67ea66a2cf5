"""A what-if as files for Excel: UTF-8 with byte-order mark, semicolons, decimal comma. They hold sums, no interval."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.months import first_day
from dagster_project.settings import private_directory
from dagster_project.simulation.figures import MART, Cell

BASIS = "mart_invoice_basis"

_BASIS_KEY = "region_code, month, municipality_code, payment_class, agreement_id, rule, sek_per_day, invoicing_active"


def write(
    connection: duckdb.DuckDBPyConnection,
    cells: Sequence[Cell],
    municipalities: Mapping[str, str],
    first_month: str,
    last_month: str,
    out: Path,
) -> None:
    """Write to ``out`` the cells with their difference, the simulated marts of the months (yyyy-mm), and the rows.

    The invoice basis is summed over intervals, with their number beside.
    """
    private_directory(out)
    months = [first_day(first_month), first_day(last_month)]
    queries = {
        "simulated_payment_responsibility": (f"select * from main.{MART} where month between ? and ?", months),
        "simulated_invoice_basis": (
            f"select {_BASIS_KEY}, count(distinct interval_id) as intervals, sum(days) as days, sum(amount) as amount, "
            f"sum(amount_to_invoice) as amount_to_invoice from main.{BASIS} where month between ? and ? group by all",
            months,
        ),
        "simulated_agreements": ("select * exclude (noon_cutoff_minutes) from main.dim_agreement", []),
    }
    _write(out / "difference.csv", _differences(cells, municipalities))
    for name, (query, values) in queries.items():
        _write(out / f"{name}.csv", _rows(connection.execute(f"{query} order by all", values)))


def _differences(cells: Sequence[Cell], municipalities: Mapping[str, str]) -> Iterator[Sequence[Any]]:
    figures = ("liable_days", "amount", "amount_to_invoice")
    yield (
        *("month", "municipality_code", "municipality", "payment_class"),
        *(f"{side}_{figure}" for figure in figures for side in ("published", "simulated", "difference")),
        *("published_days_without_rate", "simulated_days_without_rate"),
    )
    for cell in cells:
        published, simulated = cell.pair.published, cell.pair.simulated
        yield (
            *(cell.month, cell.municipality_code, municipalities[cell.municipality_code], cell.payment_class),
            *(published.liable_days, simulated.liable_days, cell.pair.liable_days_difference),
            *(published.amount.sek, simulated.amount.sek, cell.pair.amount_difference),
            *(published.to_invoice.sek, simulated.to_invoice.sek, cell.pair.to_invoice_difference),
            *(published.amount.unrated_days, simulated.amount.unrated_days),
        )


def _rows(found: duckdb.DuckDBPyConnection) -> Iterator[Sequence[Any]]:
    yield [column[0] for column in found.description]
    yield from found.fetchall()


def _write(path: Path, rows: Iterable[Sequence[Any]]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8-sig", newline="") as file:  # noqa: PTH123
        csv.writer(file, delimiter=";").writerows([_as_text(value) for value in row] for row in rows)


def _as_text(value: Any) -> Any:
    """As Excel in Sweden reads it: a decimal comma, ``true`` and ``false``; None is empty."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace(".", ",") if isinstance(value, Decimal) else value
