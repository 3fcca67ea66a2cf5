"""The reference models and dimensions as dbt builds them, with an installation's rows and with rows that cannot be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.reference.tables import TABLES
from dagster_project.settings import DBT_DIR

DBT = Path(sys.executable).with_name("dbt")
MODELS = ("path:models/core/reference", "path:models/core/dimensions")

CANDIDATE = """
    create schema bronze;
    create table bronze.candidate as
    select
        '01' as region_code, date '2026-10-01' as month, date '2026-10-31' as month_end,
        date '2025-01-01' as first_month, timestamptz '2026-11-03 02:10:00+01' as newest_extracted_at;
"""


class Warehouse:
    """A warehouse that holds nothing but the reference tables."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "warehouse.duckdb"
        self.target = directory / "dbt"
        with duckdb.connect(str(self.path)) as connection:
            connection.execute(CANDIDATE)
            connection.execute("create schema installation")
            for name, table in TABLES.items():
                columns = ", ".join(f"{column} varchar" for column in table.columns)
                connection.execute(f"create table installation.{name} ({columns})")

    def add(self, table: str, **values: str) -> None:
        with duckdb.connect(str(self.path)) as connection:
            row = {"status": "provisional", "source": "test", **values}
            marks = ", ".join("?" for _ in row)
            connection.execute(
                f"insert into installation.{table} ({', '.join(row)}) values ({marks})", list(row.values())
            )

    def dbt(self, *arguments: str) -> dict[str, str]:
        """Run dbt on the reference tables alone; returns the status of every node by its name."""
        command = [str(DBT), *arguments, "--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)]
        command += ["--target-path", str(self.target), "--log-path", str(self.target), "--no-use-colors"]
        environment = {**os.environ, "LUS_WAREHOUSE": str(self.path), "DO_NOT_TRACK": "1"}
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode in (0, 1), ran.stdout
        results = json.loads((self.target / "run_results.json").read_text(encoding="utf-8"))["results"]
        return {result["unique_id"].split(".")[2]: result["status"] for result in results}

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.sql(query).fetchall()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Two mergers of Stockholm's districts to come, a rate for 2021 and a regional rate that was not public."""
    warehouse = Warehouse(tmp_path_factory.mktemp("built"))
    warehouse.add(
        "districts",
        district_code="08",
        name="Kungsholmen",
        municipality_code="0180",
        valid_from="2007-01-01",
        valid_to="2026-12-31",
        successor_district_code="33",
    )
    warehouse.add(
        "districts",
        district_code="32",
        name="Norra innerstaden",
        municipality_code="0180",
        valid_from="2023-07-01",
        valid_to="2026-12-31",
        successor_district_code="33",
    )
    warehouse.add(
        "districts", district_code="33", name="Innerstaden", municipality_code="0180", valid_from="2027-01-01"
    )
    rate = {"payment_class": "all", "sek_per_day": "6543.50"}
    warehouse.add("day_rates", region_code="SE", valid_from="2021-01-01", valid_to="2021-12-31", **rate)
    warehouse.add("day_rates", region_code="01", valid_from="2018-01-01", valid_to="2019-12-31", **rate)
    selected = ["--select", "resource_type:seed", *MODELS, "stg_candidate", "--indirect-selection", "cautious"]
    statuses = warehouse.dbt("build", *selected)
    failed = {name: status for name, status in statuses.items() if status not in ("success", "pass")}
    assert not failed
    assert {"ref_districts", "dim_date", "int_district_chain"} <= set(statuses)
    return warehouse


def test_an_installations_rows_replace_shipped_rows_of_their_key_or_are_added(built: Warehouse) -> None:
    rates = built.rows("select region_code, valid_from, sek_per_day::double from dim_day_rate order by all")
    assert rates == [
        ("01", date(2018, 1, 1), 6543.5),
        ("SE", date(2019, 1, 1), 7800.0),
        ("SE", date(2020, 1, 1), 8200.0),
        ("SE", date(2021, 1, 1), 6543.5),
        ("SE", date(2022, 1, 1), 9300.0),
        ("SE", date(2023, 1, 1), 10500.0),
        ("SE", date(2024, 1, 1), 11600.0),
    ]


def test_leading_zeros_and_empty_fields_survive_the_seeds(built: Warehouse) -> None:
    assert built.rows("select name, region_code, valid_to from dim_municipality where municipality_code = '0180'") == [
        ("Stockholm", "01", None)
    ]
    assert built.rows("select noon_cutoff, cap_days from dim_agreement where agreement_id = 'sthlm-2018-somatic'") == [
        (None, None)
    ]


def test_deadlines_conditions_and_invoicing_periods_are_published_as_they_are_in_force(built: Warehouse) -> None:
    for dimension, table in (
        ("condition", "conditions"),
        ("deadline", "deadlines"),
        ("invoicing_period", "invoicing_periods"),
    ):
        published = built.rows(f"from dim_{dimension} order by all")
        assert published == built.rows(f"from reference.ref_{table} order by all")
        assert published


def shown(warehouse: Warehouse, code: str, on: str) -> str:
    ((name,),) = warehouse.rows(
        f"""
        select ref_districts.name
        from reference.int_district_chain as chain
        inner join reference.ref_districts
            on chain.municipality_code = ref_districts.municipality_code
            and chain.shown_district_code = ref_districts.district_code
        where
            chain.municipality_code = '0180' and chain.district_code = '{code}'
            and date '{on}' between chain.shown_from and chain.shown_to
        """
    )
    return str(name)


def test_e20_two_areas_as_of_the_date_and_one_as_of_today(built: Warehouse) -> None:
    assert shown(built, "21", "2020-06-30") == "Älvsjö"
    assert shown(built, "30", "2020-07-01") == "Hägersten-Älvsjö"
    today = built.rows(
        "select distinct current_district_code from dim_district where municipality_code = '0180' "
        "and district_code in ('21', '30')"
    )
    assert today == [("30",)]


@pytest.mark.parametrize(
    ("code", "on", "name"),
    [
        ("21", "2020-07-01", "Hägersten-Älvsjö"),
        ("30", "2020-06-30", "Hägersten-Älvsjö"),
        ("01", "2023-06-30", "Rinkeby-Kista"),
        ("01", "2023-07-01", "Järva"),
        ("09", "2023-06-30", "Norrmalm"),
        ("09", "2023-07-01", "Norra innerstaden"),
        ("09", "2026-12-31", "Norra innerstaden"),
        ("09", "2027-01-01", "Innerstaden"),
        ("08", "2027-01-01", "Innerstaden"),
        ("06", "2006-12-31", "Bromma"),
    ],
)
def test_a_district_is_shown_as_of_the_date(built: Warehouse, code: str, on: str, name: str) -> None:
    assert shown(built, code, on) == name


def test_every_code_is_shown_as_one_area_on_every_date(built: Warehouse) -> None:
    assert not built.rows(
        """
        select chain.district_code, dates.date_on
        from (select distinct municipality_code, district_code from reference.int_district_chain) as chain
        cross join dim_date as dates
        left join reference.int_district_chain as shown_areas
            on chain.municipality_code = shown_areas.municipality_code
            and chain.district_code = shown_areas.district_code
            and dates.date_on between shown_areas.shown_from and shown_areas.shown_to
        group by all
        having count(shown_areas.district_code) <> 1
        """
    )


def test_districts_of_no_and_of_unknown_area(built: Warehouse) -> None:
    assert built.rows("select count(*) from dim_municipality") == [(291,)]
    assert built.rows("select count(*) from dim_district where district_code = '00'") == [(291,)]
    assert built.rows("select municipality_code from dim_district where district_code = '99'") == [("0180",)]


def test_the_calendar_is_whole_and_counts_its_weekdays(built: Warehouse) -> None:
    ((first, last, days),) = built.rows("select min(date_on), max(date_on), count(*) from dim_date")
    assert (first, last) == (date(2017, 1, 1), date(2040, 12, 31))
    assert days == (last - first).days + 1
    assert built.rows(
        "select year(date_on) as y, count(*) filter (where is_weekday) from dim_date where y between 2018 and 2026 "
        "group by y order by y"
    ) == list(zip(range(2018, 2027), [250, 250, 252, 253, 253, 251, 251, 249, 251], strict=True))
    assert not built.rows(
        "select date_on from dim_date where iso_weekday <> isodow(date_on) or month <> date_trunc('month', date_on)"
    )


@pytest.mark.parametrize(
    ("example", "notice", "free_days", "first_liable"),
    [
        ("E5", "2018-12-20", 5, "2019-01-04"),
        ("E6", "2019-06-18", 5, "2019-06-27"),
        ("E7", "2019-04-15", 5, "2019-04-25"),
    ],
)
def test_the_running_count_gives_the_nth_weekday(
    built: Warehouse, example: str, notice: str, free_days: int, first_liable: str
) -> None:
    assert built.rows(
        f"""
        select last_free.date_on + 1
        from dim_date as notice
        inner join dim_date as last_free
            on last_free.is_weekday and notice.weekday_count + {free_days} = last_free.weekday_count
        where notice.date_on = date '{notice}'
        """
    ) == [(date.fromisoformat(first_liable),)]


FAULTS: dict[str, tuple[Callable[[Warehouse], None], str]] = {
    "overlap": (
        lambda to: to.add(
            "day_rates", region_code="SE", payment_class="all", valid_from="2019-12-31", valid_to="2019-12-31"
        ),
        "no_overlap_ref_day_rates",
    ),
    "gap": (
        lambda to: to.add(
            "invoicing_periods",
            region_code="SE",
            payment_class="all",
            valid_from="2018-01-01",
            valid_to="2026-12-31",
            invoicing_active="true",
        ),
        "no_gap_ref_invoicing_periods",
    ),
    "key without a value": (
        lambda to: to.add("release_calendar", region_code="14"),
        "unique_key_ref_release_calendar",
    ),
    "unknown region": (
        lambda to: to.add(
            "municipalities", municipality_code="9901", name="x", region_code="99", valid_from="2020-01-01"
        ),
        "relationships_ref_municipalities_region_code",
    ),
    "deadline in a unit that the rules do not count in": (
        lambda to: to.add(
            "deadlines", deadline_id="admission_notice", valid_from="1900-01-01", amount="1", unit="days"
        ),
        "rows_hold_ref_deadlines",
    ),
    "two conditions in one place": (
        lambda to: to.add("conditions", reason_code="PAYER_UNKNOWN", position="10"),
        "unique_ref_conditions_position",
    ),
    "unknown criterion": (
        lambda to: to.add("billing_criteria", criterion="beds", unit_type="hospital", valid_from="2020-01-01"),
        "accepted_values_ref_billing_criteria_criterion",
    ),
    "unknown model": (
        lambda to: to.add("agreements", agreement_id="x", region_code="12", payment_class="somatic", model="average"),
        "accepted_values_ref_agreements_model",
    ),
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Rows that never pass ``load``, written straight into the warehouse: dbt's own tests must find each."""
    warehouse = Warehouse(tmp_path_factory.mktemp("faulty"))
    for write, _ in FAULTS.values():
        write(warehouse)
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("update bronze.candidate set month_end = date '2040-11-30'")
    selected = ["--select", "resource_type:seed", *MODELS, "stg_candidate"]
    built = warehouse.dbt("build", *selected, "--exclude-resource-type", "test", "unit_test")
    assert set(built.values()) == {"success"}
    return warehouse.dbt(
        "test", "--select", *MODELS, "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test"
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_dbt_finds_rows_that_cannot_be(faulty: dict[str, str], fault: str) -> None:
    ((name, status),) = [(name, status) for name, status in faulty.items() if name.startswith(FAULTS[fault][1])]
    assert status == "fail", name


def test_dbt_finds_a_calendar_that_is_too_short(faulty: dict[str, str]) -> None:
    ((name, status),) = [(name, status) for name, status in faulty.items() if name.startswith("reaches_past_dim_date")]
    assert status == "fail", name


def test_every_reference_table_has_a_model_that_merges(built: Warehouse) -> None:
    tables = built.rows("select table_name from information_schema.tables where table_schema = 'reference'")
    assert {f"ref_{name}" for name in TABLES} | set(TABLES) <= {name for (name,) in tables}
