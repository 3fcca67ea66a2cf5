"""What the annual tables hide cannot be reckoned from them, and the attacker finds it where it can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb
import pytest

from dagster_project.disclosure import attack_annual
from dagster_project.disclosure.annual_cells import Cells
from dagster_project.disclosure.primary import DEVIATIONS, DIFFERENCES, FOLLOW_UP, MONTHS
from tests.disclosure.annual_tables import FEWEST, YEAR, by_primary_rule, lay, protected, rows

KEYS = (
    "year", "municipality_code", "district_code", "indicator_id", "sex", "comparison", "category", "severity",
    "reporting_party", "commitment_id", "month",
)  # fmt: skip


def attacked(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> list[str]:
    return attack_annual.attack(connection, {**tables, "dim_indicator": "dim_indicator"}, FEWEST)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        lay(connection, rows(0))
        yield connection


@pytest.fixture(scope="module")
def tables(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return protected(connection)


@pytest.mark.parametrize("seed", range(1, 4))
def test_nothing_hidden_follows_from_a_random_year(seed: int) -> None:
    with duckdb.connect() as connection:
        lay(connection, rows(seed))
        assert attacked(connection, by_primary_rule()) != []
        assert attacked(connection, protected(connection)) == []


def test_what_the_primary_rule_hides_stays_hidden(
    connection: duckdb.DuckDBPyConnection, tables: dict[str, str]
) -> None:
    for table, judged in by_primary_rule().items():
        names = connection.sql(f"from {judged}").columns
        key = ", ".join(name for name in names if name in KEYS)
        shown = " or ".join(
            f"(judged.{name} = 'suppressed' and told.{name} = 'shown')" for name in names if name.endswith("_status")
        )
        joined = f"from {judged} as judged inner join {tables[table]} as told using ({key})"
        assert connection.sql(f"select count(*), count(*) filter ({shown}) {joined}").fetchone() == (
            len(connection.sql(f"from {judged}").fetchall()),
            0,
        )


def test_hidden_months_do_not_follow_from_the_year(
    connection: duckdb.DuckDBPyConnection, tables: dict[str, str]
) -> None:
    """February has few, so January is hidden, too; were it shown, the year would give February."""
    january = f"""(
        select * replace (if(month(month) = 1, 100, ready_days) as ready_days,
            if(month(month) = 1, 'shown', ready_days_status) as ready_days_status)
        from {tables[MONTHS]}
    )"""
    found = attacked(connection, {**tables, MONTHS: january})
    assert str((YEAR, "01", "all", 0, ("ready_days", 2))) in found


SAME = "told.indicator_id = one.indicator_id and told.municipality_code = one.municipality_code"
ONE = f"{SAME} and told.district_code = one.district_code"
PART = "indicator_id <> 'mean_excluding_day_zero' and one.municipality_code <> one.region_code"


@pytest.mark.parametrize(
    ("table", "hidden", "target", "figure", "shown"),
    [
        pytest.param(
            FOLLOW_UP, "numerator", f"{PART} and sex = 1", "numerator", f"{ONE} and told.sex <> 1", id="the other sex"
        ),
        pytest.param(
            FOLLOW_UP, "numerator", f"{PART} and district_code = '12'", "numerator",
            f"{SAME} and told.district_code <> '12' and told.sex = one.sex", id="the other district",
        ),
        pytest.param(
            FOLLOW_UP, "numerator", f"{PART} and district_code = 'all'", "numerator",
            "told.indicator_id = one.indicator_id and told.municipality_code <> one.municipality_code "
            "and told.district_code = 'all' and told.sex = one.sex", id="the county and the other municipalities",
        ),
        pytest.param(
            FOLLOW_UP, "value", f"{PART} and sex = 0 and denominator is not null", "value", f"{ONE} and told.sex = 0",
            id="a share of a known whole",
        ),
        pytest.param(
            FOLLOW_UP, "value_previous_year", f"{PART} and sex = 0 and value is not null", "change",
            f"{ONE} and told.sex = 0", id="the change to a year that is shown",
        ),
        pytest.param(
            FOLLOW_UP, "value", "indicator_id = 'liable_days'", "value",
            "told.indicator_id = 'liable_amount' and told.municipality_code = one.municipality_code",
            id="the amount of days",
        ),
        pytest.param(
            DIFFERENCES, "value", f"{PART} and comparison = 'women_men'", "value",
            f"{ONE} and told.comparison = 'women_men'", id="a side of a difference",
        ),
        pytest.param(
            DEVIATIONS, "deviations", "category = 'sip' and severity <> 'all'", "deviations",
            "told.municipality_code = one.municipality_code and told.category = 'sip' "
            "and told.severity <> one.severity", id="the total row of deviations and the other kinds",
        ),
    ],
)  # fmt: skip
def test_a_leak_is_found(
    connection: duckdb.DuckDBPyConnection,
    tables: dict[str, str],
    table: str,
    hidden: str,
    target: str,
    figure: str,
    shown: str,
) -> None:
    """Something is hidden by both rules; what would give it away is shown."""
    key = [name for name in connection.sql(f"from {table}").columns if name in KEYS]
    ordered = ", ".join(f"one.{name}" for name in key)
    connection.execute(f"""
        create or replace table target as select one.* from {tables[table]} as one
        where {hidden}_status = 'suppressed' and {target} order by {ordered} limit 1
    """)
    leaky = f"""(
        select told.* replace (if({shown}, given.{figure}, told.{figure}) as {figure},
            if({shown}, 'shown', told.{figure}_status) as {figure}_status)
        from {tables[table]} as told cross join target as one
        inner join {table} as given on {" and ".join(f"told.{name} = given.{name}" for name in key)}
    )"""
    [one] = connection.execute("from target").fetchdf().to_dict("records")
    kind = tuple(one.get(name) for name in ("category", "severity", "reporting_party"))
    name = ("deviations", *kind) if table == DEVIATIONS else one["indicator_id"]
    sex = 2 if table == DIFFERENCES else one.get("sex", 0)
    cell = (YEAR - (figure == "change"), one["municipality_code"], one.get("district_code", "all"), sex, name)
    assert str(cell) in attacked(connection, {**tables, table: leaky})


def test_with_a_zero_go_its_parts_and_what_says_that_it_is_one() -> None:
    """Men of a district with no wait over 14 days have none over 30; those of another district may."""
    cells = Cells(FEWEST, {(YEAR, "0180", "12", 0, "long_wait_30")})
    told = [(YEAR, "0180", district, 1, name) for district in ("12", "31") for name in ("long_wait_14", "long_wait_30")]
    for cell in told:
        cells.add(cell, 0, is_hidden=False)
    assert cells.hidden == cells.values.keys() == set(told[:2])
