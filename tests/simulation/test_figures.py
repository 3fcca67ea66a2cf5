"""What is compared where a rate is missing, and how it is printed: never as 0."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.cli.simulate import show
from dagster_project.releases.catalogue import Release
from dagster_project.simulation import figures
from dagster_project.simulation.figures import Amount, Figures
from dagster_project.simulation.simulate import Simulation

ROWS = {
    "published": [
        ("2021-11-01", "0180", 3, None, True, None),
        ("2022-01-01", "0180", 2, 18600, True, 18600),
        ("2022-10-01", "0184", 5, 46500, False, None),
        ("2021-12-01", "0186", 4, None, True, None),
    ],
    "main": [
        ("2021-11-01", "0180", 3, None, True, None),
        ("2022-01-01", "0180", 7, 65100, True, 65100),
        ("2022-10-01", "0184", 5, 46500, True, 46500),
        ("2021-12-01", "0186", 6, None, True, None),
        ("2022-02-01", "0127", 0, 0, True, 0),
    ],
}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as published")
        for place, rows in ROWS.items():
            connection.execute(
                f"create table {place}.{figures.MART} (month date, municipality_code varchar, liable_days integer, "
                "amount decimal(14, 2), invoicing_active boolean, amount_to_invoice decimal(14, 2), "
                "payment_class varchar default 'somatic')"
            )
            connection.executemany(f"insert into {place}.{figures.MART} values (?, ?, ?, ?, ?, ?, 'somatic')", rows)
        yield connection


def test_days_without_a_rate_are_days_and_no_kronor(connection: duckdb.DuckDBPyConnection) -> None:
    cells = figures.compare(connection, "2021-01", "2022-12")
    totals = figures.total_by(cells, lambda cell: cell.municipality_code)
    stockholm, solna, lidingo, botkyrka = (totals[code] for code in ("0180", "0184", "0186", "0127"))
    assert stockholm.published.amount == Amount(days=5, unrated_days=3, known_sek=Decimal(18600))
    assert (stockholm.liable_days_difference, stockholm.amount_difference) == (5, Decimal(46500))
    assert (lidingo.liable_days_difference, lidingo.amount_difference) == (2, None)
    assert lidingo.simulated.amount.sek is None
    assert lidingo.as_json()["published"] == {
        "liable_days": 4,
        "amount": None,
        "amount_to_invoice": None,
        "days_without_rate": 4,
    }
    assert solna.published.to_invoice == Amount()
    assert (solna.amount_difference, solna.to_invoice_difference) == (0, Decimal(46500))
    assert botkyrka.published == Figures()
    assert botkyrka.amount_difference == 0


def test_months_are_limited_at_both_ends(connection: duckdb.DuckDBPyConnection) -> None:
    months = {cell.month for cell in figures.compare(connection, "2021-12", "2022-01")}
    assert months == {date(2021, 12, 1), date(2022, 1, 1)}


def test_a_missing_rate_is_printed_as_such(
    connection: duckdb.DuckDBPyConnection, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cells = figures.compare(connection, "2021-01", "2022-12")
    names = {"0127": "Botkyrka", "0180": "Stockholm", "0184": "Solna", "0186": "Lidingö"}
    show(Simulation(Release("01", "2022-12", 1, tmp_path / "r01"), "2021-01", "2022-12", True, [], cells, names))
    printed = capsys.readouterr().out
    words = {line.split()[0]: line.split()[1:] for line in printed.splitlines() if line}
    assert words["Stockholm"][:9] == ["5", "10", "+5", "18", "600*", "65", "100*", "+46", "500*"]
    assert words["Lidingö"] == ["4", "6", "+2", *["no", "rate"] * 6]
    assert words["Solna"] == ["5", "5", "0", "46", "500", "46", "500", "0", "0", "46", "500", "+46", "500"]
    assert "* 7 of the published and 9 of the simulated liable days have no rate" in printed
