"""Everything that rejects a delivery whole, with the message that a data engineer gets."""

from __future__ import annotations

import gzip
import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.deliveries import bronze, landing, source
from dagster_project.errors import ConfigurationError, DeliveryMissing, DeliveryRejected
from tests.contract.conftest import MONTH, REGION, Site
from tests.deliveries import DEFAULTS, write_delivery, write_files

WHERE = "01/2026-10/v01"
CONTACTS = ";".join(DEFAULTS["contacts"]).encode()


def change(directory: Path, **facts: Any) -> None:
    path = directory / "delivery.json"
    document = json.loads(path.read_text()) | facts
    path.write_text(json.dumps({key: value for key, value in document.items() if value is not None}))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"region_code": "24"}, "'region_code' says '24' and the directory's name '01': they must agree."),
        ({"region_code": 1}, "'region_code' must be a text, not 1."),
        ({"region_code": None}, "'region_code' is missing."),
        ({"month": "2026-09"}, "'month' says '2026-09' and the directory's name '2026-10': they must agree."),
        ({"version": 2}, "'version' says 'v02' and the directory's name 'v01': they must agree."),
        ({"version": True}, "'version' must be a whole number, not true."),
        ({"version": 1.5}, "'version' must be a whole number, not 1.5."),
        ({"source_system": "../x"}, "'source_system' must be a name of small letters, digits and underscores."),
        ({"extracted_at": "2026-11-03"}, "'extracted_at' is '2026-11-03', not a time such as "
         "2026-11-03T02:10:00+01:00."),
        ({"extracted_at": "soon"}, "'extracted_at' is 'soon', not a time such as 2026-11-03T02:10:00+01:00."),
        ({"extracted_at": "2026-10-31T22:59:59Z"},
         "'extracted_at' is 2026-10-31T22:59:59+00:00, before the end of 2026-10 (2026-10-31T23:00:00+00:00): extract "
         "the month when it is over and deliver it again."),
        ({"person_ids": "clear"},
         "'person_ids' can only be 'pseudonym', which says that the ids of persons are pseudonyms already; leave it "
         "out where they are not."),
        ({"files": []}, "'files' must be an object, not []."),
        ({"files": {}},
         "no file for episodes, cases, messages, invoices: these feeds are required, with a header row even when "
         "empty."),
    ],
)  # fmt: skip
def test_a_delivery_json_that_does_not_hold(site: Site, facts: dict[str, Any], message: str) -> None:
    change(write_delivery(site.landing, REGION, MONTH), **facts)
    assert site.rejected(site.ingest) == f"{WHERE}/delivery.json: {message}"


@pytest.mark.parametrize("extracted_at", ["2026-11-01T00:00", "2026-10-31T23:00:00Z", "2026-11-03 02:10:00+01:00"])
def test_an_extract_from_the_month_s_end_on_is_accepted(site: Site, extracted_at: str) -> None:
    site.deliver(extracted_at=extracted_at)


def test_notes_of_the_sender_s_are_accepted(site: Site) -> None:
    write_files(site.landing, REGION, MONTH, {}, synthetic=True, note="made up")
    change(write_delivery(site.landing, REGION, MONTH), synthetic=True, note="made up", contact={"name": ""})
    site.ingest()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"rows": -1}, "'rows' must be 0 or more and 'sha256' 64 hexadecimal digits."),
        ({"rows": "0"}, ": 'rows' must be a whole number, not \"0\"."),
        ({"sha256": "abc"}, "'rows' must be 0 or more and 'sha256' 64 hexadecimal digits."),
        ({"delimeter": ","}, "unknown 'delimeter'; known are rows, sha256, encoding, delimiter."),
        ({"encoding": "utf-16"}, "'encoding' is 'utf-16'; known are utf-8, cp1252, iso-8859-1."),
        ({"delimiter": ";;"}, "'delimiter' must be one character such as ';', ',', '|' or a tab."),
        ({"delimiter": '"'}, "'delimiter' must be one character such as ';', ',', '|' or a tab."),
    ],
)
def test_a_file_s_entry_that_does_not_hold(site: Site, entry: dict[str, Any], message: str) -> None:
    directory = write_delivery(site.landing, REGION, MONTH)
    files = json.loads((directory / "delivery.json").read_text())["files"]
    files["cases.csv"] |= entry
    change(directory, files=files)
    found = site.rejected(site.ingest)
    assert found.startswith(f"{WHERE}/delivery.json: cases.csv")
    assert found.endswith(message)


