"""The open follow-up by year adds up what the open months show, and hides a year with a hidden month in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.disclosure import annual, tables
from tests.disclosure.open_files import HEADLINE, PAYMENT, PROCESS, READY_DAYS, Row, attacked, row, write

JANUARY, FEBRUARY = date(2024, 1, 1), date(2024, 2, 1)
BEFORE = JANUARY.replace(year=2023)
HIDDEN = (None, "suppressed")
MISSING = (None, "missing")


def sip(month: date, place: str, numerator: int | None, denominator: int | None, **given: Any) -> Row:
    return row(PROCESS, place, month=month, indicator="sip_held", numerator=numerator, denominator=denominator, **given)


MONTHS: dict[str, list[Row]] = {
    READY_DAYS: [
        row(READY_DAYS, "0184", month=JANUARY, ready_days=30),
        row(READY_DAYS, "0184", month=FEBRUARY, ready_days=45),
        row(READY_DAYS, "0184", month=BEFORE, ready_days=90),
        row(READY_DAYS, "0184", month=JANUARY, ready_days=None, sex=1),
        row(READY_DAYS, "0184", month=JANUARY, ready_days=None, sex=2),
        row(READY_DAYS, "0184", month=FEBRUARY, ready_days=20, sex=1),
        row(READY_DAYS, "0184", month=FEBRUARY, ready_days=25, sex=2),
        row(READY_DAYS, "0184", month=JANUARY, ready_days=7, age_band="80+"),
        row(READY_DAYS, "0188", month=BEFORE, ready_days=None),
        row(READY_DAYS, "0188", month=FEBRUARY, ready_days=12),
        row(READY_DAYS, "0191", month=FEBRUARY, ready_days=0),
        row(READY_DAYS, "0191", month=BEFORE.replace(month=2), ready_days=0),
    ],
    PROCESS: [
        sip(JANUARY, "0184", 20, 30),
        sip(FEBRUARY, "0184", 7, 15),
        sip(BEFORE, "0184", None, 12),
        sip(JANUARY, "0188", None, 15),
        sip(BEFORE, "0191", 6, 12),
        sip(JANUARY, "01", 40, 60, sex=2),
        sip(JANUARY, "0184", 20, 30, care_area="somatic"),
    ],
    HEADLINE: [
        row(HEADLINE, month=JANUARY, index_discharges=70, readmissions=7),
        row(HEADLINE, month=JANUARY, index_discharges=20, readmissions=0, population="lus"),
    ],
    PAYMENT: [
        row(PAYMENT, "0184", month=JANUARY, liable_days=6, amount="61200"),
        row(PAYMENT, "0184", month=FEBRUARY, liable_days=9, agreement_id="other")
        | {"amount": None, "amount_status": "missing"},
        row(PAYMENT, "0188", month=JANUARY, liable_days=None),
    ],
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Path], duckdb.DuckDBPyConnection]]:
    """The open months of January and February 2024 and the year before, and the follow-up that they give."""
    directory = tmp_path_factory.mktemp("annual")
    files = write(directory, MONTHS)
    with duckdb.connect() as connection:
        connection.execute("""
            attach ':memory:' as warehouse;
            create schema warehouse.rules;
            create schema warehouse.bronze;
            create table warehouse.bronze.candidate as select '01' as region_code;
            create table warehouse.rules.int_annual__months as
                select year(month) + is_previous::integer as year, is_previous, month, 2 as months_included,
                    if(year(month) = 2023, 59, 60) as days_included, 'preliminary' as status
                from (values
                    (date '2024-01-01', false), (date '2024-02-01', false), (date '2023-01-01', true),
                    (date '2023-02-01', true), (date '2023-01-01', false), (date '2023-02-01', false)
                ) as months(month, is_previous);
            create table warehouse.dim_indicator as
                select * from (values
                    ('ready_days', 'days', 'lower'), ('beds_equivalent', 'beds', 'lower'),
                    ('sip_held', 'share', 'higher'), ('readmission_7_days', 'share', 'lower'),
                    ('readmission_7_days_lus', 'share', 'lower'), ('liable_days', 'days', 'lower'),
                    ('liable_amount', 'sek', 'lower')
                ) as indicators(indicator_id, unit, direction);
            create table warehouse.dim_follow_up_plan as
                select * from (values
                    ('SE', 2024, 'sip_held', 'higher', 0.9), ('01', 2024, 'sip_held', 'higher', 0.6),
                    ('SE', 2024, 'ready_days', 'lower', 100)
                ) as plan(region_code, year, indicator_id, direction, target);
        """)
        for name, path in files.items():
            connection.execute(f"create table {name} as from read_parquet('{path}')")
        annual.lay_table(connection)
        files[tables.ANNUAL] = directory / "annual.parquet"
        connection.execute(f"copy {tables.ANNUAL} to '{files[tables.ANNUAL]}' (format parquet)")
        yield files, connection


Told = tuple[dict[str, Path], duckdb.DuckDBPyConnection]


def figures(told: Told, year: int, place: str, indicator: str, sex: int = 0) -> dict[str, tuple[Any, str]] | None:
    """By figure its value and status; None where there is no row."""
    cursor = told[1].execute(
        f"from {tables.ANNUAL} where year = ? and municipality_code = ? and indicator_id = ? and sex = ?",
        [year, place, indicator, sex],
    )
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    assert len(found) < 2
    return {name: (found[0][name], found[0][f"{name}_status"]) for name in tables.ANNUAL_FIGURES} if found else None


def shown(value: Any) -> tuple[Any, str]:
    return (Decimal(value) if isinstance(value, str) else value, "shown")


def test_a_years_figures_are_those_of_its_months(told: Told) -> None:
    assert figures(told, 2024, "0184", "ready_days") == {
        "numerator": shown(75),
        "denominator": MISSING,
        "value": shown("75"),
        "value_previous_year": shown("90"),
        "change": shown("-15"),
        "meets_target": MISSING,  # two months of the year
    }
    assert figures(told, 2024, "0184", "beds_equivalent") == {
        "numerator": shown(75),
        "denominator": shown(60),
        "value": shown("1.25"),
        "value_previous_year": shown("1.5254"),
        "change": shown("-0.2754"),
        "meets_target": MISSING,
    }
    assert figures(told, 2024, "01", "readmission_7_days")["value"] == shown("0.1")  # type: ignore[index]
    assert figures(told, 2024, "01", "readmission_7_days_lus")["value"] == shown("0")  # type: ignore[index]
    assert figures(told, 2024, "01", "sip_held", 2)["numerator"] == shown(40)  # type: ignore[index]


def test_a_hidden_month_hides_the_year_and_what_is_compared_with_it(told: Told) -> None:
    assert figures(told, 2024, "0184", "sip_held") == {
        "numerator": shown(27),
        "denominator": shown(45),
        "value": shown("0.6"),
        "value_previous_year": HIDDEN,
        "change": HIDDEN,
        "meets_target": shown(True),  # the region's own target, just reached
    }
    assert figures(told, 2024, "0188", "sip_held") == {
        "numerator": HIDDEN,
        "denominator": shown(15),
        "value": HIDDEN,
        "value_previous_year": MISSING,
        "change": MISSING,
        "meets_target": HIDDEN,
    }
    assert figures(told, 2023, "0184", "sip_held")["value"] == HIDDEN  # type: ignore[index]
    assert figures(told, 2024, "0184", "ready_days", 1)["numerator"] == HIDDEN  # type: ignore[index]
    assert figures(told, 2024, "0188", "ready_days")["value_previous_year"] == HIDDEN  # type: ignore[index]
    assert figures(told, 2024, "0188", "liable_days")["value"] == HIDDEN  # type: ignore[index]


def test_an_amount_without_a_rate_is_missing_and_its_days_are_not(told: Told) -> None:
    assert figures(told, 2024, "0184", "liable_days")["value"] == shown("15")  # type: ignore[index]
    amount = figures(told, 2024, "0184", "liable_amount")
    assert amount and (amount["numerator"], amount["value"], amount["change"]) == (MISSING, MISSING, MISSING)


def test_a_year_of_nobody_has_a_row_where_the_year_before_had_somebody(told: Told) -> None:
    assert figures(told, 2024, "0191", "ready_days") is None
    assert figures(told, 2024, "0191", "sip_held") == {
        "numerator": shown(0),
        "denominator": MISSING,
        "value": MISSING,
        "value_previous_year": shown("0.5"),
        "change": MISSING,
        "meets_target": MISSING,
    }


def test_the_attacker_finds_nothing_in_it(told: Told) -> None:
    assert attacked([told[0]]) == []
