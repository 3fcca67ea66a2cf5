"""Person ids: their normal form, the keyed pseudonym, and that nothing of them is stored or told."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.deliveries import pseudonyms
from dagster_project.errors import DeliveryRejected
from tests.contract.conftest import MONTH, REGION, Site
from tests.deliveries import write_delivery, write_files

KEY = b"a key of the tests alone"


def hmac32(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(key=st.binary(min_size=16, max_size=100), text=st.text(max_size=100).filter(lambda text: "\0" not in text))
def test_the_sql_is_hmac_sha256(key: bytes, text: str) -> None:
    with duckdb.connect() as connection:
        pseudonyms.set_key(connection, key)
        found = connection.execute(f"select {pseudonyms.sql_pseudonym('id')} from (select ? as id)", [text]).fetchone()
    assert found == (hmac32(key, text),)
    assert pseudonyms.pseudonym(key, text) == hmac32(key, text)


@pytest.mark.parametrize(
    ("delivered", "birth_date", "normal"),
    [
        ("194013000001", "1940-05-17", "194013000001"),
        ("19401300-0001", "1940-05-17", "194013000001"),
        (" 194013 00+0001 ", "1940-05-17", "194013000001"),
        ("19401300\u00a00001", "1940-05-17", "194013000001"),
        ("400517-0000", "1940-05-17", "194005170000"),
        ("400577-0000", "1940-05-17", "194005770000"),
        ("4005170000", "1840-05-17", "184005170000"),
        ("040531+0000", "2004-05-31", "200405310000"),
        ("040591-0000", "2004-05-31", "200405910000"),
        ("400518-0000", "1940-05-17", "4005180000"),
        ("se2321000016-1001:ab-7", "1940-05-17", "SE23210000161001:AB7"),
        ("SE2321000016-1001:7", "1940-05-17", "SE23210000161001:7"),
    ],
)
def test_an_id_is_normalised_before_it_is_replaced(site: Site, delivered: str, birth_date: str, normal: str) -> None:
    rows = [{"person_id": delivered, "birth_date": birth_date, "sex": sex} for sex in ("1", "x")]
    ingested = site.deliver(episodes=[{**row, "episode_id": str(number)} for number, row in enumerate(rows)])
    if birth_date >= "1900":
        assert ingested.rows("episodes", "person_key") == [hmac32(KEY, normal)]
    assert f'"person_id":"{hmac32(KEY, normal)}"' in ingested.rows("quarantine", "row")[-1]


def test_declared_pseudonyms_are_taken_as_they_stand(site: Site) -> None:
    episodes = "region_code;episode_id;person_id;birth_date;sex;hospital_id;care_area;admission_mode;admitted_at\n"
    rows = "".join(
        f"01;E{number};{person};1940-05-17;1;H;somatic;planned;2026-10-01 10:00\n"
        for number, person in enumerate(["aB+/-=", "4005171234"])
    )
    links = "region_code;old_person_id;new_person_id;linked_at\n01;4005171234;aB+/-=;2026-10-01\n"
    files = {"episodes.csv": (episodes + rows).encode(), "identity_links.csv": links.encode()}
    ingested = site.deliver_files(files, person_ids="pseudonym")
    assert ingested.rows("episodes", "person_key") == [hmac32(KEY, "aB+/-="), hmac32(KEY, "4005171234")]
    assert ingested.rows("identity_links", "old_person_key") == [hmac32(KEY, "4005171234")]
    assert ingested.reports("episodes") == {"person_id_form": 0}


def test_no_id_and_no_key_is_stored_or_told(site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    secret = "194013777777"
    write_delivery(
        site.landing,
        REGION,
        MONTH,
        episodes=[
            {"person_id": secret},
            {"person_id": "19401377-7777", "sex": "x", "clinic_code": "194013777777"},
            {"person_id": "19401377 7777", "birth_date": "1850-01-01", "hospital_id": "x19401377-7777"},
        ],
        identity_links=[{"old_person_id": "S:7777", "new_person_id": secret}],
    )
    ingested = site.ingest()
    wanted = ["194013777777", "19401377", "S:7777", KEY.decode()]
    for table in ("episodes", "identity_links", "quarantine", "files", "reports"):
        text = str(ingested.rows(table))
        assert not [one for one in wanted if one in text], table
    stored = [path for path in site.settings.home.rglob("*") if path.is_file()]
    assert stored
    for path in stored:
        assert not [one for one in wanted if one.encode() in path.read_bytes()], path
    assert not [one for one in wanted if one in "".join(capfd.readouterr())]


@pytest.mark.parametrize("tail", ['"', "\xff", ";;;;;;;;;;;;;;;;;;;;"])
def test_a_rejection_tells_no_id(site: Site, tail: str) -> None:
    header = "region_code;episode_id;person_id;birth_date;sex;hospital_id;care_area;admission_mode;admitted_at\n"
    content = header.encode() + f"01;E1;{tail}194013777777".encode("latin-1") + b";x\n"
    with pytest.raises(DeliveryRejected) as error:
        site.deliver_files({"episodes.csv": content}, rows={"episodes.csv": 9})
    assert "7777" not in str(error.value)
    assert error.value.__cause__ is None or error.value.__suppress_context__


def test_one_key_is_made_however_many_ask_first(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LUS_PSEUDONYM_KEY")
    real = os.link

    def slower(mine: Any, path: Any) -> None:
        monkeypatch.setattr(os, "link", real)
        assert pseudonyms.read_key(site.settings)
        real(mine, path)

    monkeypatch.setattr(os, "link", slower)
    key = pseudonyms.read_key(site.settings)
    assert key == pseudonyms.read_key(site.settings)
    assert [path.name for path in site.settings.secrets.iterdir()] == ["pseudonym.key"]


def test_another_key_gives_other_pseudonyms_and_another_bronze(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(site.landing, REGION, MONTH, {})
    write_delivery(site.landing, REGION, MONTH, episodes=[{}])
    first = site.ingest()
    monkeypatch.setenv("LUS_PSEUDONYM_KEY", "another key of the tests")
    second = site.ingest()
    assert first.delivery.path != second.delivery.path
    assert first.rows("episodes", "person_key") != second.rows("episodes", "person_key")
