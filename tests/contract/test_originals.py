"""The original records of quarantined rows, as files to correct and send again."""

from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import pytest

from dagster_project.deliveries import originals
from dagster_project.errors import DeliveryRejected
from tests.contract.conftest import MONTH, REGION, Site

HEADER = "region_code;municipality_code;unit_name;role;weekend_hours"
LINES = ["01;0180;Å;x;nej", "01;0180;B;x;", '01;0180;"C\n;""";x;ja', "01;0180;D", "", "01;180;E;x;true"]
CONTENT = "\r\n".join([HEADER, *LINES])
COPIED = "\n".join([HEADER, LINES[0], LINES[2], LINES[3], LINES[5], ""])
REASONS = "line;reasons\n2;type:weekend_hours\n4;type:weekend_hours\n5;malformed\n7;type:municipality_code\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("packed", [False, True])
def test_the_records_are_copied_as_they_were_delivered(site: Site, tmp_path: Path, encoding: str, packed: bool) -> None:
    name = "contacts.csv.gz" if packed else "contacts.csv"
    content = CONTENT.encode(encoding)
    facts = {name: {"encoding": "cp1252"}} if encoding == "cp1252" else {}
    ingested = site.deliver_files(
        {name: gzip.compress(content) if packed else content}, rows={name: 5}, file_facts=facts
    )
    quarantined = ingested.rows("quarantine", "file, line, reasons")
    out = tmp_path / "out"
    written = originals.copy_quarantined(site.landing / REGION / MONTH / "v01", quarantined, out)
    assert written == [out / "contacts.csv", out / "contacts.reasons.csv"]
    assert (out / "contacts.csv").read_bytes() == COPIED.encode("cp1252" if encoding == "cp1252" else "utf-8")
    assert (out / "contacts.reasons.csv").read_text() == REASONS
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}


def test_records_of_parquet_become_csv(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    duckdb.execute(
        f"""
        copy (
            select '01' as region_code, 180 + i as municipality_code, 'E;' || i as unit_name, null as role
            from range(3) as numbers (i)
        ) to '{path}' (format parquet)
        """
    )
    ingested = site.deliver_files({"contacts.parquet": path.read_bytes()}, rows={"contacts.parquet": 3})
    quarantined = [row for row in ingested.rows("quarantine", "file, line, reasons") if row[1] != 3]
    originals.copy_quarantined(site.landing / REGION / MONTH / "v01", quarantined, tmp_path / "out")
    assert (tmp_path / "out" / "contacts.csv").read_text() == (
        'region_code;municipality_code;unit_name;role\n01;180;"E;0";\n01;182;"E;2";\n'
    )


def test_a_landing_zone_that_changed_meanwhile_is_told(site: Site, tmp_path: Path) -> None:
    ingested = site.deliver_files({"contacts.csv": CONTENT.encode()}, rows={"contacts.csv": 5})
    quarantined = ingested.rows("quarantine", "file, line, reasons")
    directory = site.landing / REGION / MONTH / "v01"
    (directory / "contacts.csv").write_text("other")
    with pytest.raises(DeliveryRejected, match="its sha256 is"):
        originals.copy_quarantined(directory, quarantined, tmp_path / "out")
