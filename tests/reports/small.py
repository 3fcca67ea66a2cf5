"""A small release by hand: what the month's page reads, in the published columns, and open tables beside it.

Stockholm has districts and cases in every month, Huddinge a mean above the level, Solna no case at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.months import first_day, months_between
from dagster_project.releases.catalogue import Release
from dagster_project.releases.hashing import file_sha256
from dagster_project.releases.history import Published
from dagster_project.settings import SEEDS_DIR

REGION, MONTH = "01", "2024-12"
STOCKHOLM, SOLNA, HUDDINGE, KNIVSTA = "0180", "0184", "0126", "0330"
NAMES = {STOCKHOLM: "Stockholm", SOLNA: "Solna", HUDDINGE: "Huddinge"}
INDICATORS = ("admission_notice_24h", "day_zero")

REFERENCE = f"""
create table dim_region as select '01' as region_code, 'Region Stockholm' as name;
create table dim_municipality as
    select *, municipality_code || ' ' || name as display_name, date '1999-01-01' as valid_from, null::date as valid_to
    from (values ('0180', 'Stockholm', '01'), ('0184', 'Solna', '01'), ('0126', 'Huddinge', '01'),
        ('0330', 'Knivsta', '03'), ('9999', 'Okänd kommun', null)) as listed(municipality_code, name, region_code);
create table dim_district as
    select * from (values ('0180', '12', 'Södermalm'), ('0180', '31', 'Järva'), ('0180', '99', 'Okänt'))
        as listed(municipality_code, district_code, name);
create table dim_indicator as
    select indicator_id, term_sv, direction from read_csv('{SEEDS_DIR / "indicators.csv"}')
    where indicator_id in {INDICATORS};
create table dim_billing_criterion as
    select * replace (threshold::decimal(14, 4) as threshold, valid_to::date as valid_to)
    from read_csv('{SEEDS_DIR / "billing_criteria.csv"}', types = {{'valid_from': 'date', 'valid_to': 'date'}});
create table mart_billing_readiness_monthly (region_code varchar, month date, unit_type varchar, unit_id varchar,
    criterion varchar, value decimal(18, 6), threshold decimal(18, 6), passed boolean, missing_for_verdict varchar);
insert into mart_billing_readiness_monthly values
    ('01', '2024-12-01', 'municipality', '0180', 'verdict', 0, 1, false, 'orphans=0.000001'),
    ('01', '2024-12-01', 'municipality', '0180', 'orphans', 0.010001, 0.01, false, '0.000001'),
    ('01', '2024-12-01', 'municipality', '0126', 'verdict', 1, 1, true, null),
    ('01', '2024-12-01', 'municipality', '0126', 'orphans', 0, 0.01, true, null),
    ('01', '2024-12-01', 'municipality', '0184', 'verdict', 0, 0, false, 'too_few_observations');
create table audit_deliveries as
    select date '2024-12-01' as delivery_month, * from (values ('cases.csv', 1000, 4), ('invoices.csv', 0, 0),
        ('messages.csv', 20000, 1))
        as listed(file, rows_delivered, rows_quarantined);
create table audit_gate as
    select * from (values
        ('keys_are_unique', 'fct_spells', 'passed', 'block', null::date),
        ('hospital_is_present', 'fct_spells', 'failed', 'block', date '2024-12-31'),
        ('stays_drop', 'stg_episodes', 'failed', 'warn', null))
        as listed(check_name, protects, result, severity, waived_until);
create table mart_revisions as
    select * from (values
        ('mart_ready_days_monthly', '{{"municipality_code": "0180"}}', 'late_data|changed_reference:districts'),
        ('mart_ready_days_monthly', '{{"municipality_code": "0126"}}', 'late_data|changed_reference:districts'),
        ('mart_payment_responsibility_monthly', '{{"municipality_code": "0126"}}', 'changed_rule'))
        as listed(table_name, key, cause);
