"""What a small region's two deliveries come to, from bronze to the published tables."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.rules.conftest import Built


@pytest.fixture
def warehouse(built: Built) -> Any:
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def test_spells_hold_the_stays_that_count(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.sql("select spell_id, stays, is_open, hospital_id from fct_spells order by spell_id").fetchall()
    assert rows == [
        ("e11", 1, False, "SE0001"),
        ("hidden", 1, False, "SE0001"),
        ("link_1", 2, False, "SE0002"),
        ("open", 1, True, "SE0001"),
        ("unsent", 2, False, "SE0001"),
    ]


def test_the_link_gives_the_person_both_stays(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert warehouse.sql("select person_key from fct_spells where spell_id = 'link_1'").fetchall() == [("person",)]


def test_intervals_are_counted_through_the_month(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.sql(
        "select interval_id, end_reason, payer_municipality_code, district_code, ready_days "
        "from fct_readiness_intervals order by interval_id"
    ).fetchall()
    assert rows == [
        ("m11", "discharged", "0180", "30", 6),
        ("m_hidden", "discharged", "0180", "99", 30),
        ("m_link", "discharged", "0180", "30", 2),
        ("m_open", "open", "0184", "00", 2),
        ("m_unsent", "discharged", "0180", "30", 4),
    ]


def test_e11_is_four_days_in_january_and_six_of_the_discharged_in_february(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.sql(
        "select strftime(month, '%Y-%m'), municipality_code, district_code, ready_days, ready_days_of_discharged, "
        "intervals_discharged, open_at_month_end from mart_ready_days_monthly order by all"
    ).fetchall()
    assert rows == [
        ("2021-01", "0180", "30", 10, 6, 2, 1),
        ("2021-01", "0180", "99", 2, 0, 0, 1),
        ("2021-02", "0180", "30", 2, 6, 1, 0),
        ("2021-02", "0180", "99", 28, 0, 0, 1),
        ("2021-02", "0184", "00", 2, 0, 0, 1),
    ]


def test_orphans_are_quarantined_and_others_are_not(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.sql(
        "select strftime(delivery_month, '%Y-%m'), file, line, reasons from audit_quarantine order by all"
    ).fetchall()
    assert rows == [
        ("2021-01", "cases.csv", 9, "orphan"),
        ("2021-01", "messages.csv", 9, "orphan"),
        ("2021-01", "messages.csv", 10, "orphan"),
        ("2021-01", "messages.csv", 99, "enum:message_type"),
        ("2021-02", "cases.csv", 10, "orphan"),
    ]


def test_delivered_rows_are_loaded_or_quarantined(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.sql(
        "select rows_delivered, rows_loaded, rows_quarantined from audit_deliveries "
        "where file = 'messages.csv' order by delivery_month"
    ).fetchall()
    assert rows == [(8, 5, 3), (2, 2, 0)]


def test_what_earlier_releases_froze_is_read_as_it_was_said(warehouse: duckdb.DuckDBPyConnection) -> None:
    months = warehouse.sql("select strftime(care_month, '%Y-%m'), release from staging.stg_frozen_months").fetchall()
    amounts = warehouse.sql(
        "select strftime(care_month, '%Y-%m'), municipality_code, payment_class, expected_amount::varchar "
        "from staging.stg_frozen_amounts order by all"
    ).fetchall()
    assert months == [("2021-01", "01/2021-01/r01")]
    assert amounts == [("2021-01", "0180", "somatic", "16400.00"), ("2021-01", "0184", "somatic", None)]


def test_an_orphan_row_is_shown_under_the_contracts_names(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = warehouse.sql("select row from audit_quarantine where file = 'messages.csv' and line = 9").fetchall()
    assert found == [
        (
            '{"region_code":"01","message_id":"m_orphan","case_id":"c_orphan","message_type":"ready_notice",'
            '"sent_at":"2021-01-30T09:00:00","assessed_at":null,"planned_discharge_on":null,"voided_at":null,'
            '"sender_unit_id":null}',
        )
    ]


def test_events_of_a_case_tell_what_ended_its_interval(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.sql(
        "select event, interval_id, is_counted from fct_case_events where case_id = 'c11' order by \"at\""
    ).fetchall()
    assert rows == [("stay_start", None, True), ("ready_notice", "m11", True), ("stay_end", "m11", True)]


def test_a_region_of_seven_stays_proves_nothing_of_its_data(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.sql(
        "select strftime(month, '%Y-%m'), unit_type, count(*), bool_or(passed), min(missing_for_verdict) "
        "from mart_billing_readiness_monthly where criterion = 'verdict' group by all order by all"
    ).fetchall()
    assert rows == [
        ("2021-01", "hospital", 2, False, "too_few_observations"),
        ("2021-01", "municipality", 26, False, "too_few_observations"),
        ("2021-02", "hospital", 2, False, "too_few_observations"),
        ("2021-02", "municipality", 26, False, "too_few_observations"),
    ]


def test_orphans_that_name_no_hospital_are_borne_by_each_in_proportion(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.sql(
        "select strftime(month, '%Y-%m'), unit_id, value::double from mart_billing_readiness_monthly "
        "where criterion = 'orphans' and unit_type = 'hospital' order by all"
    ).fetchall()
    # January: three orphans of twelve cases and messages; February: one of four, none of them the second hospital's.
    assert rows == [
        ("2021-01", "SE0001", 0.25),
        ("2021-01", "SE0002", 0.25),
        ("2021-02", "SE0001", 0.25),
        ("2021-02", "SE0002", None),
    ]
