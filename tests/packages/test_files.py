"""The files of a package: every format holds the same values, programs and Excel read them, the same bytes again."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import openpyxl
import pytest

from dagster_project.errors import LusError
from dagster_project.packages import workbook
from dagster_project.packages.tables import Package, describe
from dagster_project.packages.write import write_package
from dagster_project.releases.dbt_facts import Described
from dagster_project.settings import PROJECT_ROOT
from tests.packages import reading, small

TERMS = {
    name: (f"titel {name}", f"Betydelse av {name}.")
    for name in ("code", "days", "amount", "share", "note", "at", "month")
}
PACKAGE = Package(
    name="lus-01-2024-12",
    workbook="lus-01-2024-12.xlsx",
    title="Region Stockholm: utskrivning från slutenvård, december 2024",
    explanation=["Öppna tabeller."],
    licence={"name": "CC0-1.0", "title": "CC0 1.0"},
    sources=["Region Stockholm: leveranser"],
    version="2024-12",
    created=datetime(2025, 1, 3, 1, 10, tzinfo=UTC),
    is_synthetic=False,
)
OPEN = """(values
    ('0180', 5, 'shown', 41000.50::decimal(14, 2), 'shown', 0.5::decimal(9, 6)),
    ('0114', 0, 'shown', null, 'missing', null),
    ('0186', null, 'suppressed', null, 'suppressed', null)
) open(code, days, days_status, amount, amount_status, share)"""


def written(out: Path, relation: str, package: Package = PACKAGE) -> Path:
    with duckdb.connect() as connection:
        table = describe(connection, "mart_open", "Öppen tabell", Described(["code"], "öppen tabell"), TERMS, relation)
        write_package(connection, package, [table], out)
    return out


@pytest.mark.parametrize("code", small.OWN_PACKAGES)
def test_csv_workbook_and_parquet_hold_the_same_values(packages: Path, code: str) -> None:
    package = packages / code
    for table in reading.tables(package):
        columns, rows = reading.from_parquet(package, table)
        assert rows
        assert reading.from_csv(package, table, columns) == rows, table
        # A workbook has no text but what is not empty, and no carriage return at all.
        shown = reading.from_workbook(package, table, columns)
        assert [tuple(map(_as_in_excel, row)) for row in shown] == [tuple(map(_as_in_excel, row)) for row in rows]


def _as_in_excel(value: Any) -> Any:
    return value.replace("_x000D_", "\n").replace("\r", "\n") if isinstance(value, str) else value


@pytest.mark.parametrize("code", small.OWN_PACKAGES)
def test_frictionless_finds_every_package_valid(packages: Path, code: str) -> None:
    report = frictionless.validate(packages / code / "datapackage.json")
    assert report.valid, report.flatten(["name", "type", "message"])


def test_frictionless_sees_a_changed_cell(packages: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(packages / small.SOLNA, tmp_path / "package")
    path = copy / "csv" / "fct_readiness_intervals.csv"
    path.write_bytes(path.read_bytes().replace(b";80+;", b";80-;"))
    assert not frictionless.validate(copy / "datapackage.json").valid


def test_the_descriptor_tells_types_units_keys_licence_and_sources(packages: Path) -> None:
    facts = json.loads((packages / small.STOCKHOLM / "datapackage.json").read_text(encoding="utf-8"))
    assert facts["name"] == "lus-01-2024-12-0180"
    assert facts["isSynthetic"] is True
    assert facts["created"] == "2025-01-03T01:10:00Z"
    assert facts["licenses"][0]["name"] == "other-closed"
    assert facts["sources"] == [{"title": "Region Stockholm: leveranser 2024-12 till 2024-12 (canonical)"}]
    by_name = {resource["name"]: resource for resource in facts["resources"]}
    schema = by_name["mart_payment_responsibility_monthly"]["schema"]
    fields = {field["name"]: field for field in schema["fields"]}
    assert schema["primaryKey"] == ["region_code", "month", "municipality_code", "payment_class", "agreement_id"]
    assert fields["amount"] == {
        "name": "amount",
        "type": "number",
        "decimalChar": ",",
        "bareNumber": True,
        "title": "belopp",
        "description": fields["amount"]["description"],
        "unit": "kr",
    }
    assert [fields[name].get("unit") for name in ("liable_days", "model")] == ["dagar", None]
    listed = {resource["path"] for resource in facts["resources"]}
    files = {path.relative_to(packages / small.STOCKHOLM).as_posix() for path in _files(packages / small.STOCKHOLM)}
    assert files - listed == {"datapackage.json"}


def _files(directory: Path) -> list[Path]:
    return [path for path in sorted(directory.rglob("*")) if path.is_file()]


def test_no_text_can_become_a_formula(packages: Path) -> None:
    package = packages / small.HUDDINGE
    columns, rows = reading.from_parquet(package, "fct_readiness_intervals")
    place = [name for name, _ in columns].index("case_id")
    assert {row[place] for row in rows} >= set(small.FORMULAS)
    for path in (package / "csv").iterdir():
        for line in reading.lines(path):
            assert not [text for text in line if text.startswith(("=", "+", "@", "\t", "\r"))], path.name
            assert not [text for text in line if text.startswith("-") and not re.fullmatch(r"-\d+(,\d+)?", text)]
    with zipfile.ZipFile(next(package.glob("*.xlsx"))) as parts:
        for part in parts.namelist():
            assert b"<f>" not in parts.read(part), part
    for sheet in reading.workbook(package).worksheets:
        assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


def test_a_code_keeps_its_zero(packages: Path) -> None:
    package = packages / small.STOCKHOLM
    assert b";0180;" in (package / "csv" / "mart_payment_responsibility_monthly.csv").read_bytes()
    sheet = reading.workbook(package)["Betalningsansvar"]
    cell = next(cell for cell in sheet[3] if cell.value == "0180")
    assert (cell.data_type, cell.number_format) == ("s", "@")


def test_a_sheet_is_titled_in_swedish_frozen_filtered_and_formatted(packages: Path) -> None:
    sheet = reading.workbook(packages / small.STOCKHOLM)["Betalningsansvar"]
    titles = {name.value: (title.value, cell) for title, name, cell in zip(sheet[1], sheet[2], sheet[5], strict=True)}
    assert titles["liable_days"][0] == "dagar med betalningsansvar"
    assert sheet.freeze_panes == "A3"
    assert sheet.auto_filter.ref == f"A2:{sheet.cell(sheet.max_row, sheet.max_column).coordinate}"
    formats = {name: titles[name][1].number_format for name in ("month", "liable_days", "amount")}
    assert formats == {"month": "yyyy-mm-dd", "liable_days": "#,##0", "amount": "#,##0.00"}
    assert all(9 <= sheet.column_dimensions[letter].width <= 41 for letter in "ABCDEFG")


def test_hidden_zero_and_missing_are_told_apart(tmp_path: Path) -> None:
    package = written(tmp_path / "open", OPEN)
    assert (package / "csv" / "mart_open.csv").read_text(encoding="utf-8-sig").splitlines() == [
        "code;days;days_status;amount;amount_status;share",
        "0114;0;shown;;missing;",
        "0180;5;shown;41000,50;shown;0,500000",
        "0186;;suppressed;;suppressed;",
    ]
    sheet = openpyxl.load_workbook(package / PACKAGE.workbook)["Öppen tabell"]
    assert [[cell.value for cell in row[:5]] for row in sheet.iter_rows(min_row=3)] == [
        ["0114", 0, "shown", None, "missing"],
        ["0180", 5, "shown", 41000.5, "shown"],
        ["0186", workbook.HIDDEN, "suppressed", workbook.HIDDEN, "suppressed"],
    ]
    assert sheet["B5"].fill.patternType != sheet["B4"].fill.patternType
    assert sheet["C1"].value == "titel days, status"
    assert frictionless.validate(package / "datapackage.json").valid


def test_a_cube_has_each_figure_at_its_place_and_says_what_is_hidden(tmp_path: Path) -> None:
    relation = f"(select date '2024-12-01' as month, * exclude (amount, amount_status) from {OPEN})"
    with duckdb.connect() as connection:
        described = Described(["month", "code"], "öppen tabell")
        table = describe(connection, "mart_open", "Öppen tabell", described, TERMS, relation)
        cube = replace(table, dimensions=["month", "code"])
        write_package(connection, PACKAGE, [cube], tmp_path / "open")
    facts = json.loads((tmp_path / "open" / "json-stat" / "mart_open.json").read_text(encoding="utf-8"))
    assert (facts["version"], facts["class"]) == ("2.0", "dataset")
    assert (facts["id"], facts["size"]) == (["month", "code", "figure"], [1, 3, 2])
    assert facts["role"] == {"time": ["month"], "metric": ["figure"]}
    assert facts["dimension"]["code"]["category"]["index"] == ["0114", "0180", "0186"]
    assert facts["dimension"]["figure"]["category"]["index"] == ["days", "share"]
    assert facts["dimension"]["figure"]["category"]["unit"]["days"] == {"label": "dagar"}
    assert facts["value"] == {"0": 0, "2": 5, "3": 0.5}
    assert facts["status"] == {"0": "shown", "2": "shown", "4": "suppressed"}
    assert frictionless.validate(tmp_path / "open" / "datapackage.json").valid


def test_only_synthetic_data_is_called_so(tmp_path: Path) -> None:
    package = written(tmp_path / "open", OPEN)
    first = openpyxl.load_workbook(package / PACKAGE.workbook).worksheets[0]
    assert "SYNTETISKA" not in str(list(first.iter_rows(values_only=True)))


def test_a_table_that_excel_has_no_room_for_is_named_and_stands_in_csv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    package = written(tmp_path / "open", OPEN)
    sheet = openpyxl.load_workbook(package / PACKAGE.workbook)["Öppen tabell"]
    assert sheet["A1"].value == "3 rader: fler än Excel rymmer, läs csv/ eller parquet/"
    assert sheet.max_row == 1
    assert len(reading.lines(package / "csv" / "mart_open.csv")) == 4


@pytest.mark.parametrize(
    ("relation", "message"),
    [
        ("(select 'a' as code, 1 as nobody_knows)", "mart_open.nobody_knows has no Swedish term"),
        ("(select 'a' as code, [1] as days)", "mart_open.days is of type INTEGER"),
    ],
)
def test_a_column_that_cannot_be_told_stops_the_package(tmp_path: Path, relation: str, message: str) -> None:
    with pytest.raises(LusError, match=message):
        written(tmp_path / "open", relation)


def test_the_local_clock_stands_in_csv_and_workbook(tmp_path: Path) -> None:
    # The noon rule rests on the part of a second: it is kept in CSV, and Excel shows whole seconds.
    instants = ["2024-07-01 10:00:00+00", "2024-12-01 11:00:00.5+00", "2024-10-27 01:30:00+00"]
    values = ", ".join(f"('{place}', timestamptz '{text}')" for place, text in enumerate(instants))
    package = written(tmp_path / "open", f'(values {values}) t(code, "at")')
    expected = ["2024-07-01 12:00:00", "2024-12-01 12:00:00.5", "2024-10-27 02:30:00"]
    assert [line[1] for line in reading.lines(package / "csv" / "mart_open.csv")[1:]] == expected
    sheet = openpyxl.load_workbook(package / PACKAGE.workbook)["Öppen tabell"]
    assert [sheet.cell(row, 2).value for row in (3, 4, 5)] == [datetime.fromisoformat(text) for text in expected]


def test_the_same_rows_give_the_same_bytes_in_any_zone_on_any_threads(packages: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.packages.small", str(tmp_path), "1"],
        cwd=PROJECT_ROOT,
        env={**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"},
        check=True,
    )
    elsewhere = tmp_path / "work" / small.REGION / small.MONTH / "municipalities"
    assert hashes(elsewhere) == hashes(packages)


def hashes(directory: Path) -> dict[str, str]:
    return {
        path.relative_to(directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _files(directory)
    }


TRUTH = {"=FALSE()": False, "=TRUE()": True}
"""LibreOffice keeps a truth value as a number that looks like one, and saves it as these formulas."""


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice: it is not installed here")
def test_libreoffice_finds_the_parquets_figures_in_the_workbook(packages: Path, tmp_path: Path) -> None:
    """Opened and saved anew: what LibreOffice leaves out, mends or reads otherwise is not what the Parquet holds."""
    books = {code: next((packages / code).glob("*.xlsx")) for code in (small.STOCKHOLM, small.HUDDINGE)}
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", tmp_path, *books.values()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    for code, book in books.items():
        again = tmp_path / code
        again.mkdir()
        (tmp_path / book.name).rename(again / book.name)
        assert reading.workbook(again).sheetnames == reading.workbook(packages / code).sheetnames
        for table in reading.tables(packages / code):
            columns, rows = reading.from_parquet(packages / code, table)
            shown = reading.from_workbook(again, table, columns)
            told = [tuple(TRUTH.get(value, value) for value in row) for row in shown]
            assert [tuple(map(_as_in_excel, row)) for row in told] == [tuple(map(_as_in_excel, row)) for row in rows]
