"""The page on billing readiness says what the mart says, cell by cell, and can be read anywhere by anyone."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from dagster_project.reports import billing_readiness, swedish
from dagster_project.settings import SEEDS_DIR
from tests.reports.browser import assert_everyone_can_read
from tests.reports.document import Document

MONTH = "2024-02"

# unit_type, unit_id, {criterion: (value, passed, missing)}, (verdict passed, missing)
UNITS = [
    (
        "hospital",
        "SE-A",
        {
            "admission_notice_present": ("0.95", True, None),
            "ready_notice_assessed": ("1", True, None),
            "assessment_to_notice_median_hours": ("3.950001", True, None),
            "contradictory_times": ("0.000001", True, None),
        },
        (True, None),
    ),
    (
        "hospital",
        "SE-B",
        {
            "admission_notice_present": ("0.949999", False, "0.000001"),
            "assessment_to_notice_median_hours": ("4.000001", False, "0.000001"),
            "contradictory_times": ("0.010001", False, "0.000001"),
            "orphans": ("0", None, None),
        },
        (False, "admission_notice_present=0.000001|assessment_to_notice_median_hours=0.000001"),
    ),
    ("hospital", "SE-<b>C</b>", {"admission_notice_present": (None, None, None)}, (False, "too_few_observations")),
    (
        "municipality",
        "0180",
        {
            "reconciliation_remainder": ("1234567.891", False, "1234567.871"),
            "district_completeness": ("0.992", True, None),
        },
        (False, "reconciliation_remainder=1234567.871"),
    ),
    (
        "municipality",
        "0126",
        {"reconciliation_remainder": (None, False, "unknown")},
        (False, "reconciliation_remainder=unknown"),
    ),
]


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables that the page is made from: the shipped criteria, and units on both sides of every boundary."""
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            create table dim_billing_criterion as
            select * replace (threshold::decimal(14, 4) as threshold, valid_to::date as valid_to)
            from read_csv('{SEEDS_DIR / "billing_criteria.csv"}', types = {{'valid_from': 'date', 'valid_to': 'date'}});
            create table dim_region as select '01' as region_code, 'Region Stockholm' as name;
            create table dim_municipality as
            select '0180' as municipality_code, '0180 Stockholm' as display_name
            union all select '0126', '0126 Huddinge';
            create table mart_billing_readiness_monthly (
                region_code varchar, month date, unit_type varchar, unit_id varchar, criterion varchar,
                value decimal(18, 6), threshold decimal(18, 6), passed boolean, missing_for_verdict varchar
            )
            """
        )
        for unit_type, unit_id, cells, (passed, missing) in UNITS:
            add(connection, "2024-02-01", unit_type, unit_id, "verdict", "0", passed, missing)
            for criterion, (value, is_met, distance) in cells.items():
                add(connection, "2024-02-01", unit_type, unit_id, criterion, value, is_met, distance)
        yield connection


def add(
    connection: duckdb.DuckDBPyConnection,
    month: str,
    unit_type: str,
    unit_id: str,
    criterion: str,
    value: str | None,
    passed: bool | None,
    missing: str | None,
) -> None:
    connection.execute(
        "insert into mart_billing_readiness_monthly values ('01', ?, ?, ?, ?, ?, 0, ?, ?)",
        [month, unit_type, unit_id, criterion, value, passed, missing],
    )


def page_of(connection: duckdb.DuckDBPyConnection, month: str = MONTH, *, is_synthetic: bool = False) -> str:
    return billing_readiness.render(billing_readiness.read(connection, "01", month, is_synthetic=is_synthetic))


def test_each_cell_is_the_marts(marts: duckdb.DuckDBPyConnection) -> None:
    tables = [rows for caption, rows in Document(page_of(marts)).tables if caption.startswith("Värde och utfall")]
    hospitals, municipalities = tables
    assert hospitals[0][:3] == ["|Vårdenhet", "|Omdöme", "|Inskrivningsmeddelande finns|minst 95 %"]
    assert [len(row) for row in hospitals] == [10] * 4
    assert [len(row) for row in municipalities] == [12] * 3
    not_asked = "|gäller inte"
    assert hospitals[1] == [
        "|SE-<b>C</b>", "|○ för lite underlag", "|○ bedöms inte", *[not_asked] * 7,
    ]  # fmt: skip
    assert hospitals[2] == [
        "|SE-A", "|✓ räcker", "|95,0 %|✓ uppfyllt", not_asked, "|100,0 %|✓ uppfyllt", "|4,0 timmar|✓ uppfyllt",
        not_asked, not_asked, not_asked, "|0,1 %|✓ uppfyllt",
    ]  # fmt: skip
    assert hospitals[3] == [
        "|SE-B", "|✗ räcker inte", "|94,9 %|✗ ej uppfyllt", not_asked, not_asked, "|4,1 timmar|✗ ej uppfyllt",
        not_asked, not_asked, "|0,0 %|○ bedöms inte", "|1,1 %|✗ ej uppfyllt",
    ]  # fmt: skip
    assert municipalities[1][0] == "|0126 Huddinge"
    assert municipalities[1][-2:] == ["|✗ ej uppfyllt", not_asked]
    assert municipalities[2][0] == "|0180 Stockholm"
    assert municipalities[2][-2:] == ["|1 234 567,90 kr|✗ ej uppfyllt", "|99,2 %|✓ uppfyllt"]


def test_no_figure_looks_better_than_it_is(marts: duckdb.DuckDBPyConnection) -> None:
    page = billing_readiness.read(marts, "01", MONTH, is_synthetic=False)
    for group in page.groups:
        for criterion in group.criteria:
            for nudge in ("-0.000001", "0", "0.000001"):
                value = criterion.threshold + Decimal(nudge)
                fails = (
                    value < criterion.threshold if criterion.direction == "at_least" else value > criterion.threshold
                )
                shown = Decimal(re.sub(r"[^0-9,]", "", criterion.value(value)).replace(",", "."))
                limit = Decimal(re.sub(r"[^0-9,]", "", criterion.demand).replace(",", "."))
                looks_failed = shown < limit if criterion.direction == "at_least" else shown > limit
                assert looks_failed or not fails, (criterion.criterion, criterion.value(value))


def test_the_answer_and_what_is_missing_stand_in_words(marts: duckdb.DuckDBPyConnection) -> None:
    text = " ".join(Document(page_of(marts)).text.split())
    assert "Nej, inte i hela länet 1 av 3 vårdenheter och 0 av 2 kommuner uppfyller alla krav som kan bedömas." in text
    assert "1 vårdenhet och 2 kommuner uppfyller inte kraven" in text
    assert "1 vårdenhet och 0 kommuner har för lite underlag för att bedömas." in text
    assert (
        "SE-B Inskrivningsmeddelande finns: 94,9 %, kravet är minst 95 %, 0,1 procentenheter saknas. "
        "Timmar från bedömning till underrättelse: 4,1 timmar, kravet är högst 4 timmar, 0,1 timmar för mycket. "
        "Motsägande tider: 1,1 %, kravet är högst 1 %, 0,1 procentenheter för mycket."
    ) in text
    assert "0126 Huddinge Avstämningens restbelopp: värdet är okänt, kravet är högst 0,02 kr." in text
    assert "kravet är högst 0,02 kr, 1 234 567,88 kr för mycket." in text
    assert "För lite underlag för att bedömas: SE-<b>C</b>." in text


@pytest.mark.parametrize(
    ("verdicts", "answer"),
    [
        ([(True, None), (True, None)], "Ja"),
        ([(True, None), (False, "too_few_observations")], "Det går inte att visa"),
        ([(False, "orphans=0.010000"), (True, None)], "Nej, inte i hela länet"),
        ([], "Det går inte att visa"),
    ],
)
def test_the_answer_is_yes_only_where_every_unit_passed(
    marts: duckdb.DuckDBPyConnection, verdicts: list[tuple[bool, str | None]], answer: str
) -> None:
    marts.execute("delete from mart_billing_readiness_monthly")
    for unit_id, (passed, missing) in zip(("SE-A", "SE-B"), verdicts, strict=False):
        add(marts, "2024-02-01", "hospital", unit_id, "verdict", "0", passed, missing)
    found = re.search(r'<h2 id="svar">(.*?)</h2>', page_of(marts))
    assert found
    assert found[1] == answer


def test_the_trend_ends_with_the_month_and_holds_twelve(marts: duckdb.DuckDBPyConnection) -> None:
    for number in range(1, 13):
        add(marts, f"2023-{number:02d}-01", "hospital", "SE-A", "verdict", "0", number > 6, "orphans=1")
    add(marts, "2024-03-01", "hospital", "SE-A", "verdict", "0", True, None)
    ((_, rows),) = [table for table in Document(page_of(marts)).tables if table[0].startswith("Antal enheter")]
    assert [row[0] for row in rows[1:]] == [
        *(f"|{swedish.month_name(date(2023, number, 1))}" for number in range(2, 13)),
        "|februari 2024",
    ]
    assert rows[1][1:] == ["|0 av 1", "|0 av 0"]
    assert rows[-1][1:] == ["|1 av 3|1 kan inte bedömas", "|0 av 2"]


def test_a_demonstration_says_so_and_nothing_else_does(marts: duckdb.DuckDBPyConnection) -> None:
    assert "Påhittade uppgifter" in page_of(marts, is_synthetic=True)
    assert "Påhittade" not in page_of(marts)


def test_every_criterion_says_what_is_demanded_and_why(marts: duckdb.DuckDBPyConnection) -> None:
    text = " ".join(Document(page_of(marts)).text.split())
    with (SEEDS_DIR / "billing_criteria.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["definition_sv"] in text
            assert row["source"][1:] in text
    assert text.count("Preliminärt förslag.") == 10


def test_the_same_rows_give_the_same_bytes(marts: duckdb.DuckDBPyConnection) -> None:
    first = page_of(marts)
    marts.execute("create table turned as select * from mart_billing_readiness_monthly order by random()")
    marts.execute("delete from mart_billing_readiness_monthly")
    marts.execute("insert into mart_billing_readiness_monthly select * from turned")
    assert page_of(marts) == first


def test_the_page_needs_nothing_from_elsewhere_and_escapes_what_it_shows(marts: duckdb.DuckDBPyConnection) -> None:
    html = page_of(marts)
    document = Document(html)
    assert document.open == []
    names = {tag for tag, _ in document.tags}
    assert not names & {"script", "link", "img", "iframe", "object", "b"}
    assert not [attrs for _, attrs in document.tags if {"src", "onload", "onclick"} & set(attrs)]
    links = [attrs["href"] for _, attrs in document.tags if "href" in attrs]
    assert links == ["../dbt/index.html", "../gate/data_docs/index.html"]
    assert "url(http" not in html
    assert "SE-&lt;b&gt;C&lt;/b&gt;" in html


def test_the_page_is_made_for_screen_readers(marts: duckdb.DuckDBPyConnection) -> None:
    document = Document(page_of(marts))
    assert ("html", {"lang": "sv"}) in document.tags
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in document.tags if tag == "th")
    assert all(caption for caption, _ in document.tables)
    assert len({caption for caption, _ in document.tables}) >= 2
    headings = [int(tag[1]) for tag, _ in document.tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(headings))
    for tag, attrs in document.tags:
        if tag == "svg":
            assert attrs["aria-hidden"] == "true"


def test_everyone_can_read_the_page(marts: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    for unit_type in ("hospital", "municipality"):
        for number in range(26):
            add(marts, "2023-09-01", unit_type, f"{number}", "verdict", "0", number < 10, "too_few_observations")
    (tmp_path / "page.html").write_text(page_of(marts), encoding="utf-8")
    assert_everyone_can_read([tmp_path / "page.html"], tmp_path)
