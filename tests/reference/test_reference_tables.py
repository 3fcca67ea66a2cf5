"""An installation's own reference rows: what is merged, and every row that stops the build, with its message."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import ReferenceRowError
from dagster_project.reference.tables import TABLES, Reference, ReleaseDates, load
from dagster_project.settings import SEEDS_DIR, Settings

AGREEMENT = {
    "agreement_id": "skane-somatic",
    "region_code": "12",
    "payment_class": "somatic",
    "valid_from": "2018-01-01",
    "valid_to": "",
    "model": "mean",
    "last_free_day": "3",
    "day_count": "calendar",
    "noon_cutoff": "12:00",
    "cap_days": "",
    "individual_above_days": "",
    "consecutive_months": "1",
    "status": "provisional",
    "source": "test",
}
RATE = {
    "region_code": "12",
    "payment_class": "all",
    "valid_from": "2021-01-01",
    "valid_to": "2021-12-31",
    "sek_per_day": "9000",
    "status": "provisional",
    "source": "test",
}
PERIOD = {
    "region_code": "12",
    "payment_class": "all",
    "valid_from": "2021-01-01",
    "valid_to": "2021-06-30",
    "invoicing_active": "false",
    "status": "provisional",
    "source": "test",
}
DISTRICT = {
    "district_code": "40",
    "name": "Nya området",
    "municipality_code": "0180",
    "valid_from": "2027-01-01",
    "valid_to": "",
    "successor_district_code": "",
    "status": "provisional",
    "source": "test",
}
MUNICIPALITY = {
    "municipality_code": "0199",
    "name": "Nykommun",
    "region_code": "01",
    "valid_from": "2027-01-01",
    "valid_to": "",
    "status": "provisional",
    "source": "test",
}
CALENDAR = {
    "region_code": "14",
    "valid_from": "2024-01-01",
    "valid_to": "",
    "delivery_due_day": "4",
    "corrections_until_day": "12",
    "publication_day": "9",
    "status": "provisional",
    "source": "test",
}
DEADLINE = {
    "deadline_id": "sip_call",
    "valid_from": "1900-01-01",
    "valid_to": "",
    "amount": "5",
    "unit": "days",
    "status": "provisional",
    "source": "test",
}
CONDITION = {
    "reason_code": "PAYER_UNKNOWN",
    "position": "9",
    "paragraph": "5 kap. 2 §",
    "term_sv": "okänd kommun",
    "definition_sv": "Kommunen är okänd.",
    "definition_en": "The municipality is unknown.",
    "status": "provisional",
    "source": "test",
}
CRITERION = {
    "criterion": "orphans",
    "unit_type": "hospital",
    "valid_from": "2018-01-01",
    "valid_to": "",
    "direction": "at_most",
    "threshold": "0.0125",
    "least_cases": "80",
    "is_required": "false",
    "unit": "share",
    "position": "7",
    "term_sv": "rader utan moderpost",
    "definition_sv": "Andel rader utan moderpost.",
    "definition_en": "Share of orphans.",
    "status": "provisional",
    "source": "test",
}
NEW_DAY = {
    "date_on": "2041-01-01",
    "name_sv": "Nyårsdagen",
    "kind": "public_holiday",
    "status": "verified",
    "source": "test",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", landing=tmp_path / "landing")


def write(settings: Settings, table: str, *rows: dict[str, str]) -> Path:
    settings.reference.mkdir(parents=True, exist_ok=True)
    path = settings.reference / f"{table}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return path


def refused(settings: Settings) -> str:
    with pytest.raises(ReferenceRowError) as caught:
        load(settings)
    message = str(caught.value)
    assert "\n" not in message
    return message


def rows_of(reference: Reference, table: str, **columns: object) -> list[dict[str, object]]:
    return [row for row in reference.values(table) if all(row[name] == value for name, value in columns.items())]


def test_the_shipped_rows_load_without_an_installation(settings: Settings) -> None:
    reference = load(settings)
    assert set(reference.merged) == set(TABLES)
    assert all(not rows for rows in reference.own.values())


def test_a_row_of_the_same_key_replaces_and_another_is_added(settings: Settings) -> None:
    stockholm = {
        **RATE,
        "region_code": "01",
        "valid_from": "2018-01-01",
        "valid_to": "2019-12-31",
        "sek_per_day": "6543.50",
    }
    write(settings, "day_rates", stockholm, RATE)
    reference = load(settings)
    assert [str(row["sek_per_day"]) for row in rows_of(reference, "day_rates", region_code="01")] == ["6543.50"]
    assert [str(row["sek_per_day"]) for row in rows_of(reference, "day_rates", region_code="12")] == ["9000"]
    assert (
        len(reference.values("day_rates"))
        == len(load(Settings(settings.landing, settings.landing)).values("day_rates")) + 1
    )


def test_columns_that_are_not_required_may_be_absent_and_stand_in_any_order(settings: Settings) -> None:
    write(settings, "agreements", {name: AGREEMENT[name] for name in sorted(AGREEMENT) if AGREEMENT[name]})
    (row,) = rows_of(load(settings), "agreements", agreement_id="skane-somatic")
    assert row["cap_days"] is None
    assert row["last_free_day"] == 3
    assert row["noon_cutoff"] == "12:00"


def test_a_region_beside_se_and_a_class_beside_all_are_precedence_not_overlap(settings: Settings) -> None:
    write(settings, "day_rates", RATE, {**RATE, "payment_class": "psychiatric"}, {**RATE, "region_code": "SE"})
    assert len(rows_of(load(settings), "day_rates", valid_from=date(2021, 1, 1))) == 3


def test_a_byte_order_mark_and_windows_line_ends_are_read(settings: Settings) -> None:
    path = write(settings, "day_rates", RATE)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\r\n")
    assert rows_of(load(settings), "day_rates", region_code="12")


# Each row is one fault: the table, what it changes in a good row, and what the message must say.
FAULTS = [
    ("agreements", {"model": "average"}, "model is 'average', not one of individual, mean."),
    ("agreements", {"day_count": "workday"}, "day_count is 'workday', not one of calendar, weekday."),
    ("agreements", {"last_free_day": "-1"}, "last_free_day is -1, less than 0."),
    ("agreements", {"last_free_day": "2.5"}, "last_free_day is '2.5', not a whole number."),
    ("agreements", {"last_free_day": ""}, "last_free_day is empty."),
    ("agreements", {"consecutive_months": "0"}, "consecutive_months is 0, less than 1."),
    ("agreements", {"noon_cutoff": "24:00"}, "noon_cutoff is '24:00', not a time of day"),
    ("agreements", {"region_code": "02"}, "region_code '02' is unknown: table regions has no such row."),
    ("agreements", {"payment_class": "all"}, "payment_class is 'all', not one of somatic, psychiatric."),
    ("agreements", {"valid_to": "2017-12-31"}, "valid_to 2017-12-31 is before valid_from 2018-01-01."),
    ("agreements", {"status": "guess"}, "status is 'guess', not one of verified, provisional."),
    ("agreements", {"source": ""}, "source is empty."),
    ("day_rates", {"valid_from": "", "valid_to": ""}, "valid_from is empty."),
    ("day_rates", {"valid_from": "2021-02-30"}, "valid_from is '2021-02-30', a date that does not exist."),
    ("day_rates", {"valid_from": "20210101"}, "valid_from is '20210101', not a date, as in 2026-10-31."),
    ("day_rates", {"valid_to": "9999-12-31"}, "valid_to is 9999-12-31, not between 1900 and 2999."),
    ("day_rates", {"sek_per_day": "9 000"}, "sek_per_day is '9 000', not a number"),
    ("day_rates", {"sek_per_day": "9000,50"}, "sek_per_day is '9000,50', not a number with a decimal point"),
    ("day_rates", {"sek_per_day": "-1"}, "sek_per_day is -1, less than 0."),
    ("invoicing_periods", {"valid_from": "2021-01-02"}, "valid_from 2021-01-02 is not the first day of a month."),
    ("invoicing_periods", {"valid_to": "2021-06-29"}, "valid_to 2021-06-29 is not the last day of a month."),
    ("invoicing_periods", {"invoicing_active": "yes"}, "invoicing_active is 'yes', not true or false."),
    ("districts", {"municipality_code": "0179"}, "municipality_code '0179' is unknown"),
    ("districts", {"district_code": "99"}, "district_code is '99', which has a meaning of its own."),
    (
        "districts",
        {"valid_to": "2028-12-31", "successor_district_code": "41"},
        "successor_district_code '41' is not in the table.",
    ),
    ("districts", {"successor_district_code": "06"}, "it has a successor_district_code but no valid_to."),
    ("municipalities", {"municipality_code": "199"}, "municipality_code is '199', not 4 characters."),
    ("municipalities", {"region_code": "03"}, "municipality_code does not begin with the row's region_code."),
    ("release_calendar", {"delivery_due_day": "29"}, "delivery_due_day is 29, more than 28."),
    ("release_calendar", {"publication_day": "3"}, "publication_day 3 is before delivery_due_day 4."),
    ("deadlines", {"deadline_id": "call"}, "deadline_id is 'call', not one of admission_notice, sip_call."),
    ("deadlines", {"amount": "-1"}, "amount is -1, less than 0."),
    ("deadlines", {"amount": ""}, "amount is empty."),
    ("deadlines", {"unit": "weeks"}, "unit is 'weeks', not one of hours, days."),
    (
        "conditions",
        {"reason_code": "PAYER"},
        "reason_code is 'PAYER', not one of NO_AGREEMENT, ADMISSION_NOTICE_MISSING",
    ),
    ("conditions", {"position": "0"}, "position is 0, less than 1."),
    ("conditions", {"definition_sv": ""}, "definition_sv is empty."),
    ("billing_criteria", {"criterion": "beds"}, "criterion is 'beds', not one of admission_notice_present, "),
    ("billing_criteria", {"unit_type": "region"}, "unit_type is 'region', not one of hospital, municipality."),
    ("billing_criteria", {"direction": "above"}, "direction is 'above', not one of at_least, at_most."),
    (
        "billing_criteria",
        {"threshold": "0.01251"},
        "threshold is '0.01251', not a number with a decimal point and at most four decimals.",
    ),
    ("billing_criteria", {"threshold": "-0.1"}, "threshold is -0.1, less than 0."),
    ("billing_criteria", {"least_cases": "0"}, "least_cases is 0, less than 1."),
    ("billing_criteria", {"is_required": "yes"}, "is_required is 'yes', not true or false."),
    ("billing_criteria", {"unit": "rows"}, "unit is 'rows', not one of share, hours, sek."),
]
GOOD = {
    "agreements": AGREEMENT,
    "day_rates": RATE,
    "invoicing_periods": PERIOD,
    "districts": DISTRICT,
    "municipalities": MUNICIPALITY,
    "release_calendar": CALENDAR,
    "deadlines": DEADLINE,
    "conditions": CONDITION,
    "billing_criteria": CRITERION,
    "non_working_days": NEW_DAY,
}


@pytest.mark.parametrize("table", GOOD)
def test_the_good_row_that_the_faults_change_is_taken(settings: Settings, table: str) -> None:
    write(settings, table, GOOD[table])
    assert len(load(settings).own[table]) == 1


@pytest.mark.parametrize(("table", "change", "problem"), FAULTS, ids=[f"{table}: {says}" for table, _, says in FAULTS])
def test_a_row_that_cannot_be_is_refused_by_table_file_line_and_key(
    settings: Settings, table: str, change: dict[str, str], problem: str
) -> None:
    row = {**GOOD[table], **change}
    path = write(settings, table, row)
    key = ", ".join(f"{column} {row[column]}" for column in TABLES[table].key)
    assert refused(settings).startswith(f"Reference table {table}, {path} line 2 ({key}): {problem}")


def test_the_line_of_an_error_is_the_rows_own(settings: Settings) -> None:
    later = {**RATE, "valid_from": "2025-01-01", "valid_to": "2024-12-31"}
    path = write(settings, "day_rates", {**RATE, "source": "two\nlines"}, later)
    assert f"{path} line 4 (" in refused(settings)


def test_two_rows_that_overlap_are_both_named(settings: Settings) -> None:
    path = write(settings, "agreements", {**AGREEMENT, "region_code": "01", "valid_from": "2026-01-01"})
    message = refused(settings)
    assert f"{path} line 2 (agreement_id skane-somatic): it overlaps {SEEDS_DIR / 'agreements.csv'} line 7" in message
    assert "(agreement_id sthlm-2020-somatic): both are valid on 2026-01-01, for the same region_code" in message


def test_a_row_that_begins_on_the_day_after_the_last_valid_day_does_not_overlap(settings: Settings) -> None:
    ended = {**AGREEMENT, "valid_to": "2019-12-31"}
    begun = {**AGREEMENT, "agreement_id": "skane-somatic-2020", "valid_from": "2020-01-01"}
    write(settings, "agreements", ended, begun)
    assert len(rows_of(load(settings), "agreements", region_code="12")) == 2
    write(settings, "agreements", {**ended, "valid_to": "2020-01-01"}, begun)
    assert "it overlaps" in refused(settings)


@pytest.mark.parametrize(
    "table", ["day_rates", "invoicing_periods", "release_calendar", "deadlines", "billing_criteria"]
)
def test_periods_of_a_group_never_overlap(settings: Settings, table: str) -> None:
    row = GOOD[table]
    write(settings, table, row, {**row, "valid_from": row["valid_from"].replace("-01-", "-03-")})
    message = refused(settings)
    assert "it overlaps" in message
    assert f"line 3 ({', '.join(f'{name} ' for name in TABLES[table].key[:1])}" in message


def test_the_act_covers_every_day_from_2018(settings: Settings) -> None:
    ended = {
        **AGREEMENT,
        "agreement_id": "se-default-somatic",
        "region_code": "SE",
        "model": "individual",
        "last_free_day": "2",
        "valid_to": "2026-12-31",
    }
    write(settings, "agreements", ended)
    assert (
        "Reference table agreements: no row of region_code SE, payment_class somatic is valid on 2027-01-01"
        in refused(settings)
    )


def test_a_deadline_that_ends_must_be_followed_by_the_next(settings: Settings) -> None:
    ended = {**DEADLINE, "amount": "3", "valid_to": "2027-06-30"}
    begun = {**DEADLINE, "valid_from": "2027-07-01"}
    write(settings, "deadlines", ended, begun)
    rows = rows_of(load(settings), "deadlines", deadline_id="sip_call")
    assert [(row["valid_from"], row["amount"]) for row in rows] == [(date(1900, 1, 1), 3), (date(2027, 7, 1), 5)]
    write(settings, "deadlines", ended)
    assert "Reference table deadlines: no row of deadline_id sip_call is valid on 2027-07-01" in refused(settings)


def test_an_installation_sets_a_threshold_of_its_own(settings: Settings) -> None:
    write(settings, "billing_criteria", CRITERION)
    ((threshold, least),) = [
        (row["threshold"], row["least_cases"])
        for row in rows_of(load(settings), "billing_criteria", criterion="orphans", unit_type="hospital")
    ]
    assert (threshold, least) == (Decimal("0.0125"), 80)


def test_the_same_key_twice_names_both_lines(settings: Settings) -> None:
    write(settings, "day_rates", RATE, RATE)
    assert "line 3 (" in (message := refused(settings))
    assert "the same key stands on line 2 already" in message


def test_successors_in_a_circle_are_refused(settings: Settings) -> None:
    ended = {**DISTRICT, "valid_to": "2028-12-31", "successor_district_code": "41"}
    back = {**ended, "district_code": "41", "successor_district_code": "40"}
    write(settings, "districts", ended, back)
    assert "its successors go round in a circle: 40 → 41 → 40." in refused(settings)


def test_a_successor_is_looked_for_in_the_same_municipality(settings: Settings) -> None:
    malmo = {**DISTRICT, "municipality_code": "1280", "district_code": "50", "valid_to": "2028-12-31"}
    write(settings, "districts", {**malmo, "successor_district_code": "06"})
    assert "successor_district_code '06' is not in the table." in refused(settings)


def test_a_year_without_non_working_days_is_refused(settings: Settings) -> None:
    write(settings, "non_working_days", {**NEW_DAY, "date_on": "2042-01-01"})
    assert "Reference table non_working_days: no row falls in 2041, but rows go on to 2042." in refused(settings)


def test_an_unknown_and_a_missing_column_are_refused(settings: Settings) -> None:
    path = write(settings, "day_rates", {**RATE, "rate": "1"})
    assert refused(settings).startswith(
        f"Reference table day_rates, {path}: column 'rate' is unknown. The columns are "
    )
    write(settings, "day_rates", {name: value for name, value in RATE.items() if name != "valid_from"})
    assert f"{path}: column 'valid_from' is missing." in refused(settings)
    path.write_text("region_code,region_code\n01,01\n", encoding="utf-8")
    assert f"{path}: column 'region_code' stands twice." in refused(settings)
    path.write_text("", encoding="utf-8")
    assert f"{path}: column 'region_code' is missing." in refused(settings)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"region_code,name,county_name,status,source\n26,x\n", "line 2 has 2 fields, but the header 5 columns."),
        (b'region_code,name,county_name,status,source\n26,"x,y,verified,z\n', "it is not valid CSV"),
        (b"region_code,name,county_name,status,source\n26,\xe5,y,verified,z\n", "it is not UTF-8."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(settings: Settings, content: bytes, problem: str) -> None:
    settings.reference.mkdir(parents=True)
    path = settings.reference / "regions.csv"
    path.write_bytes(content)
    assert refused(settings).startswith(f"Reference table regions, {path}: {problem}")


@pytest.mark.parametrize("name", ["agreement.csv", "agreements.xlsx", "agreements.CSV"])
def test_a_file_that_is_no_known_table_is_refused(settings: Settings, name: str) -> None:
    settings.reference.mkdir(parents=True)
    (settings.reference / name).write_text("x\n", encoding="utf-8")
    assert refused(settings).startswith(
        f"{settings.reference / name} is no reference table. The tables are regions.csv"
    )


def test_hidden_files_are_left_alone_and_a_file_for_the_directory_is_refused(settings: Settings) -> None:
    settings.reference.mkdir(parents=True)
    (settings.reference / ".DS_Store").write_text("x", encoding="utf-8")
    load(settings)
    other = Settings(home=settings.home / "other", landing=settings.landing)
    other.home.mkdir()
    other.reference.write_text("x", encoding="utf-8")
    assert f"{other.reference} is a file." in refused(other)


def test_hashes_follow_the_rows_in_force_and_nothing_else(settings: Settings) -> None:
    shipped = load(settings).hashes
    assert shipped == load(settings).hashes
    assert set(shipped) == set(TABLES)

    write(settings, "day_rates", RATE, {**RATE, "region_code": "13"})
    one_way = load(settings).hashes
    write(settings, "day_rates", {**RATE, "region_code": "13"}, RATE)
    assert load(settings).hashes == one_way
    assert {name for name in TABLES if one_way[name] != shipped[name]} == {"day_rates"}

    repeated = {name: value or "" for name, value in load(settings).merged["agreements"][0].text.items()}
    write(settings, "agreements", repeated)
    assert load(settings).hashes == one_way
    write(settings, "agreements", {**repeated, "source": "another"})
    assert load(settings).hashes["agreements"] != shipped["agreements"]


def test_the_installations_rows_are_written_as_text(settings: Settings) -> None:
    write(settings, "day_rates", {**RATE, "sek_per_day": ""})
    with duckdb.connect() as connection:
        load(settings).write_installation(connection)
        tables = connection.sql("select table_name from duckdb_tables() where schema_name = 'installation'").fetchall()
        types = connection.sql("select distinct data_type from duckdb_columns() where schema_name = 'installation'")
        assert {name for (name,) in tables} == set(TABLES)
        assert types.fetchall() == [("VARCHAR",)]
        assert connection.sql("from installation.day_rates").fetchall() == [
            ("12", "all", "2021-01-01", "2021-12-31", None, "provisional", "test")
        ]
        assert connection.sql("from installation.agreements").fetchall() == []


def test_the_calendar_must_reach_sixty_days_past_the_month(settings: Settings) -> None:
    reference = load(settings)
    reference.check_calendar("2026-10")
    reference.check_calendar("2040-10")  # 31 October and 60 days is 30 December
    with pytest.raises(
        ReferenceRowError, match="ends on 2040-12-31, but a release of 2040-11 needs it through 2041-01-29"
    ):
        reference.check_calendar("2040-11")


def test_release_calendar_of_the_shipped_row(settings: Settings) -> None:
    dates = ReleaseDates(due_on=date(2027, 1, 5), corrections_until_on=date(2027, 1, 12), publish_on=date(2027, 1, 8))
    assert load(settings).release_calendar("01", "2026-12") == dates


def test_a_regions_own_release_calendar_goes_before_ses(settings: Settings) -> None:
    write(settings, "release_calendar", CALENDAR)
    reference = load(settings)
    assert reference.release_calendar("14", "2024-01").due_on == date(2024, 2, 4)
    assert reference.release_calendar("14", "2023-12").due_on == date(2024, 1, 5)
    assert reference.release_calendar("01", "2024-01").due_on == date(2024, 2, 5)
    with pytest.raises(ReferenceRowError, match="no row of region 01 or SE that is valid on 2017-12-31"):
        reference.release_calendar("01", "2017-12")
