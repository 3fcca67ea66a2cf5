"""The demonstration's figures against published ones, each computed here by a short query of its own."""

from __future__ import annotations

import duckdb

WAIT = """from ready inner join stays using (episode_id)
    where discharge_destination <> 'deceased' and sent_at < discharged_at"""
DAYS = "date_diff('day', sent_at::date, discharged_at::date)"


def one(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    return float(connection.sql(query).fetchall()[0][0])


def readmitted(connection: duckdb.DuckDBPyConnection, days: str, condition: str = "true") -> float:
    """Share of discharges of 65 and older that an unplanned stay follows within these days."""
    return one(
        connection,
        f"""select avg(exists(
            select 1 from stays as later where later.person_id = stays.person_id and later.admission_mode = 'unplanned'
                and date_diff('day', stays.discharged_at::date, later.admitted_at::date) between {days})::int)
        from stays where age >= 65 and care_area in ('somatic', 'geriatric')
            and discharge_destination not in ('deceased', 'inpatient') and discharged_at < '2023-08-01'
            and {condition}""",
    )


def test_mean_ready_time_of_those_who_wait_is_the_nations(clean: duckdb.DuckDBPyConnection) -> None:
    # 2.9 in August 2018, 3.3 in January-August 2018, 4.1 in January 2018.
    assert 2.4 < one(clean, f"select avg({DAYS}) {WAIT} and {DAYS} >= 1") < 3.6


def test_about_half_go_home_the_day_they_are_ready(clean: duckdb.DuckDBPyConnection) -> None:
    assert 0.42 < one(clean, f"select avg(({DAYS} = 0)::int) {WAIT}") < 0.6


def test_a_few_wait_for_more_than_a_month(clean: duckdb.DuckDBPyConnection) -> None:
    assert 0.0005 < one(clean, f"select avg(({DAYS} > 30)::int) {WAIT}") < 0.01


def test_readmissions_within_seven_days_are_as_the_national_share_implies(
    clean: duckdb.DuckDBPyConnection,
) -> None:
    # About 4 % of all 65+, about 11 % of the most ill; those with a planned discharge lie between.
    everybody = readmitted(clean, "1 and 7")
    planned_with_municipality = readmitted(clean, "1 and 7", "episode_id in (select episode_id from ready)")
    assert 0.03 < everybody < 0.055
    assert everybody < planned_with_municipality < 0.1


def test_readmissions_within_thirty_days_are_near_the_national_share(clean: duckdb.DuckDBPyConnection) -> None:
    # About 10 % nationally; 38 % of them within seven days.
    within_month = readmitted(clean, "1 and 30")
    assert 0.08 < within_month < 0.135
    assert 0.3 < readmitted(clean, "1 and 7") / within_month < 0.46


def test_patients_are_old_and_of_both_sexes(clean: duckdb.DuckDBPyConnection) -> None:
    assert 0.45 < one(clean, "select avg((age >= 65)::int) from stays") < 0.62
    assert 0.48 < one(clean, "select avg((sex = '2')::int) from episodes") < 0.56


def test_a_quarter_of_the_stays_have_a_case_mostly_of_old_patients(
    clean: duckdb.DuckDBPyConnection,
) -> None:
    assert 0.2 < one(clean, "select (select count(*) from cases) / (select count(*) from episodes)") < 0.3
    assert (
        one(clean, "select avg((age >= 65)::int) from stays where episode_id in (select episode_id from cases)") > 0.7
    )


def test_notices_come_mostly_within_a_day_and_before_noon(clean: duckdb.DuckDBPyConnection) -> None:
    in_time = one(
        clean,
        """select avg((messages.sent_at::timestamp <= stays.admitted_at + interval 24 hour)::int)
        from messages inner join cases using (case_id) inner join stays using (episode_id)
        where message_type = 'admission_notice' and voided_at is null""",
    )
    assert 0.88 < in_time < 0.98
    assert 0.6 < one(clean, "select avg((sent_at::time <= time '12:00')::int) from ready") < 0.85


def test_fewer_leave_on_weekends_and_holidays(clean: duckdb.DuckDBPyConnection) -> None:
    weekend = one(clean, "select avg((isodow(discharged_at) > 5)::int) from stays")
    assert 0.12 < weekend < 0.24  # 2 days of 7 would be 0.29
    midsummer = one(clean, "select count(*) from stays where discharged_at::date = '2023-06-23'")
    assert midsummer < one(
        clean, "select count(*) / 4 from stays where discharged_at::date between '2023-06-12' and '2023-06-15'"
    )


def test_the_long_tail_of_messages_stays_within_its_stay(clean: duckdb.DuckDBPyConnection) -> None:
    outside = one(
        clean,
        """select avg((messages.sent_at::timestamp not between stays.admitted_at and stays.discharged_at)::int)
        from messages inner join cases using (case_id) inner join stays using (episode_id)""",
    )
    assert outside < 0.01


def test_every_kind_of_course_occurs(clean: duckdb.DuckDBPyConnection) -> None:
    for condition in [
        "select count(*) from messages where message_type = 'ready_withdrawn'",
        "select count(*) from messages where message_type = 'sip_held'",
        "select count(*) from messages where voided_at is not null",
        "select count(*) from cases where deciding_municipality_code <> municipality_code",
        "select count(*) from cases where coordinated_care_plan = 'true'",
        "select count(*) from cases where open_care_available = 'unclear'",
        "select count(*) from episodes where protected_identity = 'true'",
        "select count(*) from episodes where municipality_code is null",
        "select count(*) from episodes where municipality_code = '0180' and district_code is null",
        "select count(*) from episodes where municipality_code not like '01%'",
        "select count(*) from stays where discharge_destination = 'deceased'",
        "select count(*) from stays where discharge_destination = 'special_housing'",
        "select count(*) from stays where admitted_at::date = discharged_at::date",
        """select count(*) from stays as one inner join stays as other using (person_id)
        where one.discharge_destination = 'inpatient'
            and date_diff('day', one.discharged_at::date, other.admitted_at::date) = 1""",
    ]:
        assert one(clean, condition) > 0, condition
