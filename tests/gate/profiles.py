"""Profile tables of a plain month, and for every check of ``expectations/`` a fault that it must see.

The tables have the columns of ``dbt/models/gate`` and the rows of a month in which nothing is remarkable, with a
history long enough for every check to judge something.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

MONTH = "2026-10"

_UNITS = {
    "region": (["all"], ["stays_admitted", "stays_discharged", "cases", "ready_notices", "messages"]),
    "hospital": (
        ["SE-A", "SE-B"],
        ["stays_admitted", "stays_discharged", "cases", "ready_notices", "intervals_discharged"],
    ),
    "municipality": (["0126", "0180"], ["stays_admitted", "cases", "ready_notices", "intervals_discharged"]),
    "care_area": (["psychiatric", "somatic"], ["stays_admitted", "stays_discharged"]),
    "message_type": (["admission_notice", "ready_notice"], ["messages"]),
}

# subject, kind, figure, numerator, denominator
_FIGURES = [
    ("stays", "share", "unplanned_share", 1500, 2000),
    ("stays", "share", "women_share", 1020, 2000),
    ("stays", "share", "deceased_share", 40, 2000),
    ("stays", "mean", "mean_stay_days", 9000, 2000),
    ("stays", "share", "unsent_discharge_share", 2, 2000),
    ("stays", "mean", "open_stays_per_admission", 300, 2000),
    ("cases", "share", "sip_required_share", 250, 500),
    ("cases", "share", "case_share", 500, 2000),
    ("messages", "share", "admission_notice_24h_share", 460, 500),
    ("messages", "share", "voided_share", 20, 2000),
    ("messages", "share", "assessed_share", 440, 500),
    ("messages", "share", "before_noon_share", 350, 500),
    ("intervals", "share", "withdrawn_share", 30, 500),
    ("intervals", "share", "payer_unknown_share", 3, 500),
    ("intervals", "share", "day_zero_share", 200, 450),
    ("intervals", "share", "long_wait_share", 2, 450),
    ("intervals", "share", "liable_share", 300, 450),
    ("intervals", "mean", "mean_ready_days", 750, 250),
    ("spells", "mean", "mean_stays_per_spell", 2000, 1900),
    ("spells", "share", "municipality_unknown_share", 10, 1900),
    ("spells", "share", "readmission_share", 40, 1000),
    ("spells", "share", "readiness_share", 450, 1900),
]

_RULES = {
    "episodes": (2100, ["person_id_form"]),
    "messages": (2000, ["assessed_after_sent", "message_outside_stay", "planned_date_missing", "voided_before_sent"]),
    "identity_links": (50, ["link_matches_no_stay"]),
    "invoices": (
        40,
        [
            "amount_not_days_times_rate",
            "care_month_after_release",
            "care_month_before_first_delivery",
            "credit_positive_amount",
            "credit_without_reference",
            "debit_negative_days",
        ],
    ),
    "population": (240, ["left_over_district"]),
}


def plain_warehouse(path: Path) -> Path:
    """A warehouse of October 2026 that every check passes, judging at least one row."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema bronze; create schema gate")
        connection.execute(f"create table bronze.candidate as select date '{MONTH}-01' as month")
        connection.execute(
            "create table gate.gate_units (region_code varchar, unit_type varchar, unit_id varchar, measure varchar, "
            "amount bigint, months_before integer, mean_before decimal(14,2), recent_mean decimal(14,2), "
            "lowest_before bigint, highest_before bigint, share_of_lowest decimal(14,4), "
            "share_of_highest decimal(14,4))"
        )
        for unit_type, (ids, measures) in _UNITS.items():
            for unit_id in ids:
                for measure in measures:
                    connection.execute(_unit(unit_type, unit_id, measure, 1000))
        connection.execute(
            "create table gate.gate_figures (subject varchar, kind varchar, figure varchar, numerator bigint, "
            "denominator bigint, amount decimal(14,6), months_before integer, denominator_before bigint, "
            "amount_before decimal(14,6), difference decimal(15,6), times_before decimal(14,4))"
        )
        connection.executemany(
            "insert into gate.gate_figures select $1, $2, $3, $4, $5, $4 / $5, 12, 12 * $5, $4 / $5, 0, 1", _FIGURES
        )
        connection.execute(
            "create table gate.gate_reports (feed varchar, rule_name varchar, rows_reported bigint, "
            "rows_in_feed bigint, reported_share decimal(9,6))"
        )
        connection.executemany(
            "insert into gate.gate_reports values (?, ?, 0, ?, 0)",
            [(feed, rule, rows) for feed, (rows, rules) in _RULES.items() for rule in rules],
        )
        connection.execute(_PLAIN_TABLES)
    return path


