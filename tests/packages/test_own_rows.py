"""A payer's package holds the payer's own rows, all of them, and nothing of anyone else."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.packages import municipality, own
from dagster_project.settings import Settings
from tests.packages import reading, small
from tests.packages.small import HUDDINGE, MONTH, PROTECTED, SOLNA, STOCKHOLM

# How each table says whose a row is.
OWNER = {"fct_readiness_intervals": "payer_municipality_code", "mart_billing_readiness_monthly": "unit_id"}
IDS = {"fct_case_events": "case_id", "fct_spells": "spell_id", "fct_liable_days": "interval_id"}


def rows(package: Path, table: str) -> list[dict[str, Any]]:
    columns, found = reading.from_parquet(package, table)
    return [dict(zip([name for name, _ in columns], row, strict=True)) for row in found]


def published(packages: Path, table: str, where: str) -> int:
    path = packages.parent / "marts" / "parquet" / f"{table}.parquet"
    answer = duckdb.sql(f"select count(*) from '{path}' where {where}").fetchone()
    assert answer is not None
    return int(answer[0])


def test_every_municipality_of_the_region_with_a_figure_has_a_package(packages: Path) -> None:
    assert sorted(path.name for path in packages.iterdir()) == small.OWN_PACKAGES


@pytest.mark.parametrize("code", small.OWN_PACKAGES)
def test_every_row_of_every_table_is_the_payers_own(packages: Path, code: str) -> None:
    package = packages / code
    own_intervals = rows(package, "fct_readiness_intervals")
    for table in reading.tables(package):
        if table in ("dim_indicator", "mart_revisions"):
            continue
        found = rows(package, table)
        assert found, table
        if table in IDS:
            ids = {row[IDS[table]] for row in own_intervals}
            assert {row[IDS[table]] for row in found} == ids, table
        else:
            assert {row[OWNER.get(table, "municipality_code")] for row in found} == {code}, table


@pytest.mark.parametrize("code", small.OWN_PACKAGES)
def test_no_file_names_another_municipality_or_any_person(packages: Path, code: str) -> None:
    others = {other for other in small.PAYERS if other != code}
    for path in (packages / code).rglob("*.*"):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as parts:
                text = "\n".join(parts.read(part).decode() for part in parts.namelist())
        elif path.suffix == ".parquet":
            text = str(duckdb.sql(f"select to_json(t) from '{path}' t").fetchall())
        else:
            text = path.read_text(encoding="utf-8-sig")
        assert "person-of-" not in text, path.name
        assert "person_key" not in text, path.name
        # A code as a value of its own; what 9999 means stands in the definitions, but never an id of such a payer.
        values = set(re.findall(r"(?<![\w.,:\-])\d{4}(?![\w.,:\-])", text)) - {small.UNKNOWN}
        values |= set(re.findall(r"[MC]-(\d{4})-", text))
        assert values & others == set(), path.name


@pytest.mark.parametrize("code", small.OWN_PACKAGES)
def test_columns_and_types_are_the_contracts(packages: Path, code: str) -> None:
    added = {"reasons_sv", "changed", "bestridande"}
    left_out = {"person_key", "municipality_code", "district_code", "current_district_code"}
    for table in reading.tables(packages / code):
        found = reading.from_parquet(packages / code, table)[0]
        path = packages.parent / "marts" / "parquet" / f"{table}.parquet"
        contract = [(row[0], row[1]) for row in duckdb.sql(f"describe from '{path}'").fetchall()]
        if table == "fct_spells":
            contract = [column for column in contract if column[0] not in left_out]
        assert [column for column in found if column[0] not in added] == contract, table


@pytest.mark.parametrize("code", small.OWN_PACKAGES)
def test_no_own_row_is_missing(packages: Path, code: str) -> None:
    for table in (
        "mart_payment_responsibility_monthly", "mart_invoice_basis", "mart_definition_bridge_monthly",
        "mart_deviations_annual", "mart_local_cooperation_annual",
    ):  # fmt: skip
        assert len(rows(packages / code, table)) == published(packages, table, f"municipality_code = '{code}'")
    readiness = f"unit_type = 'municipality' and unit_id = '{code}'"
    found = rows(packages / code, "mart_billing_readiness_monthly")
    assert len(found) == published(packages, "mart_billing_readiness_monthly", readiness)


@pytest.mark.parametrize("code", small.OWN_PACKAGES)
def test_revisions_are_the_payers_own_and_tell_nothing_by_sex(packages: Path, code: str) -> None:
    found = [(row["table_name"], json.loads(row["key"])) for row in rows(packages / code, "mart_revisions")]
    month = {"month": "2024-11-01"}
    assert found == [
        ("mart_billing_readiness_monthly", {**month, "unit_type": "municipality", "unit_id": code}),
        ("mart_payment_responsibility_monthly", {**month, "municipality_code": code}),
    ]


@pytest.mark.parametrize(("code", "by_sex"), [(HUDDINGE, {2023, 2024}), (STOCKHOLM, {2023}), (SOLNA, {2023})])
def test_a_year_tells_nothing_of_a_protected_person_or_of_the_other_municipalities(
    packages: Path, code: str, by_sex: set[int]
) -> None:
    follow_up = {(row["year"], row["sex"]) for row in rows(packages / code, "mart_annual_follow_up")}
    assert follow_up == {(2023, 0), (2024, 0)} | {(year, sex) for year in by_sex for sex in (1, 2)}
    differences = {(row["year"], row["comparison"]) for row in rows(packages / code, "mart_annual_differences")}
    assert differences == {(year, "previous_year") for year in (2023, 2024)} | {(year, "women_men") for year in by_sex}


def test_tables_of_districts_are_for_those_that_have_some(packages: Path) -> None:
    of_districts = {table.name for table in own.TABLES if table.of_districts}
    assert set(reading.tables(packages / STOCKHOLM)) - set(reading.tables(packages / SOLNA)) == of_districts


def test_a_spell_of_two_payers_is_shown_to_both_and_each_sees_its_own_case(packages: Path) -> None:
    for code in (STOCKHOLM, SOLNA):
        assert "S-shared" in {row["spell_id"] for row in rows(packages / code, "fct_spells")}
        events = [row for row in rows(packages / code, "fct_case_events") if row["spell_id"] == "S-shared"]
        assert [row["case_id"] for row in events] == [f"C-{code}-5"]


def test_the_cases_are_those_of_the_month(packages: Path) -> None:
    found = {row["interval_id"] for row in rows(packages / SOLNA, "fct_readiness_intervals")}
    assert found == {f"M-{SOLNA}-{number}" for number in (2, 3, 4, 5)}


def test_reasons_stand_in_swedish_words_and_the_column_to_contest_is_empty(packages: Path) -> None:
    by_id = {row["interval_id"]: row for row in rows(packages / SOLNA, "fct_readiness_intervals")}
    assert by_id[f"M-{SOLNA}-3"]["reasons_sv"] == (
        "inskrivningsmeddelande för sent (5 kap. 3 § första stycket 1 och 2 kap. 3 §); "
        "kallelse till SIP saknas (5 kap. 3 § andra stycket)"
    )
    assert by_id[f"M-{SOLNA}-2"]["reasons_sv"] is None
    assert {row["bestridande"] for row in by_id.values()} == {None}


def test_protected_identity_has_no_district_hospital_sex_or_age(packages: Path) -> None:
    by_id = {row["interval_id"]: row for row in rows(packages / STOCKHOLM, "fct_readiness_intervals")}
    hidden = ("district_code", "current_district_code", "sex", "age_band")
    assert [by_id[PROTECTED][name] for name in hidden] == [None] * 4
    assert None not in [by_id[f"M-{STOCKHOLM}-2"][name] for name in hidden]
    spells = {row["spell_id"]: row for row in rows(packages / STOCKHOLM, "fct_spells")}
    shown = ("hospital_id", "sex", "age", "age_band")
    assert [spells[f"S-{STOCKHOLM}-4"][name] for name in shown] == [None] * 4
    assert None not in [spells[f"S-{STOCKHOLM}-2"][name] for name in shown]


@pytest.mark.parametrize("table", ["mart_ready_days_monthly", "mart_readmissions_monthly"])
@pytest.mark.parametrize(("code", "month"), [(STOCKHOLM, small.DECEMBER), (SOLNA, small.NOVEMBER)])
def test_the_unit_of_a_protected_person_is_not_split_by_sex_and_age(
    packages: Path, table: str, code: str, month: object
) -> None:
    figure = {"mart_ready_days_monthly": "ready_days", "mart_readmissions_monthly": "readmissions"}[table]
    split = [(row["month"], row["district_code"]) for row in rows(packages / code, table) if row["age_band"] != "all"]
    (merged,) = [row for row in rows(packages / code, table) if row["age_band"] == "all"]
    assert (merged["month"], merged["district_code"], merged["sex"]) == (month, "99", 0)
    assert (month, "99") not in split
    whole = f"municipality_code = '{code}' and month = date '{month}' and district_code = '99'"
    path = packages.parent / "marts" / "parquet" / f"{table}.parquet"
    assert (merged[figure],) == duckdb.sql(f"select sum({figure})::integer from '{path}' where {whole}").fetchone()


def test_a_merged_ratio_is_of_the_sums(packages: Path) -> None:
    (merged,) = [row for row in rows(packages / STOCKHOLM, "mart_ready_days_monthly") if row["age_band"] == "all"]
    assert float(merged["beds_equivalent"]) == pytest.approx(merged["ready_days"] / 31, abs=0.00005)
    for row in rows(packages / STOCKHOLM, "mart_process_indicators_monthly"):
        assert float(row["share"]) == pytest.approx(row["numerator"] / row["denominator"], abs=0.0000005)


def test_tables_by_sex_and_age_go_back_a_year_and_others_to_the_first_month(packages: Path) -> None:
    def months(table: str) -> int:
        return len({row["month"] for row in rows(packages / SOLNA, table)})

    assert months("mart_ready_days_monthly") == months("mart_process_indicators_monthly") == 3
    assert months("mart_payment_responsibility_monthly") == 4


def test_an_older_case_is_shown_when_it_is_new_or_changed(tmp_path: Path) -> None:
    settings = Settings(tmp_path, tmp_path / "landing")
    candidate = small.build(settings, [small.interval(HUDDINGE, 1, interval_id="late", case_id="late")])
    before = tmp_path / "before.parquet"
    parquet = candidate / own.INTERVALS
    duckdb.sql(
        f"copy (select * replace (case when interval_id = 'M-{SOLNA}-1' then 1 else ready_days end as ready_days, "
        f"case when interval_id = 'M-{STOCKHOLM}-1' then 9 else days_after_day_zero end as days_after_day_zero) "
        f"from '{parquet}' where interval_id <> 'late') to '{before}' (format parquet)"
    )
    with settings.connect(candidate / "warehouse.duckdb", read_only=True) as connection:
        own.make(connection, candidate, small.REGION, MONTH, before)
        found = connection.execute(
            "select payer, interval_id, changed from own_fct_readiness_intervals "
            "where changed is not null or interval_id like '%-1' order by payer"
        ).fetchall()
    # A day more of an open interval is no change: Solna's case is of November and stays there.
    assert found == [(HUDDINGE, "late", "new"), (STOCKHOLM, f"M-{STOCKHOLM}-1", "changed")]


def test_a_package_says_what_it_is(packages: Path) -> None:
    first = reading.workbook(packages / STOCKHOLM).worksheets[0]
    texts = [str(value) for row in first.iter_rows(values_only=True) for value in row if value]
    assert texts[0] == "Stockholm: utskrivning från slutenvård, december 2024"
    assert texts[1].startswith("SYNTETISKA DATA")
    assert any("bestridande" in text for text in texts)
    assert any(municipality.LICENCE["title"] in text for text in texts)
    created = reading.workbook(packages / STOCKHOLM).properties.created
    assert created.replace(tzinfo=UTC) == datetime(2025, 1, 3, 1, 10, tzinfo=UTC)