@pytest.mark.parametrize("name", ["cases.txt", "Cases.csv", "cases.csv.zip", "../cases.csv", "patients.csv", "cases"])
def test_a_file_name_that_is_not_the_contract_s(site: Site, name: str) -> None:
    directory = write_delivery(site.landing, REGION, MONTH)
    files = json.loads((directory / "delivery.json").read_text())["files"]
    change(directory, files=files | {name: {"rows": 0, "sha256": "0" * 64}})
    assert f"{name!r} is not a file of the contract" in site.rejected(site.ingest)


def test_files_that_are_missing_linked_or_delivered_twice(site: Site) -> None:
    directory = write_delivery(site.landing, REGION, MONTH)
    cases = (directory / "cases.csv").read_bytes()
    (directory / "cases.csv").unlink()
    assert site.rejected(site.ingest) == f"{WHERE}/delivery.json: cases.csv is listed and not there."
    (directory / "real.csv").write_bytes(cases)
    (directory / "cases.csv").symlink_to(directory / "real.csv")
    assert site.rejected(site.ingest) == f"{WHERE}/delivery.json: cases.csv is a link: deliver the file itself."
    (directory / "cases.csv").unlink()
    (directory / "cases.csv").write_bytes(cases)
    (directory / "cases.csv.gz").write_bytes(gzip.compress(cases))
    files = json.loads((directory / "delivery.json").read_text())["files"]
    change(directory, files=files | {"cases.csv.gz": files["cases.csv"]})
    assert site.rejected(site.ingest) == (
        f"{WHERE}/delivery.json: the feed cases is there twice, as cases.csv and cases.csv.gz: deliver it once."
    )


def test_a_delivery_json_that_cannot_be_read(site: Site) -> None:
    path = write_delivery(site.landing, REGION, MONTH) / "delivery.json"
    where = f"{WHERE}/delivery.json"
    path.write_text('{"region_code": "01",\n "month" }')
    assert site.rejected(site.ingest).startswith(f"{where} is not JSON: line 2, column 10:")
    path.write_bytes(b'{"note": "\xe5"}')
    assert site.rejected(site.ingest) == f"{where} is not UTF-8: the byte at offset 10 cannot be read."
    path.write_text('{"month": "2026-10", "month": "2026-10"}')
    assert site.rejected(site.ingest) == f"{where}: the key 'month' stands twice."
    path.write_text("[]")
    assert site.rejected(site.ingest) == f"{where} must hold one JSON object."
    path.write_text("[" * 100_000)
    assert site.rejected(site.ingest).startswith(where)
    path.rename(path.with_name("real.json"))
    path.symlink_to(path.with_name("real.json"))
    assert site.rejected(site.ingest) == f"{where} is a link or not a file: deliver the file itself."


def test_a_changed_file_and_a_wrong_count(site: Site) -> None:
    directory = write_delivery(site.landing, REGION, MONTH, episodes=[{}])
    content = (directory / "episodes.csv").read_bytes()
    declared = hashlib.sha256(content).hexdigest()
    (directory / "episodes.csv").write_bytes(content + b"\n")
    found = hashlib.sha256(content + b"\n").hexdigest()
    assert site.rejected(site.ingest) == (
        f"{WHERE}/episodes.csv: its sha256 is {found}, and delivery.json says {declared}: the file changed on its way "
        "or was replaced. Deliver it again with a delivery.json of its own."
    )
    message = site.rejected(lambda: site.deliver_files({"contacts.csv": CONTACTS}, rows={"contacts.csv": 3}))
    assert message == f"{WHERE}/contacts.csv holds 0 rows, and delivery.json says 3. Deliver it again."


