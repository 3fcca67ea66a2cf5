"""The deliveries keep the feeds contract, and hold what a region's deliveries hold."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.deliveries import bronze, contract
from dagster_project.deliveries import landing as landing_zone
from dagster_project.settings import Settings
from tests.demo.demonstration import LAST, MONTHS, REGION, STAYS, rows


def right_check_digit(nine_digits: str) -> int:
    """Luhn, as the tax agency describes it for a personnummer."""
    products = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(nine_digits)]
    return -sum(sum(map(int, str(product))) for product in products) % 10


def test_no_person_id_can_be_a_persons(clean: duckdb.DuckDBPyConnection) -> None:
    written = [row[0] for row in clean.sql("select person_id from episodes_delivered").fetchall()]
    linked = clean.sql("select unnest([old_person_id, new_person_id]) from identity_links").fetchall()
    forms = {"reserve": 0, "ten": 0, "twelve": 0, "coordination": 0}
    for person_id in [*written, *(row[0] for row in linked)]:
        if ":" in person_id:
            assert re.fullmatch(r"SE0000000000-SYN01\d\d:SYN\d{13}", person_id)
            forms["reserve"] += 1
            continue
        digits = re.sub(r"[-+]", "", person_id)[-10:]
        assert int(digits[9]) != right_check_digit(digits[:9])
        forms["ten" if re.search(r"[-+]", person_id) else "twelve"] += 1
        forms["coordination"] += int(digits[4:6]) > 60
        date(2000, int(digits[2:4]), (int(digits[4:6]) - 1) % 60 + 1)
    assert all(forms.values()), forms
    assert forms["twelve"] > 0.9 * len(written)


def test_ids_and_units_say_that_they_are_synthetic(clean: duckdb.DuckDBPyConnection) -> None:
    for feed, key in {
        "episodes": "episode_id", "cases": "case_id", "messages": "message_id", "deviations": "deviation_id",
        "contacts": "unit_name",
    }.items():  # fmt: skip
        assert clean.sql(f"select count(*) from {feed}_delivered where {key} not like 'SYN%'").fetchall() == [(0,)]
    strange = clean.sql("select count(*) from episodes where hospital_id not like 'SE0000000000-SYN01__'").fetchall()
    assert strange == [(0,)]


def test_a_clean_region_is_loaded_whole(clean_landing: Path, tmp_path: Path) -> None:
    deliveries = bronze.ingest_through(Settings(tmp_path, clean_landing), REGION, MONTHS[1])
    for delivery in deliveries:
        loaded = duckdb.sql(f"select sum(rows_delivered), sum(rows_quarantined) from '{delivery.path}/files.parquet'")
        delivered, quarantined = loaded.fetchall()[0]
        assert delivered > STAYS
        assert quarantined == 0
    reported = duckdb.sql(
        f"""select rule, sum(rows) from '{tmp_path}/bronze/*/*/*/reports.parquet'
        where rule in ('assessed_after_sent', 'voided_before_sent', 'planned_date_missing', 'person_id_form',
            'amount_not_days_times_rate') group by all having sum(rows) > 0"""
    )
    assert reported.fetchall() == []


def test_an_ordinary_region_holds_a_little_dirt(landing: Path, tmp_path: Path) -> None:
    delivery = bronze.ingest(Settings(tmp_path, landing), REGION, MONTHS[0])
    counts = duckdb.sql(
        f"""select feed, rows_quarantined / rows_delivered from '{delivery.path}/files.parquet'
        where feed in ('episodes', 'messages')"""
    )
    shares = dict(counts.fetchall())
    assert 0 < shares["episodes"] < 0.003
    assert 0 < shares["messages"] < 0.003


def test_files_have_the_contracts_columns_and_agree_with_delivery_json(landing: Path) -> None:
    for month in MONTHS:
        delivery = landing_zone.read(landing / REGION / month / "v01")
        optional = {"identity_links", "deviations", "contacts"} | ({"population"} if month == MONTHS[0] else set())
        assert set(delivery.files) == {"episodes", "cases", "messages", "invoices"} | optional
        for feed, file in delivery.files.items():
            lines = (delivery.directory / file.name).read_text(encoding="utf-8").splitlines()
            assert lines[0].split(";") == list(contract.feeds()[feed].columns)
            assert len(lines) == file.rows + 1


def test_a_delivery_is_made_on_one_of_the_first_nights_of_the_next_month(landing: Path) -> None:
    for month, following in zip(MONTHS, [*MONTHS[1:], "2023-09"], strict=True):
        extracted_at = landing_zone.read(landing / REGION / month / "v01").extracted_at
        assert f"{following}-03" <= extracted_at.strftime("%Y-%m-%d") <= f"{following}-05"


def test_volume_is_near_what_was_asked_for(clean: duckdb.DuckDBPyConnection) -> None:
    volumes = clean.sql(
        "select admitted_at[1:7] as month, count(*) from episodes where month >= '2023-05' group by all"
    ).fetchall()
    assert sorted(month for month, _ in volumes) == MONTHS
    for _, stays in volumes:
        assert 0.93 * STAYS < stays < 1.07 * STAYS


@pytest.mark.parametrize(
    ("column", "least"), [("hospital_id", 22), ("municipality_code", 26), ("admitted_at[9:10]", 30)]
)
def test_no_hospital_municipality_or_day_is_missing_in_a_month(
    clean: duckdb.DuckDBPyConnection, column: str, least: int
) -> None:
    present = clean.sql(
        f"""select admitted_at[1:7] as month, count(distinct {column}) from episodes
        where month >= '2023-05' and coalesce(municipality_code, '01') like '01%' group by all"""
    ).fetchall()
    assert min(count for _, count in present) >= least


def test_stays_of_a_month_are_admitted_by_its_last_day(clean: duckdb.DuckDBPyConnection) -> None:
    late = clean.sql("select count(*) from episodes_delivered where admitted_at[1:7] > delivery").fetchall()
    assert late == [(0,)]
    newest = clean.sql("select max(admitted_at)[1:10] from episodes").fetchall()
    assert newest == [("2023-08-31",)]


def test_rows_come_again_where_they_changed(clean: duckdb.DuckDBPyConnection) -> None:
    for feed, key in {"episodes": "episode_id", "cases": "case_id", "messages": "message_id"}.items():
        unchanged = clean.sql(
            f"""select count(*) / (select count(*) from {feed}_delivered) from (
                select * exclude (delivery) from {feed}_delivered group by all having count(*) > 1)"""
        ).fetchall()[0][0]
        # A correction may say what was already there; nothing else comes twice.
        assert unchanged < 0.005
        changed = clean.sql(f"select {key} from {feed}_delivered group by all having count(*) > 1").fetchall()
        assert changed


def test_an_open_stay_comes_again_when_it_has_ended(clean: duckdb.DuckDBPyConnection) -> None:
    followed = clean.sql(
        """select count(*) filter (later.discharged_at is not null) / count(*)
        from episodes_delivered as earlier left join episodes_delivered as later
            on earlier.episode_id = later.episode_id and earlier.delivery < later.delivery
        where earlier.discharged_at is null and earlier.delivery = '2023-05'"""
    ).fetchall()[0][0]
    assert followed > 0.97


def test_later_deliveries_correct_and_delete(clean: duckdb.DuckDBPyConnection) -> None:
    pairs = (
        "from {0}_delivered as old inner join {0}_delivered as new on old.{1} = new.{1} and old.delivery < new.delivery"
    )
    for feed, key, condition in [
        ("episodes", "episode_id", "new.is_deleted = 'true'"),
        ("episodes", "episode_id", "old.municipality_code <> new.municipality_code"),
        ("cases", "case_id", "new.is_deleted = 'true'"),
        ("cases", "case_id", "old.sip_required <> new.sip_required"),
        ("messages", "message_id", "old.voided_at is null and new.voided_at is not null"),
        ("messages", "message_id", "old.sent_at <> new.sent_at"),
    ]:
        assert clean.sql(f"select count(*) {pairs.format(feed, key)} where {condition}").fetchall()[0][0] > 0, condition


def test_districts_have_the_codes_of_the_day(clean: duckdb.DuckDBPyConnection) -> None:
    by_date = dict(
        clean.sql(
            """select admitted_at >= '2023-07-01', array_agg(distinct district_code order by district_code)
            filter (district_code is not null) from episodes where municipality_code = '0180' group by all"""
        ).fetchall()
    )
    areas = {"04", "06", "08", "12", "14", "15", "18", "24", "30"}
    assert areas | {"01", "03", "09", "10"} <= set(by_date[False])
    assert not {"31", "32"} & set(by_date[False])
    assert areas | {"31", "32"} <= set(by_date[True])
    left_over = clean.sql(
        """select count(*) filter (district_code in ('01', '03')) / count(*) from episodes
        where district_code in ('01', '03', '31') and admitted_at >= '2023-07-01'"""
    ).fetchall()[0][0]
    assert 0 < left_over < 0.15
    assert clean.sql(
        "select count(*) from episodes where municipality_code <> '0180' and district_code <> ''"
    ).fetchall() == [(0,)]


def test_identity_links_join_a_persons_stays(clean: duckdb.DuckDBPyConnection) -> None:
    unused = clean.sql(
        """select count(*) from identity_links where old_person_id like '%:%'
        and old_person_id not in (select person_id from episodes_delivered)"""
    ).fetchall()
    assert unused == [(0,)]
    joined = clean.sql(
        """select count(*) from (select person_id from persons group by all having count(*) > 1
            and count(distinct episode_id) filter (episode_id in (
                select episode_id from episodes inner join identity_links on person_id = old_person_id)) > 0)"""
    ).fetchall()[0][0]
    assert joined > 5
    assert clean.sql("select count(*) from persons group by episode_id having count(*) > 1").fetchall() == []
    cycles = clean.sql(
        """select count(*) from identity_links where new_person_id in (
            select old_person_id from identity_links as other
            where other.new_person_id = identity_links.old_person_id)"""
    ).fetchall()
    assert cycles == [(0,)]


def test_a_person_has_one_birth_date_and_sex_and_no_stays_at_once(clean: duckdb.DuckDBPyConnection) -> None:
    differing = clean.sql(
        """select persons.person_id from persons inner join episodes using (episode_id) group by all
        having count(distinct birth_date) > 1 or count(distinct sex) > 1"""
    ).fetchall()
    assert differing == []
    overlapping = clean.sql(
        """select count(*) from stays as one inner join stays as other on one.person_id = other.person_id
        and one.episode_id < other.episode_id
        and one.admitted_at < other.discharged_at and other.admitted_at < one.discharged_at"""
    ).fetchall()[0][0]
    # Only a corrected discharge can reach past the next admission.
    assert overlapping <= 3


def test_invoicing_follows_the_reference_tables(landing: Path, tmp_path: Path) -> None:
    from dagster_project.demo.generate import generate

    assert rows(landing).sql("select count(*) from invoices_delivered").fetchall() == [(0,)]
    made = generate(tmp_path, "20", "2023-11", "2024-01", 1200, 3)
    first, *later = [duckdb.read_csv(str(path / "invoices.csv"), sep=";", all_varchar=True) for path in made]
    assert first.aggregate("count(*)").fetchall() == [(0,)]
    for lines in later:
        checked = lines.aggregate(
            """count(*) > 0, bool_and(days::decimal(12, 2) * rate_sek::decimal(12, 2) = amount_sek::decimal(14, 2)),
            bool_and(municipality_code like '20%'), bool_and(rate_sek = '10500.00'),
            bool_and(invoice_line_id like 'SYN-I-%')"""
        )
        assert checked.fetchall() == [(True, True, True, True, True)]
    assert LAST not in [path.parent.name for path in made]


def test_population_covers_every_part_of_the_region_once(clean: duckdb.DuckDBPyConnection) -> None:
    counted = clean.sql(
        """select count(distinct municipality_code), count(distinct district_code), sum(inhabitants::int),
        count(*) = count(distinct (municipality_code, district_code, sex, age_from)) from population_delivered"""
    ).fetchall()[0]
    assert counted[:2] == (26, 13)
    assert 2_400_000 < counted[2] < 2_500_000
    assert counted[3]
