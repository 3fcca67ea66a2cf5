"""What the annual tables hide cannot be reckoned from them, and the attacker finds it where it can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb
import pytest

from dagster_project.disclosure import attack_annual
from dagster_project.disclosure.primary import DEVIATIONS, DIFFERENCES, FOLLOW_UP, MONTHS
from tests.disclosure.annual_tables import FEWEST, YEAR, by_primary_rule, lay, protected, rows

WEEKEND = "indicator_id = 'weekend_discharge' and municipality_code"
SIP = "sex = 0 and indicator_id = 'sip_held' and municipality_code"
PLANNING = (YEAR, "0128", "all", 0, ("deviations", "planning", "all", "all"))
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


@pytest.mark.parametrize(
    ("table", "figure", "shown", "found"),
    [
        pytest.param(
            FOLLOW_UP, "numerator", f"{WEEKEND} = '0184' and sex = 2", "(2024, '0184', 'all', 1, 'weekend_discharge')",
            id="the other sex",
        ),
        pytest.param(
            FOLLOW_UP, "numerator", f"{WEEKEND} = '0180' and sex = 0 and district_code = '31'",
            "(2024, '0180', '12', 0, 'weekend_discharge')", id="the other district",
        ),
        pytest.param(
            FOLLOW_UP, "numerator", f"{SIP} in ('0128', '0180')", "(2024, '0184', 'all', 0, 'sip_held')",
            id="the other municipalities of the county's total",
        ),
        pytest.param(
            FOLLOW_UP, "value", f"{SIP} = '0128'", "(2024, '0128', 'all', 0, 'sip_held')", id="a share of a known whole"
        ),
        pytest.param(
            FOLLOW_UP, "change", f"{SIP} = '0128'", "(2024, '0128', 'all', 0, 'sip_held')",
            id="the change from a year before that is shown",
        ),
        pytest.param(
            FOLLOW_UP, "value", "indicator_id = 'liable_amount' and municipality_code = '0128'",
            "(2024, '0128', 'all', 0, 'liable_days')", id="an amount of one rate",
        ),
        pytest.param(
            DIFFERENCES, "value", f"{WEEKEND} = '0184' and comparison = 'women_men'",
            "(2024, '0184', 'all', 2, 'weekend_discharge')", id="a side of a difference",
        ),
        pytest.param(
            DEVIATIONS, "deviations", "municipality_code = '0128' and category = 'sip' and severity = 'all'",
            str(PLANNING), id="the other kinds of the total row",
        ),
    ],
)  # fmt: skip
def test_a_leak_is_found(
    connection: duckdb.DuckDBPyConnection, tables: dict[str, str], table: str, figure: str, shown: str, found: str
) -> None:
    key = [name for name in connection.sql(f"from {table}").columns if name in KEYS]
    leaky = f"""(
        select told.* replace (if({shown}, given.{figure}, told.{figure}) as {figure},
            if({shown}, 'shown', told.{figure}_status) as {figure}_status)
        from {tables[table]} as told inner join {table} as given using ({", ".join(key)})
    )"""
    assert found in attacked(connection, {**tables, table: leaky})