def test_a_quote_that_swallows_rows_is_pointed_at(site: Site) -> None:
    rows = b'\n01;0180;;"A;x;;;;\n01;0180;;"B";x;;;;\n01;0180;;C;x;;;;\n'
    message = site.rejected(lambda: site.deliver_files({"contacts.csv": CONTACTS + rows}))
    assert message == (
        f"{WHERE}/contacts.csv holds 2 rows, and delivery.json says 3. A quote that closes in the wrong place may be "
        "the reason: see line 2. Deliver it again."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "contacts.csv is empty: a header row is expected even where there are no rows."),
        (b"\n" + CONTACTS, "contacts.csv, line 1 is empty: the header row is expected there."),
        (CONTACTS.replace(b";role", b""), "contacts.csv, line 1: the required column role is missing."),
        (CONTACTS + b";colour;shape", "contacts.csv, line 1: unknown column 'colour', 'shape'; expected are"),
        (CONTACTS.replace(b";role", b";Role"), "contacts.csv, line 1: unknown column 'Role'; expected are region_code"),
        (CONTACTS.replace(b";", b","), "contacts.csv, line 1: unknown column 'region_code,municipality_code,"),
        (CONTACTS + b";role", "contacts.csv, line 1: the column 'role' is there twice: deliver it once."),
        (CONTACTS + b";", "contacts.csv, line 1: column number 10 has no name."),
        (CONTACTS + b'\n01;"x\n', "contacts.csv, line 2: a quote opens here and never closes."),
        (CONTACTS + b'\n01;\xe5\n', "contacts.csv, line 2: the byte 0xe5 at byte offset 100 is not utf-8."),
        (CONTACTS.decode().encode("utf-16"), "contacts.csv, line 1: the byte 0xff at byte offset 0 is not utf-8."),
    ],
)  # fmt: skip
def test_a_csv_file_that_cannot_be_read(site: Site, content: bytes, message: str) -> None:
    assert site.rejected(lambda: site.deliver_files({"contacts.csv": content})).startswith(f"{WHERE}/{message}")


def test_an_undecodable_byte_of_an_eight_bit_encoding(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "CHUNK", 16)
    content = CONTACTS + b"\n01;0180;;\xc5;x;;;;\n01;0180;;\x81;x;;;;\n"
    given = {"file_facts": {"contacts.csv": {"encoding": "cp1252"}}}
    message = site.rejected(lambda: site.deliver_files({"contacts.csv": content}, **given))
    assert message.startswith(f"{WHERE}/contacts.csv, line 3: the byte 0x81 at byte offset 123 is not cp1252.")


def test_archives_that_are_broken_or_too_dense(site: Site) -> None:
    packed = gzip.compress(CONTACTS + b"\n")
    for content in (packed[:-4], b"no archive", packed + b"more"):
        deliver = partial(site.deliver_files, {"contacts.csv.gz": content}, rows={"contacts.csv.gz": 0})
        message = site.rejected(deliver)
        assert message.startswith(f"{WHERE}/contacts.csv.gz cannot be unpacked as gzip (")
    bomb = gzip.compress(CONTACTS + b"\n" * 1_000_000)
    message = site.rejected(lambda: site.deliver_files({"contacts.csv.gz": bomb}, rows={"contacts.csv.gz": 0}))
    assert f"contacts.csv.gz unpacks from {len(bomb)} bytes to more than 200 times its size" in message


def parquet(path: Path, sql: str) -> bytes:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"copy ({sql}) to '{path}' (format parquet)")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (
            "select ['x'] as role",
            "column 'role' holds VARCHAR[]: deliver text, numbers, booleans, dates or timestamps.",
        ),
        ("select {'a': 1} as role, 1 as phone", "column 'role' holds STRUCT(a INTEGER): deliver text, numbers,"),
        ("select 'x'::blob as role", "column 'role' holds BLOB: deliver text, numbers,"),
        ("select time '10:00' as role", "column 'role' holds TIME: deliver text, numbers,"),
        ("select 1 as colour", "line 1: unknown column 'colour'; expected are"),
    ],
)
def test_a_parquet_file_that_cannot_be_read(site: Site, tmp_path: Path, sql: str, message: str) -> None:
    base = "select '01' as region_code, '0180' as municipality_code, 'E' as unit_name"
    sql = f"select * from ({base}) cross join ({sql if 'role' in sql else sql + ', 2 as role'})"
    content = parquet(tmp_path / "x.parquet", sql)
    found = site.rejected(lambda: site.deliver_files({"contacts.parquet": content}, rows={"contacts.parquet": 1}))
    assert found.startswith(f"{WHERE}/contacts.parquet, {message}")


