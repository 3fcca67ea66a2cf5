"""Local times and instants: the hour that comes twice, the hour that never was, offsets, seconds and fractions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.deliveries import checks, contract, localtime
from tests.contract.conftest import Site

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SENT = "epoch_us(sent_at), sent_at_local"


def micros(text: str) -> int:
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("delivered", "instant", "local"),
    [
        ("2026-10-02T10:00", "2026-10-02T08:00:00Z", "2026-10-02 10:00"),
        ("2026-10-02 10:00:30", "2026-10-02T08:00:30Z", "2026-10-02 10:00:30"),
        ("2026-10-02T10:00:30.5", "2026-10-02T08:00:30.5Z", "2026-10-02 10:00:30.500000"),
        ("2026-10-02T10:00:30.123456789", "2026-10-02T08:00:30.123456Z", "2026-10-02 10:00:30.123456"),
        ("2026-10-02T10:00Z", "2026-10-02T10:00:00Z", "2026-10-02 12:00"),
        ("2026-10-02 10:00:00+01:00", "2026-10-02T09:00:00Z", "2026-10-02 11:00"),
        ("2026-10-02T10:00+0100", "2026-10-02T09:00:00Z", "2026-10-02 11:00"),
        ("2026-10-02T10:00:00.25+01", "2026-10-02T09:00:00.25Z", "2026-10-02 11:00:00.250000"),
        ("2026-10-02T10:00-03:30", "2026-10-02T13:30:00Z", "2026-10-02 15:30"),
        ("2026-01-15T23:30-01", "2026-01-16T00:30:00Z", "2026-01-16 01:30"),
        # Summer time ends on 25 October 2026 at 03:00: the hour from 02:00 comes twice, and the first one is meant.
        ("2026-10-25T01:59:59", "2026-10-24T23:59:59Z", "2026-10-25 01:59:59"),
        ("2026-10-25T02:00", "2026-10-25T00:00:00Z", "2026-10-25 02:00"),
        ("2026-10-25T02:59:59.999999", "2026-10-25T00:59:59.999999Z", "2026-10-25 02:59:59.999999"),
        ("2026-10-25T03:00", "2026-10-25T02:00:00Z", "2026-10-25 03:00"),
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30:00Z", "2026-10-25 02:30"),
        ("2026-10-25T00:30Z", "2026-10-25T00:30:00Z", "2026-10-25 02:30"),
        ("2026-10-25T01:00Z", "2026-10-25T01:00:00Z", "2026-10-25 02:00"),
        # It begins on 29 March 2026 at 02:00.
        ("2026-03-29T01:59:59", "2026-03-29T00:59:59Z", "2026-03-29 01:59:59"),
        ("2026-03-29T03:00", "2026-03-29T01:00:00Z", "2026-03-29 03:00"),
        ("2026-03-29T02:30Z", "2026-03-29T02:30:00Z", "2026-03-29 04:30"),
    ],
)  # fmt: skip
def test_a_time_is_an_instant_and_a_wall_clock(site: Site, delivered: str, instant: str, local: str) -> None:
    ingested = site.deliver(messages=[{"case_id": "C1", "sent_at": delivered}])
    assert ingested.rows("messages", SENT) == [(micros(instant), datetime.fromisoformat(local))]


@pytest.mark.parametrize("delivered", ["2026-03-29T02:00", "2026-03-29 02:30:00", "2026-03-29T02:59:59.999999"])
def test_an_hour_that_never_was_is_quarantined(site: Site, delivered: str) -> None:
    ingested = site.deliver(messages=[{"case_id": "C1", "sent_at": delivered}])
    assert ingested.reasons("messages") == {2: "type:sent_at"}


def test_a_stay_over_the_end_of_summer_time_is_ordered_by_instants(site: Site) -> None:
    early, late = "2026-10-25T02:30", "2026-10-25T02:10+01:00"
    stays = [(early, late), (late, early)]
    ingested = site.deliver(episodes=[{"admitted_at": start, "discharged_at": end} for start, end in stays])
    assert ingested.reasons("episodes") == {3: "discharge_before_admission"}


moments = st.datetimes(datetime(1901, 1, 1), datetime(2099, 12, 30)).map(lambda moment: moment.replace(fold=0))
around_a_change = st.timedeltas(timedelta(hours=-4), timedelta(hours=4)).flatmap(
    lambda by: st.sampled_from([datetime(2026, 3, 29, 2), datetime(2026, 10, 25, 3)]).map(lambda change: change + by)
)


many_moments = st.lists(moments | around_a_change, min_size=50, max_size=50)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(many_moments)
def test_wall_clocks_agree_with_the_zone_s_rules(many: list[datetime]) -> None:
    expected = []
    for moment in many:
        aware = moment.replace(tzinfo=STOCKHOLM)
        was = aware.astimezone(UTC).astimezone(STOCKHOLM).replace(tzinfo=None) == moment
        expected.append((micros(aware.isoformat()), moment) if was else (None, None))
    assert instants([moment.isoformat() for moment in many]) == expected


@settings(max_examples=10, deadline=None, derandomize=True)
@given(many_moments)
def test_instants_agree_with_the_zone_s_rules(many: list[datetime]) -> None:
    aware = [moment.replace(tzinfo=UTC) for moment in many]
    expected = [(micros(one.isoformat()), one.astimezone(STOCKHOLM).replace(tzinfo=None)) for one in aware]
    assert instants([f"{moment.isoformat()}Z" for moment in many]) == expected


def instants(texts: list[str]) -> list[tuple[int | None, datetime | None]]:
    """``sent_at`` of messages delivered as ``texts``, without the detour over files."""
    feed = contract.feeds()["messages"]
    columns = ", ".join(
        f"{'sent' if name == 'sent_at' else 'null::varchar'} as {checks.text(name)}" for name in feed.columns
    )
    facts = checks.Circumstances("01", datetime(2026, 11, 3, tzinfo=UTC), False)
    numbered = "select unnest(?::varchar[]) as sent, generate_subscripts(?::varchar[], 1) as rid"
    rows = f"(select rid, rid + 2 as line, {columns} from ({numbered}))"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        localtime.create_zone_tables(connection)
        sql = f"select {SENT} from ({checks.typed(feed, rows, facts)}) order by rid"
        return connection.execute(sql, [texts, texts]).fetchall()