_PLAIN_TABLES = """
create table gate.gate_days as
select
    date '2026-10-01' + cast(day as integer) as date_on,
    isodow(date '2026-10-01' + cast(day as integer)) <= 5 as is_weekday,
    65 as stays_admitted, 65 as stays_discharged, 65 as messages,
    cast(65 as decimal(14, 2)) as mean_stays_admitted, cast(65 as decimal(14, 2)) as mean_stays_discharged,
    cast(65 as decimal(14, 2)) as mean_messages, cast(1 as decimal(14, 4)) as admitted_share_of_mean
from range(31) as days(day);

create table gate.gate_timeliness as
select
    '01' as region_code, date '2026-10-01' as delivery_month, 1 as version, 'lifecare_sp' as source_system,
    date '2026-11-03' as extracted_on, date '2026-11-05' as due_on, -2 as days_late;

create table gate.gate_follow_up_plan as
select
    '01' as region_code, date '2026-10-01' as month, 12 as month_of_year, 2027 as planned_year,
    27 as planned_indicators;

create table gate.gate_statements as
select
    2026 as year, 'support_plan' as commitment_id, true as is_known, true as is_of_published_year, 2 as statements;

create table gate.gate_deliveries as
select
    feed, feed || '.csv' as file, 1 as version, 2000 as rows_delivered, 2000 as rows_loaded, 0 as rows_quarantined,
    cast(0 as decimal(9, 6)) as quarantined_share, 0 as rows_orphaned, cast(0 as decimal(9, 6)) as orphaned_share,
    40 as keys_known, 1960 as keys_new, cast(0.02 as decimal(9, 6)) as repeated_share,
    cast(null as date) as same_file_as, 0 as is_same_file,
    case when feed <> 'invoices' then cast(2000 as decimal(14, 2)) end as expected_rows,
    case when feed <> 'invoices' then cast(0.98 as decimal(14, 4)) end as new_share_of_expected
from (values ('episodes'), ('cases'), ('messages'), ('invoices')) as feeds(feed);

create table gate.gate_codes as
select
    code_column, code, 1000 as rows_in_month, 12000 as rows_before, 12 as months_before, false as is_new,
    cast(0.5 as decimal(9, 6)) as share_of_month
from (values ('hospital_id', 'SE-A'), ('clinic_code', '101'), ('source_system', 'lifecare_sp'))
    as codes(code_column, code);

create table gate.gate_code_columns as
select
    feed, code_column, 2000 as rows_judged, 0 as rows_missing, 0 as rows_unknown, 0 as rows_new, 12 as months_before,
    cast(0 as decimal(9, 6)) as missing_share, cast(0 as decimal(9, 6)) as unknown_share,
    cast(0 as decimal(9, 6)) as new_share, cast(0 as decimal(9, 6)) as missing_share_before,
    cast(0 as decimal(10, 6)) as missing_share_change
from (values ('stays', 'municipality_code'), ('stays', 'district_code'), ('stays', 'clinic_code'),
    ('cases', 'municipality_code'), ('cases', 'district_code')) as columns(feed, code_column);

create table gate.gate_mart_months as
select
    cast(date '2025-10-01' + to_months(cast(n as integer)) as date) as month, cast(12 - n as integer) as months_ago,
    700 as ready_days, 700 as ready_days_by_hospital, 0 as difference_by_municipality, 0 as difference_by_hospital,
    case when n > 0 then 30 end as open_before, 500 as begun, 500 as ended, 30 as open_at_month_end,
    case when n > 0 then 0 end as open_residual
from range(13) as months(n);

create table gate.gate_rates as
select
    '01' as region_code, payment_class, date '2025-10-01' as first_on, date '2026-10-31' as last_on, true as has_rate,
    600 as liable_days, 0 as liable_days_without_rate
from (values ('somatic'), ('psychiatric')) as classes(payment_class);

create table gate.gate_reconciliation as
select
    '01' as region_code, cast(date '2025-10-01' + to_months(cast(n as integer)) as date) as month,
    n = 12 as is_release_month, 30 as rows_compared,
    0 as rows_differing, 0 as rows_rate_missing, cast(410000 as decimal(18, 2)) as expected_amount,
    cast(410000 as decimal(18, 2)) as invoiced_amount, cast(0 as decimal(18, 2)) as late_adjustment,
    cast(0 as decimal(18, 2)) as unexplained_amount
from range(13) as months(n);

create table gate.gate_tables as
select
    table_name, 20000 as rows_published, 20000 as rows_expected, 0 as rows_difference, 0 as rows_impossible,
    0 as rows_unlikely, cast(0 as decimal(9, 6)) as unlikely_share
from (values ('fct_spells'), ('fct_readiness_intervals'), ('mart_ready_days_monthly'),
    ('mart_ready_days_by_hospital_monthly')) as tables(table_name);
"""


