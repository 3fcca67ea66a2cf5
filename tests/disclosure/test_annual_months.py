"""A year in ``annual/`` gives no month away that the open tables hide, alone or beside the years told before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import pytest

from dagster_project.disclosure import attack_annual_months
from dagster_project.disclosure.primary import DIFFERENCES, FOLLOW_UP
from tests.disclosure.annual_tables import TABLES, YEAR, lay, protected
from tests.reports.small_annual import REGION

PROCESS = "mart_process_indicators_monthly"
SALEM, SOLNA, NACKA = "0128", "0184", "0182"
MONTHS = {SALEM: [3, 12, 2, 9], SOLNA: [4, 20, 30, 3], NACKA: [10, 11, 12, 13]}
"""Discharges on weekends, January to April; Salem's and Solna's of January, March and April are hidden."""

HIDDEN = (1, 3, 4)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def release(
    connection: duckdb.DuckDBPyConnection,
    months: int,
    hidden: Sequence[int] = HIDDEN,
    numbers: Mapping[str, list[int]] = MONTHS,
    earlier: Sequence[Mapping[str, str]] = (),
) -> dict[str, str]:
    """The annual tables of a release with so many months; its open months and all figures are laid beside."""
    whole = {**numbers, REGION: [sum(of_month) for of_month in zip(*numbers.values(), strict=True)]}
    follow_up = [
        {"year": YEAR, "municipality_code": place, "district_code": "all", "indicator_id": "weekend_discharge",
         "sex": 0, "numerator": sum(of_place[:months]), "denominator": 400 if place == REGION else 100,
         "value": 0.5, "months_included": months}
        for place, of_place in whole.items()
    ]  # fmt: skip
    for table in (*TABLES, "dim_indicator", "rules"):
        connection.execute(f"drop table if exists {table}")
    lay(connection, {table: follow_up if table == FOLLOW_UP else [] for table in TABLES})
    rows = [
        (f"{YEAR}-{month + 1:02}-01", place, number, place in (SALEM, SOLNA) and month + 1 in hidden)
        for place, of_place in whole.items()
        for month, number in enumerate(of_place[:months])
    ]
    listed = ", ".join(f"(date '{on}', '{place}', {number}, {is_hidden})" for on, place, number, is_hidden in rows)
    connection.execute(f"""
        create or replace table {PROCESS} as
        select month, municipality_code, 'all' as district_code, 'all' as current_district_code, 'all' as care_area,
            0 as sex, 'all' as age_band, 'weekend_discharge' as indicator, numerator_true,
            if(is_hidden, null, numerator_true) as numerator,
            if(is_hidden, 'suppressed', 'shown') as numerator_status, 0 as denominator_true, 0 as denominator,
            'shown' as denominator_status
        from (values {listed}) as listed(month, municipality_code, numerator_true, is_hidden)
    """)
    found = protected(connection, {PROCESS: PROCESS}, earlier)
    for name in (FOLLOW_UP, DIFFERENCES):
        connection.execute(f"create or replace table {name}_until_{months} as from {found[name]}")
        connection.execute(f"""
            create or replace table {name}_whole_until_{months} as
            select *, 'shown' as numerator_status, 'shown' as denominator_status,
                'missing' as value_previous_year_status
            from {name}
        """)
    return {name: f"{name}_until_{months}" for name in (FOLLOW_UP, DIFFERENCES)}


def whole(told: Mapping[str, str]) -> dict[str, str]:
    """The same tables with nothing hidden."""
    return {name: table.replace("_until", "_whole_until") for name, table in told.items()}


def shown(connection: duckdb.DuckDBPyConnection, told: Mapping[str, str]) -> set[str]:
    query = f"select municipality_code from {told[FOLLOW_UP]} where numerator_status = 'shown'"
    return {place for (place,) in connection.execute(query).fetchall()}


def attacked(connection: duckdb.DuckDBPyConnection, *years: Mapping[str, str]) -> set[int]:
    """The months, January as 1, that follow from years beside the open months of the last release."""
    return {key[1] for _, key in attack_annual_months.attack(connection, {PROCESS: PROCESS}, years)}


def test_a_year_with_one_hidden_month_is_hidden(connection: duckdb.DuckDBPyConnection) -> None:
    told = release(connection, 2)
    assert shown(connection, told) == {REGION, NACKA}
    assert attacked(connection, told) == set()
    assert attacked(connection, whole(told)) == {1}


def test_a_year_with_two_hidden_months_is_shown(connection: duckdb.DuckDBPyConnection) -> None:
    told = release(connection, 3)
    assert shown(connection, told) == {REGION, SALEM, SOLNA, NACKA}
    assert attacked(connection, told) == set()


def test_a_year_is_hidden_that_gives_a_month_less_the_year_told_before(connection: duckdb.DuckDBPyConnection) -> None:
    """From January to March and from January to April follows April."""
    before = release(connection, 3)
    told = release(connection, 4, earlier=[before])
    assert shown(connection, told) == {REGION, NACKA}
    assert attacked(connection, before, told) == set()
    assert attacked(connection, before, whole(told)) == {4}
    assert attacked(connection, whole(told)) == set()


def test_a_zero_is_hidden_that_says_what_a_hidden_month_is(connection: duckdb.DuckDBPyConnection) -> None:
    """Salem's January was told as hidden before and is nothing now: with a zero of the year, Solna's would follow."""
    numbers = {**MONTHS, SALEM: [0, 0, 0, 0], SOLNA: [4, 20, 0, 0]}
    told = release(connection, 2, hidden=(1,), numbers=numbers)
    assert shown(connection, told) == {REGION, NACKA}
    assert attacked(connection, told) == set()
    assert attacked(connection, whole(told)) == {1}
    assert shown(connection, release(connection, 2, hidden=(), numbers=numbers)) == {REGION, SALEM, SOLNA, NACKA}


def test_a_year_told_of_months_that_have_changed_is_about_others(connection: duckdb.DuckDBPyConnection) -> None:
    before = release(connection, 3)
    revised = {**MONTHS, SALEM: [4, 12, 2, 9], SOLNA: [5, 20, 30, 3]}
    told = release(connection, 4, numbers=revised, earlier=[before])
    assert shown(connection, told) == {REGION, SALEM, SOLNA, NACKA}
    assert attacked(connection, before, told) == set()


def test_what_was_hidden_of_the_same_months_stays_hidden_and_what_was_shown_is_known(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    before = release(connection, 3, hidden=(1,))
    assert shown(connection, before) == {REGION, NACKA}
    assert shown(connection, release(connection, 3, hidden=(), earlier=[before])) == {REGION, NACKA}
    everything = whole(release(connection, 2))
    assert shown(connection, release(connection, 2, earlier=[everything])) == {REGION, SALEM, SOLNA, NACKA}
