"""A small demonstration region and its rows as DuckDB tables, read the way the feeds contract adds deliveries up."""

from __future__ import annotations

from pathlib import Path

import duckdb

REGION, FIRST, LAST, STAYS, SEED = "01", "2023-05", "2023-08", 3000, 7
MONTHS = ["2023-05", "2023-06", "2023-07", "2023-08"]
KEYS = {"episodes": "episode_id", "cases": "case_id", "messages": "message_id", "identity_links": "old_person_id"}


def rows(landing: Path) -> duckdb.DuckDBPyConnection:
    """Tables by feed: ``<feed>_delivered`` (every row, with ``delivery``) and ``<feed>`` (each key's latest row)."""
    connection = duckdb.connect()
    for feed in (*KEYS, "deviations", "contacts", "population", "invoices"):
        connection.execute(
            f"""create table {feed}_delivered as select * exclude (filename), filename.split('/')[-3] as delivery
            from read_csv('{landing}/{REGION}/*/v01/{feed}.csv', delim = ';', header = true, all_varchar = true,
                filename = true)"""
        )
    for feed, key in KEYS.items():
        connection.execute(
            f"create table {feed} as select * from {feed}_delivered "
            f"qualify row_number() over (partition by {key} order by delivery desc) = 1"
        )
    connection.execute("delete from episodes where is_deleted = 'true'")
    connection.execute("delete from cases where is_deleted = 'true'")
    connection.execute(
        """
        create table persons as
        with recursive written as (
            select distinct episode_id, case when person_id like '______-____' or person_id like '______+____'
                then birth_date[1:2] || replace(replace(person_id, '-', ''), '+', '') else person_id end as person_id
            from episodes
        ), followed as (
            select episode_id, person_id from written
            union all
            select followed.episode_id, identity_links.new_person_id
            from followed inner join identity_links on followed.person_id = identity_links.old_person_id
        )
        select episode_id, person_id from followed
        where person_id not in (select old_person_id from identity_links)"""
    )
    connection.execute(
        """
        create table stays as
        select persons.person_id, episodes.episode_id, episodes.care_area, episodes.admission_mode,
            episodes.discharge_destination, episodes.admitted_at::timestamp as admitted_at,
            episodes.discharged_at::timestamp as discharged_at,
            date_diff('day', birth_date::date, discharged_at::date) // 365.2425 as age
        from episodes inner join persons using (episode_id)
        where discharged_at is not null"""
    )
    connection.execute(
        """
        create table ready as
        select cases.episode_id, max(sent_at::timestamp) as sent_at
        from messages inner join cases using (case_id)
        where message_type = 'ready_notice' and voided_at is null
            and case_id not in (select case_id from messages where message_type = 'ready_withdrawn')
        group by all"""
    )
    return connection