def _unit(unit_type: str, unit_id: str, measure: str, amount: int) -> str:
    """A unit that had 1 000 in every month before, and ``amount`` now."""
    return (
        f"insert into gate.gate_units values ('01', '{unit_type}', '{unit_id}', '{measure}', {amount}, 12, 1000, 1000, "
        f"1000, 1000, {amount} / 1000, {amount} / 1000)"
    )


def _figure(figure: str, setting: str) -> str:
    return f"update gate.gate_figures set {setting} where figure = '{figure}'"


def _rule(rule: str, rows: int) -> str:
    return (
        f"update gate.gate_reports set rows_reported = {rows}, reported_share = {rows} / rows_in_feed "
        f"where rule_name = '{rule}'"
    )


def _file(feed: str, setting: str) -> str:
    return f"update gate.gate_deliveries set {setting} where feed = '{feed}'"


def _codes(feed: str, column: str, setting: str) -> str:
    return f"update gate.gate_code_columns set {setting} where feed = '{feed}' and code_column = '{column}'"


def _day(date_on: str, setting: str) -> str:
    return f"update gate.gate_days set {setting} where date_on = date '{date_on}'"


def _table(table: str, setting: str) -> str:
    return f"update gate.gate_tables set {setting} where table_name = '{table}'"


FAULTS: dict[str, tuple[str, str]] = {
    # episodes
    "region_stays_drop": (_unit("region", "all", "stays_admitted", 590), "0.59 of the lowest"),
    "region_stays_surge": (_unit("region", "all", "stays_admitted", 1610), "1.61 of the highest"),
    "hospital_is_present": (_unit("hospital", "SE-GONE", "stays_admitted", 0), "hospital_id SE-GONE: 0 stays_admitted"),
    "hospital_stays_drop": (_unit("hospital", "SE-HALF", "stays_discharged", 499), "SE-HALF: 499"),
    "hospital_stays_low": (_unit("hospital", "SE-LOW", "stays_admitted", 740), "SE-LOW: 740"),
    "hospital_stays_surge": (_unit("hospital", "SE-MANY", "stays_admitted", 1710), "SE-MANY: 1710"),
    "municipality_is_present": (_unit("municipality", "0138", "stays_admitted", 0), "municipality_code 0138: 0"),
    "municipality_stays_drop": (_unit("municipality", "0139", "stays_admitted", 490), "0139: 490"),
    "municipality_stays_low": (_unit("municipality", "0140", "stays_admitted", 740), "0140: 740"),
    "care_area_is_present": (_unit("care_area", "addiction", "stays_admitted", 0), "care_area addiction: 0"),
    "day_without_admissions": (_day("2026-10-07", "stays_admitted = 0"), "2026-10-07: 0 admissions"),
    "day_with_few_admissions": (
        _day("2026-10-08", "stays_admitted = 15, admitted_share_of_mean = 0.2308"),
        "2026-10-08: 15 admissions",
    ),
    "day_without_discharges": (_day("2026-10-09", "stays_discharged = 0"), "2026-10-09: 0 discharges"),
    "new_hospital_code": (
        "insert into gate.gate_codes values ('hospital_id', 'SE-NEW', 3, 0, 12, true, 0.001)",
        "hospital_id SE-NEW: 3 stays in the month, 0 before it",
    ),
    "new_clinic_codes": (_codes("stays", "clinic_code", "new_share = 0.11"), "11.0% of 2000 stays"),
    "stays_codes_missing_more": (
        _codes("stays", "clinic_code", "missing_share = 0.06, missing_share_change = 0.06"),
        "clinic_code is missing on 6.0%",
    ),
    "stays_municipality_missing": (_codes("stays", "municipality_code", "missing_share = 0.051"), "missing on 5.1%"),
    "stays_municipality_unknown": (_codes("stays", "municipality_code", "unknown_share = 0.021"), "on 2.1% of 2000"),
    "stays_district_known": (_codes("stays", "district_code", "unknown_share = 0.03"), "on 3.0% of 2000"),
    "stays_district_missing": (_codes("stays", "district_code", "missing_share = 0.06"), "missing on 6.0%"),
    "unsent_discharges_many": (_figure("unsent_discharge_share", "numerator = 62, amount = 0.031"), "62 stays"),
    "unsent_discharges_some": (_figure("unsent_discharge_share", "numerator = 62, amount = 0.031"), "3.10%"),
    "open_stays_implausible": (_figure("open_stays_per_admission", "times_before = 3.1"), "3.10 times"),
    "open_stays_unusual": (_figure("open_stays_per_admission", "times_before = 3.1"), "3.10 times"),
    "stay_shares_break": (_figure("unplanned_share", "difference = -0.26"), "unplanned_share"),
    "stay_shares_drift": (_figure("women_share", "difference = 0.11"), "women_share"),
    "mean_stay_days_break": (_figure("mean_stay_days", "times_before = 2.1"), "2.10 times"),
    "mean_stay_days_drift": (_figure("mean_stay_days", "times_before = 2.1"), "2.10 times"),
    "person_id_form": (_rule("person_id_form", 50), "50 of 2100 rows of episodes"),
    # cases
    "region_cases_drop": (_unit("region", "all", "cases", 490), "490 cases"),
    "hospital_cases_present": (_unit("hospital", "SE-GONE", "cases", 0), "SE-GONE: 0 cases"),
    "municipality_cases_present": (_unit("municipality", "0138", "cases", 0), "0138: 0 cases"),
    "hospital_cases_low": (_unit("hospital", "SE-LOW", "cases", 590), "SE-LOW: 590 cases"),
    "case_shares_break": (_figure("case_share", "difference = 0.26"), "case_share"),
    "case_shares_drift": (_figure("sip_required_share", "difference = -0.11"), "sip_required_share"),
    "cases_municipality_unknown": (_codes("cases", "municipality_code", "unknown_share = 0.031"), "on 3.1%"),
    "cases_codes_missing_more": (
        _codes("cases", "municipality_code", "missing_share = 0.11, missing_share_change = 0.11"),
        "municipality_code is missing on 11.0%",
    ),
    "cases_district_known": (_codes("cases", "district_code", "unknown_share = 0.031"), "on 3.1%"),
    "new_source_system": (
        "insert into gate.gate_codes values ('source_system', 'webcare', 9, 0, 12, true, 0.02)",
        "source_system webcare: 9 cases",
    ),
    # messages
    "region_messages_drop": (_unit("region", "all", "messages", 490), "490 messages"),
    "region_messages_surge": (_unit("region", "all", "ready_notices", 1610), "1610 ready_notices"),
    "message_type_is_present": (_unit("message_type", "sip_call", "messages", 0), "sip_call: 0 messages"),
    "message_type_drop": (_unit("message_type", "sip_held", "messages", 490), "sip_held: 490 messages"),
    "hospital_sends_ready_notices": (_unit("hospital", "SE-GONE", "ready_notices", 0), "SE-GONE: 0 ready notices"),
    "municipality_gets_ready_notices": (_unit("municipality", "0138", "ready_notices", 0), "0138: 0 ready notices"),
    "weekday_without_messages": (_day("2026-10-06", "messages = 0"), "2026-10-06: 0 messages"),
    "message_shares_break": (_figure("before_noon_share", "difference = -0.31"), "before_noon_share"),
    "message_shares_drift": (_figure("assessed_share", "difference = 0.11"), "assessed_share"),
    "admission_notices_in_time": (_figure("admission_notice_24h_share", "amount = 0.59"), "59.0% of 500 cases"),
    "messages_outside_stay_many": (_rule("message_outside_stay", 101), "101 of 2000 messages (5.05%)"),
    "messages_outside_stay_some": (_rule("message_outside_stay", 101), "101 of 2000 messages"),
    "contradictory_times_many": (_rule("assessed_after_sent", 101), "assessed_after_sent: 101"),
    "contradictory_times_some": (_rule("voided_before_sent", 11), "voided_before_sent: 11"),
    "planned_dates_missing": (_rule("planned_date_missing", 21), "21 of 2000 messages"),
    # invoices
    "invoice_lines_contradict": (_rule("credit_positive_amount", 5), "credit_positive_amount: 5 of 40"),
    "invoice_amounts_agree": (_rule("amount_not_days_times_rate", 1), "1 of 40 lines"),
    "invoice_kinds_agree": (_rule("debit_negative_days", 1), "debit_negative_days: 1 of 40"),
    "invoice_lines_within_history": (_rule("care_month_before_first_delivery", 2), "2 of 40 lines"),
    "invoice_lines_of_later_months": (_rule("care_month_after_release", 3), "3 of 40 lines"),
    "population_is_counted_once": (_rule("left_over_district", 6), "6 of 240 rows"),
    "invoices_are_not_repeated": (
        _file("invoices", "same_file_as = date '2026-09-01', is_same_file = 1"),
        "invoices.csv of 2000 rows; earlier month with the same file: 2026-09-01",
    ),
    # follow_up_plan
    "next_year_is_planned": ("update gate.gate_follow_up_plan set planned_indicators = 0", "2027: 0 indicators"),
    # statements
    "statements_are_on_known_commitments": (
        "update gate.gate_statements set is_known = false",
        "2026, commitment_id support_plan: 2 statements",
    ),
    "statements_are_of_published_years": (
        "update gate.gate_statements set is_of_published_year = false",
        "2026, commitment_id support_plan: 2 statements",
    ),
    # deliveries
    "delivery_in_time": (
        "update gate.gate_timeliness set extracted_on = date '2026-11-07', days_late = 2",
        "extracted on 2026-11-07, due on 2026-11-05",
    ),
    "delivery_repeats_a_file": (
        _file("episodes", "same_file_as = date '2026-09-01', is_same_file = 1"),
        "episodes.csv of 2000 rows; earlier month with the same file, byte for byte: 2026-09-01",
    ),
    "delivery_has_new_rows": (_file("cases", "keys_new = 0, new_share_of_expected = 0"), "cases.csv: 0 of 2000 rows"),
    "delivery_new_rows_few": (_file("messages", "keys_new = 900, new_share_of_expected = 0.45"), "messages.csv: 900"),
    "quarantined_many": (
        _file("episodes", "rows_quarantined = 101, quarantined_share = 0.0505"),
        "episodes.csv: 101 of 2000 rows (5.05%)",
    ),
    "quarantined_some": (
        _file("invoices", "rows_quarantined = 21, quarantined_share = 0.0105"),
        "invoices.csv: 21 of 2000 rows (1.05%)",
    ),
    "orphans_many": (_file("messages", "rows_orphaned = 101, orphaned_share = 0.0505"), "messages.csv: 101 of 2000"),
    "orphans_some": (_file("cases", "rows_orphaned = 41, orphaned_share = 0.0205"), "cases.csv: 41 of 2000"),
    "identity_links_match_a_stay": (_rule("link_matches_no_stay", 13), "13 of 50 identity links"),
    # marts
    "ready_days_agree_with_intervals": (
        "update gate.gate_mart_months set difference_by_municipality = 1 where month = date '2026-03-01'",
        "2026-03-01: ready days and counts differ from the intervals' by 1",
    ),
    "open_intervals_carry_over": (
        "update gate.gate_mart_months set ended = 499, open_residual = 1 where month = date '2026-04-01'",
        "2026-04-01: 30 open + 500 begun - 499 ended",
    ),
    "ready_days_rows_possible": (_table("mart_ready_days_monthly", "rows_impossible = 1"), "1 of 20000 rows"),
    "municipality_discharges_ready_patients": (
        _unit("municipality", "0138", "intervals_discharged", 0),
        "0138: 0 ready patients discharged",
    ),
    "payer_unknown_many": (_figure("payer_unknown_share", "numerator = 51, amount = 0.102"), "51 of 500 intervals"),
    "payer_unknown_some": (_figure("payer_unknown_share", "numerator = 51, amount = 0.102"), "51 of 500 intervals"),
    "hospital_ready_days_agree_with_intervals": (
        "update gate.gate_mart_months set difference_by_hospital = 2 where month = date '2026-05-01'",
        "2026-05-01: ready days and counts differ from the intervals' by 2",
    ),
    "hospital_ready_days_rows_possible": (
        _table("mart_ready_days_by_hospital_monthly", "rows_impossible = 2"),
        "2 of 20000 rows",
    ),
    "hospital_discharges_ready_patients": (
        _unit("hospital", "SE-GONE", "intervals_discharged", 0),
        "SE-GONE: 0 ready patients discharged",
    ),
    "spells_are_complete": (
        _table("fct_spells", "rows_published = 19999, rows_difference = -1"),
        "19999 spells published, 20000 computed",
    ),
    "spells_are_possible": (_table("fct_spells", "rows_impossible = 3"), "3 of "),
    "spells_of_the_very_old": (_table("fct_spells", "rows_unlikely = 30, unlikely_share = 0.0015"), "30 of "),
    "stays_per_spell_plausible": (_figure("mean_stays_per_spell", "amount = 1.6, times_before = 1.52"), "1.600 stays"),
    "stays_per_spell_break": (_figure("mean_stays_per_spell", "amount = 1.6, times_before = 1.52"), "1.52 times"),
    "spells_municipality_unknown": (
        _figure("municipality_unknown_share", "numerator = 99, amount = 0.052"),
        "99 of 1900",
    ),
    "readiness_share_break": (_figure("readiness_share", "amount = 0.01, times_before = 0.04"), "1.0% of 1900"),
    "readiness_share_plausible": (_figure("readiness_share", "amount = 0.01, times_before = 0.04"), "1.0% of 1900"),
    "intervals_are_complete": (
        _table("fct_readiness_intervals", "rows_published = 20002, rows_difference = 2"),
        "20002 intervals published, 20000 computed",
    ),
    "intervals_are_possible": (_table("fct_readiness_intervals", "rows_impossible = 4"), "4 of "),
    "intervals_of_a_year": (
        _table("fct_readiness_intervals", "rows_unlikely = 60, unlikely_share = 0.003"),
        "60 of ",
    ),
    "mean_ready_days_possible": (_figure("mean_ready_days", "amount = 31, times_before = 10"), "mean 31.00 ready days"),
    "mean_ready_days_plausible": (
        _figure("mean_ready_days", "amount = 31, times_before = 10"),
        "mean 31.00 ready days",
    ),
    "mean_ready_days_break": (_figure("mean_ready_days", "amount = 31, times_before = 10"), "10.00 times"),
    "mean_ready_days_drift": (_figure("mean_ready_days", "amount = 31, times_before = 10"), "10.00 times"),
    "interval_shares_break": (_figure("day_zero_share", "amount = 0.01, difference = -0.43"), "day_zero_share 1.0%"),
    "interval_shares_drift": (_figure("long_wait_share", "amount = 0.13, difference = 0.13"), "long_wait_share 13.0%"),
    "day_zero_share_plausible": (_figure("day_zero_share", "amount = 0.01, difference = -0.43"), "1.0% of 450"),
    "long_waits_plausible": (_figure("long_wait_share", "amount = 0.13, difference = 0.13"), "(13.0%) waited"),
    "readmission_share_plausible": (
        _figure("readmission_share", "amount = 0.13, times_before = 3.25"),
        "13.0% of 1000",
    ),
    "readmission_share_break": (_figure("readmission_share", "amount = 0.13, times_before = 3.25"), "3.25 times"),
    "rates_are_known": (
        "insert into gate.gate_rates values ('01', 'somatic', date '2021-01-01', date '2021-12-31', false, 40, 40)",
        "region 01, somatic care: no rate from 2021-01-01 to 2021-12-31, 40 liable days without an amount",
    ),
    "liable_share_plausible": (_figure("liable_share", "amount = 0.04, difference = -0.63"), "4.0% of 450"),
    "reconciliation_has_no_remainder": (
        "update gate.gate_reconciliation set unexplained_amount = 0.01 where month = date '2026-02-01'",
        "2026-02-01: a remainder of 0.01",
    ),
    "invoices_match_what_is_owed": (
        "update gate.gate_reconciliation set rows_differing = 2, invoiced_amount = 400000 "
        "where month = date '2026-03-01'",
        "2026-03-01: 2 of 30 payers and classes differ, 410000.00 kr expected and 400000.00 invoiced",
    ),
    "withdrawn_share_plausible": (_figure("withdrawn_share", "numerator = 155, amount = 0.31"), "155 of 500"),
}
"""Per check: the SQL that seeds a fault into the plain month, and what the check must say of it.

The faults do not hide one another: all of them can be seeded at once.
"""
