"""The same rows from every encoding, delimiter, line end, packing and Parquet type that the contract allows."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.contract.conftest import Site
from tests.deliveries import DEFAULTS, fill

CONTACT = {"unit_name": "Åre ”Öst”", "phone": "08-123 45;67", "weekend_hours": "true", "verified_on": "2026-10-01"}
EXPECTED = [("01", "0180", None, "Åre ”Öst”", "samordnare", "08-123 45;67", None, True, "2026-10-01")]
COLUMNS = (
    "region_code, municipality_code, district_code, unit_name, role, phone, email, weekend_hours, verified_on::text"
)


def contacts(encoding: str = "utf-8", **dialect: Any) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(DEFAULTS["contacts"]), **({"delimiter": ";", "lineterminator": "\n"} | dialect))
    writer.writeheader()
    writer.writerow(fill("contacts", CONTACT, "01", "2026-10", 1))
    return text.getvalue().encode(encoding)


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        (contacts(), {}),
        (contacts("utf-8-sig"), {}),
        (contacts("utf-8-sig", quoting=csv.QUOTE_ALL), {}),
        (contacts("cp1252"), {"encoding": "cp1252"}),
        (contacts(delimiter=","), {"delimiter": ","}),
        (contacts(delimiter="\t"), {"delimiter": "\t"}),
        (contacts(delimiter="|", quoting=csv.QUOTE_ALL), {"delimiter": "|"}),
        (contacts(lineterminator="\r\n"), {}),
        (contacts(lineterminator="\r"), {}),
        (contacts().rstrip(b"\n"), {}),
        (contacts() + b"\n\r\n", {}),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_the_same_row_whatever_the_form(site: Site, content: bytes, facts: dict[str, str], packed: bool) -> None:
    name = "contacts.csv.gz" if packed else "contacts.csv"
    content = gzip.compress(content) if packed else content
    ingested = site.deliver_files({name: content}, rows={name: 1}, file_facts={name: facts})
    assert ingested.rows("contacts", COLUMNS) == EXPECTED
    assert ingested.rows("contacts", "file, line, version, delivery_month::text") == [(name, 2, 1, "2026-10-01")]


def test_latin_1_has_no_undecodable_byte(site: Site) -> None:
    content = contacts("utf-8").replace("”".encode(), b"").decode().encode("iso-8859-1")
    facts = {"contacts.csv": {"encoding": "iso-8859-1"}}
    assert site.deliver_files({"contacts.csv": content}, file_facts=facts).rows("contacts", "unit_name") == ["Åre Öst"]


def test_columns_come_in_any_order_and_optional_ones_may_be_absent(site: Site) -> None:
    content = b"role;unit_name;municipality_code;region_code\nx;E;0180;01\n"
    assert site.deliver_files({"contacts.csv": content}).rows("contacts", COLUMNS) == [
        ("01", "0180", None, "E", "x", None, None, None, None)
    ]


def test_an_archive_of_several_members_is_one_file(site: Site) -> None:
    content = contacts()
    packed = gzip.compress(content[:50]) + gzip.compress(content[50:])
    assert site.deliver_files({"contacts.csv.gz": packed}).rows("contacts", COLUMNS) == EXPECTED


def parquet(path: Path, sql: str) -> bytes:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'America/New_York'")
        connection.execute(f"copy ({sql}) to '{path}' (format parquet)")
    return path.read_bytes()


INVOICE = """'01' as region_code, 'L1' as invoice_line_id, 'F1' as invoice_id, 'debit' as invoice_kind,
    '0180' as municipality_code, 'somatic' as payment_class, 'none' as dispute_status"""


@pytest.mark.parametrize(
    "typed",
    [
        """'2026-10-20' as invoice_date, '2026-09' as care_month, '2.5' as days, '100,00' as rate_sek,
            '250' as amount_sek""",
        """date '2026-10-20' as invoice_date, '2026-09' as care_month, 2.5::double as days, 100 as rate_sek,
            250.0000::decimal(18, 4) as amount_sek""",
        """timestamp '2026-10-20' as invoice_date, date '2026-09-01' as care_month, 2.50::float as days,
            100::hugeint as rate_sek, 250::double as amount_sek""",
        """timestamp_ns '2026-10-20' as invoice_date, timestamp '2026-09-01' as care_month, 2.5::decimal(2, 1) as days,
            100::utinyint as rate_sek, 250::smallint as amount_sek""",
    ],
)
def test_parquet_columns_may_be_typed_or_text(site: Site, tmp_path: Path, typed: str) -> None:
    content = parquet(tmp_path / "x.parquet", f"select {INVOICE}, {typed}")
    ingested = site.deliver_files({"invoices.parquet": content}, rows={"invoices.parquet": 1})
    columns = "invoice_date::text, care_month::text, days::text, rate_sek::text, amount_sek::text, line"
    assert ingested.reasons("invoices") == {}
    assert ingested.rows("invoices", columns) == [("2026-10-20", "2026-09-01", "2.50", "100.00", "250.00", 2)]


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("2.345::double as days", "type:days"),
        ("'nan'::double as days", "type:days"),
        ("1e20::double as days", "type:days"),
        ("true as days", "type:days"),
        ("timestamp '2026-10-20 10:00' as invoice_date", "type:invoice_date"),
        ("date '2026-09-02' as care_month", "type:care_month"),
        ("180 as municipality_code", "type:municipality_code"),
        ("null::integer as municipality_code", "required:municipality_code"),
        ("date '5000-01-01' as invoice_date", "time_out_of_range"),
        ("'infinity'::date as invoice_date", "type:invoice_date"),
    ],
)
def test_a_typed_value_is_judged_as_its_text(site: Site, tmp_path: Path, typed: str, reason: str) -> None:
    base = f"""select {INVOICE}, date '2026-10-20' as invoice_date, '2026-09' as care_month, 1 as days, 1 as rate_sek,
        1 as amount_sek"""
    name = typed.rpartition(" as ")[2]
    content = parquet(tmp_path / "x.parquet", f"select * exclude ({name}), {typed} from ({base})")
    ingested = site.deliver_files({"invoices.parquet": content}, rows={"invoices.parquet": 1})
    assert ingested.reasons("invoices") == {2: reason}


def test_parquet_times_are_local_without_a_zone_and_instants_with_one(site: Site, tmp_path: Path) -> None:
    sql = """
        select '01' as region_code, 'M' || i as message_id, 'C1' as case_id,
            'sip_call'::enum('sip_call') as message_type,
            timestamp '2026-10-25 02:30:00.5' as sent_at, timestamptz '2026-10-25 01:30:00Z' as assessed_at,
            '' as sender_unit_id
        from range(3) as numbers (i)"""
    content = parquet(tmp_path / "x.parquet", sql)
    ingested = site.deliver_files({"messages.parquet": content}, rows={"messages.parquet": 3})
    columns = "message_id, epoch_ms(sent_at), sent_at_local::text, epoch_ms(assessed_at), assessed_at_local::text, line"
    assert ingested.rows("messages", columns) == [
        (f"M{i}", 1792888200500, "2026-10-25 02:30:00.5", 1792891800000, "2026-10-25 02:30:00", i + 2) for i in range(3)
    ]
    assert ingested.rows("messages", "sender_unit_id") == [None] * 3


def test_columns_twice_in_parquet_are_told(site: Site, tmp_path: Path) -> None:
    content = parquet(tmp_path / "x.parquet", "select 1 as role, 2 as rolf")
    content = content.replace(b"rolf", b"role")
    message = site.rejected(lambda: site.deliver_files({"contacts.parquet": content}, rows={"contacts.parquet": 1}))
    assert "the column 'role' is there twice" in message