"""

COLUMNS = {
    "mart_ready_days_monthly": "municipality_code varchar, month date, district_code varchar, "
    "current_district_code varchar, care_area varchar, sex integer, age_band varchar, ready_days integer, "
    "open_at_month_end integer",
    "mart_payment_responsibility_monthly": "municipality_code varchar, month date, payment_class varchar, "
    "agreement_id varchar, model varchar, last_free_day integer, invoicing_active boolean, intervals integer, "
    "mean_days decimal(12, 4), liable_days integer, amount decimal(14, 2), amount_to_invoice decimal(14, 2)",
    "mart_readmissions_headline": "municipality_code varchar, month date, population varchar, status varchar, "
    "index_discharges integer, readmissions integer, share decimal(9, 6), share_low decimal(9, 6), "
    "share_high decimal(9, 6)",
    "mart_readmissions_headline_district": "municipality_code varchar, month date, district_code varchar, "
    "current_district_code varchar, population varchar, index_discharges integer, readmissions integer",
    "mart_process_indicators_monthly": "municipality_code varchar, month date, district_code varchar, "
    "care_area varchar, sex integer, age_band varchar, indicator varchar, numerator integer, denominator integer",
}
FIGURES = {
    "mart_ready_days_monthly": 2,
    "mart_payment_responsibility_monthly": 5,
    "mart_readmissions_headline": 5,
    "mart_readmissions_headline_district": 2,
    "mart_process_indicators_monthly": 2,
}
"""How many of each table's columns are figures: the last ones."""

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Made:
    """``internal`` are the marts' rows, ``shown`` the open tables'; a figure ``..`` there is hidden."""

    internal: Rows
    shown: Rows
    first: str = "2023-10"

    @property
    def inputs(self) -> dict[str, Any]:
        deliveries = [{"month": month, "is_synthetic": True} for month in months_between(self.first, MONTH)]
        return {"region": REGION, "month": MONTH, "deliveries": deliveries}


def made(first: str = "2023-10") -> Made:
    internal: Rows = {table: [] for table in COLUMNS}
    shown: Rows = {table: [] for table in COLUMNS}
    for place, name in enumerate(months_between(first, MONTH)):
        month = first_day(name)
        status = "preliminary" if name == MONTH else "final"
        _internal(internal, month, place, status)
        _open(shown, month, place, status)
    return Made(internal, shown, first)


def _internal(rows: Rows, month: date, place: int, status: str) -> None:
    for sex in (1, 2):
        rows["mart_ready_days_monthly"] += [
            (STOCKHOLM, month, "12", "12", "somatic", sex, "80+", 1000 + 10 * place, 20 + place),
            (STOCKHOLM, month, "12", "12", "psychiatric", sex, "18-64", 7, 0),
            # Two areas that have become one.
            (STOCKHOLM, month, "01", "31", "somatic", sex, "80+", 5, 1),
            (STOCKHOLM, month, "03", "31", "somatic", sex, "80+", 6, 0),
            (HUDDINGE, month, "00", "00", "geriatric", sex, "80+", 40 - place, 2),
        ]
        for indicator in INDICATORS:
            rows["mart_process_indicators_monthly"] += [
                (STOCKHOLM, month, "12", "somatic", sex, "80+", indicator, 90 + place, 200),
                (STOCKHOLM, month, "31", "somatic", sex, "80+", indicator, 1, 2),
                (HUDDINGE, month, "00", "geriatric", sex, "80+", indicator, 0, 8),
            ]
    rows["mart_payment_responsibility_monthly"] += [
        (STOCKHOLM, month, "somatic", "s", "mean", 2, False, 900, "1.2544", 0, "0.00", None),
        (STOCKHOLM, month, "psychiatric", "p", "individual", 5, False, 3, None, 12, None, None),
        # Above the level by less than two decimals tell.
        (HUDDINGE, month, "somatic", "s", "mean", 2, True, 300, "2.0033", 1, "11600.00", "11600.00"),
    ]
    rows["mart_readmissions_headline"] += [
        (STOCKHOLM, month, "all", status, 800, 40, "0.050000", "0.036910", "0.067410"),
        (STOCKHOLM, month, "lus", status, 200, 20, "0.100000", "0.065700", "0.149400"),
        (HUDDINGE, month, "all", status, 90, 0, "0.000000", "0.000000", "0.040900"),
    ]
    rows["mart_readmissions_headline_district"] += [
        (STOCKHOLM, month, "12", "12", "all", 700, 36),
        (STOCKHOLM, month, "01", "31", "all", 60, 3),
        (STOCKHOLM, month, "03", "31", "all", 40, 1),
        (STOCKHOLM, month, "12", "12", "lus", 180, 19),
    ]