def test_a_damaged_or_too_dense_parquet_file(site: Site, tmp_path: Path) -> None:
    wrong = b"PAR1 and then nothing PAR1"
    found = site.rejected(lambda: site.deliver_files({"contacts.parquet": wrong}, rows={"contacts.parquet": 0}))
    assert found == (
        f"{WHERE}/contacts.parquet cannot be read as Parquet: it is damaged or no Parquet file. Write it again."
    )
    path = tmp_path / "dense.parquet"
    duckdb.execute(
        f"""
        copy (
            select '01' as region_code, '0180' as municipality_code, 'E' as unit_name, repeat('x', 100000000) as role
        ) to '{path}' (format parquet, compression zstd, dictionary_size_limit 1)
        """
    )
    dense = {"contacts.parquet": path.read_bytes()}
    found = site.rejected(lambda: site.deliver_files(dense, rows={"contacts.parquet": 1}))
    assert "contacts.parquet unpacks from" in found


def test_a_source_system_without_a_mapping(site: Site) -> None:
    message = site.rejected(lambda: site.deliver(source_system="cosmic"))
    assert message == (
        "delivery.json names the source system 'cosmic', and there is no mapping for it (known: canonical, "
        f"lifecare_sp, prator, webcare). Correct the name, or write {site.settings.mappings / 'cosmic.yml'}."
    )


def test_no_lower_version_takes_the_place_of_a_rejected_one(site: Site) -> None:
    write_delivery(site.landing, REGION, MONTH, version=1)
    change(write_delivery(site.landing, REGION, MONTH, version=2), source_system="cosmic")
    site.rejected(site.ingest)


def test_the_highest_complete_version_wins(site: Site) -> None:
    for version in (1, 9, 10):
        write_delivery(site.landing, REGION, MONTH, version=version)
    (site.landing / REGION / MONTH / "v11").mkdir()
    directory = landing.winning(site.landing, REGION, MONTH)
    assert directory is not None and directory.name == "v10"
    assert site.ingest().delivery.version == 10
    assert landing.winning(site.landing, REGION, "2026-09") is None
    assert landing.winning(site.landing, "24", MONTH) is None


def test_regions_and_months_have_a_complete_delivery(site: Site) -> None:
    for region, month in (("24", "2026-02"), ("01", "2026-10"), ("01", "2026-09")):
        write_delivery(site.landing, region, month)
    (site.landing / "05" / "2026-10" / "v01").mkdir(parents=True)
    (site.landing / "01" / "2026-11" / "v01").mkdir(parents=True)
    (site.landing / "notes" / "2026-11" / "v01").mkdir(parents=True)
    assert landing.regions(site.landing) == ["01", "24"]
    assert landing.months(site.landing, "01") == ["2026-09", "2026-10"]
    assert landing.regions(site.landing / "nowhere") == []


def test_missing_months_are_named(site: Site) -> None:
    with pytest.raises(DeliveryMissing, match="Region 01 has no complete delivery for 2026-10"):
        site.ingest()
    with pytest.raises(DeliveryMissing, match="Region 01 has no delivery for 2026-10 or earlier"):
        bronze.ingest_through(site.settings, REGION, MONTH)
    write_delivery(site.landing, REGION, "2026-07")
    write_delivery(site.landing, REGION, "2026-09")
    with pytest.raises(DeliveryMissing, match="no delivery for 2026-08, 2026-10: every month from its first, 2026-07"):
        bronze.ingest_through(site.settings, REGION, MONTH)
    write_delivery(site.landing, REGION, "2026-08")
    found = bronze.ingest_through(site.settings, REGION, "2026-09")
    assert [one.month for one in found] == ["2026-07", "2026-08", "2026-09"]


def test_a_key_file_that_others_may_read_or_that_is_too_short(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    write_delivery(site.landing, REGION, MONTH)
    monkeypatch.setenv("LUS_PSEUDONYM_KEY", "short")
    with pytest.raises(ConfigurationError, match="LUS_PSEUDONYM_KEY holds a pseudonym key of 5 characters"):
        site.ingest()
    monkeypatch.delenv("LUS_PSEUDONYM_KEY")
    first = site.ingest().delivery.digest
    path = site.settings.secrets / "pseudonym.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert site.ingest().delivery.digest == first
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="may be read by others than its owner"):
        site.ingest()
    path.chmod(0o600)
    path.write_text("short\n")
    with pytest.raises(ConfigurationError, match="holds a pseudonym key of 5 characters"):
        site.ingest()


def test_rejections_have_the_exit_code_of_a_delivery() -> None:
    assert DeliveryRejected.exit_code == DeliveryMissing.exit_code == 3