def _open(rows: Rows, month: date, place: int, status: str) -> None:
    total = ("all", "all", "all", 0, "all")
    rows["mart_ready_days_monthly"] += [
        (REGION, month, *total, 2200 + place, 60),
        (REGION, month, "all", "all", "all", 1, "all", 1, 1),
        (REGION, month, "all", "all", "all", 2, "all", "..", 1),
        (REGION, month, "all", "all", "all", 0, "80+", 1, 1),
        (REGION, month, "all", "all", "somatic", 1, "80+", 77, 77),
        (REGION, month, "all", "all", "somatic", 0, "all", 2186, 60),
        (REGION, month, "all", "all", "psychiatric", 0, "all", "..", 0),
        (STOCKHOLM, month, *total, 2100 + place, 55),
        (STOCKHOLM, month, "12", "12", "all", 0, "all", 2050, 50),
        (STOCKHOLM, month, "01", "31", "all", 0, "all", 12, 1),
        (STOCKHOLM, month, "03", "31", "all", 0, "all", "..", 0),
        (HUDDINGE, month, *total, "..", ".."),
        (SOLNA, month, *total, 0, 3),
        (KNIVSTA, month, *total, 9, 0),
    ]
    rows["mart_payment_responsibility_monthly"] += [
        (REGION, month, "somatic", "s", "mean", 2, True, 1200, "1.4416", "..", "..", ".."),
        (STOCKHOLM, month, "somatic", "s", "mean", 2, False, 900, "1.2544", 0, "0.00", None),
        (HUDDINGE, month, "somatic", "s", "mean", 2, True, 300, "2.0033", "..", "..", ".."),
        (SOLNA, month, "somatic", "s", "mean", 2, True, "..", "..", 0, None, None),
    ]
    rows["mart_readmissions_headline"] += [
        (REGION, month, "all", status, 890, 40, "0.044944", "0.033200", "0.060600"),
        (REGION, month, "lus", status, 200, "..", "..", "..", ".."),
        (HUDDINGE, month, "all", status, 90, "..", "..", "..", ".."),
    ]
    rows["mart_readmissions_headline_district"] += [
        (STOCKHOLM, month, "12", "12", "all", 700, 36),
        (STOCKHOLM, month, "01", "31", "all", 60, ".."),
        (STOCKHOLM, month, "03", "31", "all", 40, 6),
    ]
    rows["mart_process_indicators_monthly"] += [
        (REGION, month, "all", "all", 0, "all", "admission_notice_24h", 190, 420),
        (REGION, month, "all", "all", 1, "all", "admission_notice_24h", 9, 10),
        (REGION, month, "all", "all", 0, "all", "day_zero", "..", 420),
    ]


def write(directory: Path, given: Made) -> None:
    """The release's ``marts/parquet/`` and ``open/parquet/``."""
    for folder in ("marts", "open"):
        (directory / folder / "parquet").mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(REFERENCE)
        reference = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
        for table, columns in COLUMNS.items():
            _fill(connection, table, columns, given.internal[table])
        for table in [*reference, *COLUMNS]:
            connection.execute(f"copy {table} to '{directory}/marts/parquet/{table}.parquet' (format parquet)")
        for table, columns in COLUMNS.items():
            names = [column.split(" ")[0] for column in columns.split(", ") if column[0].isalpha()]
            figures = names[-FIGURES[table] :]
            statuses = ", ".join(f"{name}_status varchar" for name in figures)
            rows = [_with_statuses(row, len(figures)) for row in given.shown[table]]
            _fill(connection, table, f"{columns}, {statuses}", rows)
            connection.execute(f"copy {table} to '{directory}/open/parquet/{table}.parquet' (format parquet)")


def _fill(connection: duckdb.DuckDBPyConnection, table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    connection.execute(f"create or replace table {table} ({columns})")
    marks = ", ".join(f"({', '.join('?' for _ in row)})" for row in rows)
    connection.execute(f"insert into {table} values {marks}", [value for row in rows for value in row])


def _with_statuses(row: tuple[Any, ...], figures: int) -> tuple[Any, ...]:
    told = ["suppressed" if value == ".." else "missing" if value is None else "shown" for value in row[-figures:]]
    return (*(None if value == ".." else value for value in row), *told)


def published(directory: Path, given: Made, month: str) -> Published:
    """The release at ``directory``, as the history of releases knows it."""
    files = {
        path.relative_to(directory).as_posix(): {"sha256": file_sha256(path)} for path in directory.rglob("*.parquet")
    }
    facts = {"deliveries": given.inputs["deliveries"], "files": files}
    return Published(Release(REGION, month, 1, directory), datetime(2024, 12, 5, tzinfo=UTC), facts)
