"""The month's page says what the tables say, tells hidden from zero and from missing, and shows nobody else's rows."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dagster_project.releases.history import Published
from dagster_project.reports.monthly import report
from dagster_project.settings import Settings
from tests.reports import small
from tests.reports.browser import assert_everyone_can_read
from tests.reports.document import Document, assert_readable_aloud
from tests.reports.small import HUDDINGE, NAMES, SOLNA, STOCKHOLM, Made

COUNTY = "open/report.html"


def page_of(code: str) -> str:
    return f"municipalities/{code}/report.html"


def write(
    directory: Path, given: Made, before: Published | None = None, *, threads: int = 2, synthetic: bool = True
) -> Path:
    """The pages of a small release."""
    small.write(directory, given)
    return write_pages(directory, given, before, threads=threads, synthetic=synthetic)


def write_pages(
    directory: Path, given: Made, before: Published | None = None, *, threads: int = 2, synthetic: bool = True
) -> Path:
    inputs = given.inputs
    inputs["deliveries"][0]["is_synthetic"] = synthetic
    for delivery in inputs["deliveries"]:
        delivery["is_synthetic"] = synthetic
    settings = Settings(directory / "home", directory / "landing", threads=threads)
    report.write(settings, directory, inputs, [before] if before else [])
    return directory


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A first release, with a file in Stockholm's package and dbt's documentation."""
    directory = tmp_path_factory.mktemp("release")
    (directory / "municipalities" / STOCKHOLM).mkdir(parents=True)
    (directory / "municipalities" / STOCKHOLM / "lus-01-2024-12-0180.xlsx").touch()
    (directory / "dbt").mkdir()
    (directory / "dbt" / "index.html").touch()
    return write(directory, small.made())


def document(pages: Path, name: str) -> Document:
    return Document((pages / name).read_text(encoding="utf-8"))


def table(page: Document, caption: str) -> list[list[str]]:
    """The rows of the table of this caption, cells without the parser's bars."""
    (found,) = [rows for name, rows in page.tables if name == caption]
    return [[cell.removeprefix("|") for cell in row] for row in found]


def words(page: Document) -> str:
    return " ".join(page.text.split())


def test_each_figure_of_a_municipality_is_the_sum_of_its_own_rows(pages: Path) -> None:
    page = document(pages, page_of(STOCKHOLM))
    # December is the fifteenth month: 2 × (1 140 + 7 + 5 + 6) days, 2 × (34 + 1) at its end.
    days = table(page, "Utskrivningsklara dagar, månad för månad")
    assert days[1] == ["december 2024", "2 316", "74,7", "70"]
    assert days[-1] == ["december 2023", "2 076", "67,0", "46"]
    assert len(days) == 14
    assert table(page, "Stadsdelsområden i Stockholm, december 2024")[1:] == [
        ["Södermalm", "2 294", "2 054", "", "36 av 700"],
        ["Järva", "22", "22", "", "4 av 100"],
    ]
    assert table(page, "Vårdområden, december 2024")[1:] == [
        ["Somatisk vård", "2 302", "2 062", ""],
        ["Geriatrisk vård", "0", "0", ""],
        ["Psykiatrisk vård", "14", "14", ""],
        ["Beroendevård", "0", "0", ""],
    ]
    somatic = table(page, "Betalningsansvar månad för månad, somatisk vård, även geriatrisk")
    assert somatic[1] == ["december 2024", "1,25", "900", "0", "0 kr"]
    psychiatric = table(page, "Betalningsansvar månad för månad, psykiatrisk vård, även beroendevård")
    assert psychiatric[1] == ["december 2024", "3", "12", "saknas"]
    readmitted = table(page, "Återinskrivningar månad för månad, 65 år och äldre, somatisk och geriatrisk vård")
    assert readmitted[1] == [
        "december 2024", "40 av 800", "5,0 %", "3,7–6,7 %", "20 av 200", "10,0 %", "6,6–14,9 %", "preliminär",
    ]  # fmt: skip
    assert readmitted[2][-1] == "slutlig"
    process = table(page, "Andelar av dem som skrevs ut i december 2024")
    assert process[1][0] == "Inskrivningsmeddelande inom 24 timmar|högre är bättre"
    assert process[1][1:] == ["52,0 %", "210 av 404", "46,0 %", ""]


def test_a_mean_above_the_level_never_looks_as_if_it_were_at_it(pages: Path) -> None:
    text = words(document(pages, page_of(HUDDINGE)))
    assert "efter dag noll: 2,0033 (utskrivna: 300). Nivån är 2: genomsnittet ligger över nivån." in text
    assert "Dagar med betalningsansvar: 1. Belopp: 11 600 kr. Fakturor skickas; att fakturera: 11 600 kr." in text
    assert "Inga fakturor skickas för månaden" in words(document(pages, page_of(STOCKHOLM)))


def test_the_county_shows_what_the_open_tables_show(pages: Path) -> None:
    page = document(pages, COUNTY)
    assert table(page, "Utskrivningsklara dagar, månad för månad")[1] == ["december 2024", "2 214", "71,4", "60"]
    assert table(page, "Kommunerna, december 2024")[1:] == [
        ["0126 Huddinge", "skyddas", "skyddas", "", "2,0033 ▲|över nivån 2", "skyddas", "skyddas", "skyddas"],
        ["0180 Stockholm", "2 114", "2 102", "", "1,25", "0", "0 kr", "0 av 0"],
        ["0184 Solna", "0", "0", "", "skyddas", "0", "saknas", "0 av 0"],
    ]
    assert table(page, "Kommuner utanför länet och okänd kommun, december 2024")[1:] == [["0330 Knivsta", "9", "9", ""]]
    text = words(page)
    assert "Dagar med betalningsansvar: skyddas. Belopp: skyddas. Fakturor skickas; att fakturera: skyddas." in text
    assert "95 % intervall: 3,3–6,1 %, preliminärt" in text


def test_hidden_is_told_from_zero_and_from_missing(pages: Path) -> None:
    page = document(pages, COUNTY)
    # A district that has become a part of another is hidden with it; one that is not there is zero.
    assert table(page, "Stadsdelsområden i Stockholm, december 2024")[1:] == [
        ["Södermalm", "2 050", "2 050", "", "36 av 700"],
        ["Järva", "skyddas", "skyddas", "", "skyddas"],
    ]
    assert [row[1] for row in table(page, "Vårdområden, december 2024")[1:]] == ["2 186", "0", "skyddas", "0"]
    assert [row[1] for row in table(page, "Kvinnor och män, december 2024")[1:]] == ["skyddas", "1"]
    assert [row[1] for row in table(page, "Åldrar, december 2024")[1:]] == ["0", "0", "0", "1"]
    process = table(page, "Andelar av dem som skrevs ut i december 2024")
    assert [row[1:3] for row in process[1:]] == [["45,2 %", "190 av 420"], ["skyddas", "skyddas"]]
    html = (pages / COUNTY).read_text(encoding="utf-8")
    payment = re.search(r'<svg class="chart"[^>]*aria-labelledby="ansvar-s-t.*?</svg>', html, re.DOTALL)
    assert payment
    assert payment[0].count('class="hidden"') == 13
    assert 'class="bar"' not in payment[0]


def test_what_an_open_table_does_not_tell_apart_is_not_zero(tmp_path: Path) -> None:
    given = small.made()
    days = [row for row in given.shown["mart_ready_days_monthly"] if row[5] == 0]
    page = document(write(tmp_path, replace(given, shown={**given.shown, "mart_ready_days_monthly": days})), COUNTY)
    assert "Kvinnor och män" not in words(page)
    assert "Åldrar" in words(page)


def test_the_county_reads_no_internal_figure(pages: Path, tmp_path: Path) -> None:
    given = small.made()
    internal = {name: [(*row[:-1], 1) for row in rows] for name, rows in given.internal.items()}
    changed = write(tmp_path, replace(given, internal=internal))
    assert (changed / page_of(STOCKHOLM)).read_bytes() != (pages / page_of(STOCKHOLM)).read_bytes()
    assert (changed / COUNTY).read_bytes() == (pages / COUNTY).read_bytes()


def test_a_municipality_shows_nothing_of_another(pages: Path, tmp_path: Path) -> None:
    for code in NAMES:
        html = (pages / page_of(code)).read_text(encoding="utf-8")
        others = {other: name for other, name in {**NAMES, small.KNIVSTA: "Knivsta"}.items() if other != code}
        for other, name in others.items():
            assert other not in html
            assert name not in html.replace("Region Stockholm", "")
    given = small.made()
    own = {name: [row for row in rows if row[0] == HUDDINGE] for name, rows in given.internal.items()}
    own["mart_readmissions_headline_district"] = given.internal["mart_readmissions_headline_district"]
    alone = write(tmp_path, replace(given, internal=own))
    assert (alone / page_of(HUDDINGE)).read_bytes() == (pages / page_of(HUDDINGE)).read_bytes()


def test_a_municipality_without_a_case_has_a_page(pages: Path) -> None:
    page = document(pages, page_of(SOLNA))
    assert {row[1] for row in table(page, "Utskrivningsklara dagar, månad för månad")[1:]} == {"0"}
    text = words(page)
    assert "Ingen period har räknats mot någon överenskommelse under de tretton månaderna." in text
    assert "saknas95 % intervall: saknas." in text
    assert "65 år och äldre: 0 av 0 utskrivna." in text
    assert "○ Det går inte att visa att uppgifterna räcker" in text


def test_a_month_before_the_first_delivery_is_missing_and_not_zero(tmp_path: Path) -> None:
    page = document(write(tmp_path, small.made(first="2024-02")), page_of(STOCKHOLM))
    days = table(page, "Utskrivningsklara dagar, månad för månad")
    assert days[-2:] == [["januari 2024", *["saknas"] * 3], ["december 2023", *["saknas"] * 3]]
    assert days[-3][0] == "februari 2024"
    assert "december 2023: saknas" in words(page).lower()


def test_a_first_release_has_nothing_to_compare_with(pages: Path) -> None:
    assert "Det här är den första utgåvan" in words(document(pages, page_of(STOCKHOLM)))
    assert "Det här är den första utgåvan" in words(document(pages, COUNTY))


def test_what_changed_since_the_release_before_is_listed_with_its_cause(tmp_path: Path) -> None:
    given = small.made()
    november = date(2024, 11, 1)

    def earlier(rows: list[tuple[object, ...]], change: Callable[[list[object]], None]) -> list[tuple[object, ...]]:
        found = []
        for row in rows:
            values = list(row)
            if values[1] == november:
                change(values)
            if values[1] != first_of_month():
                found.append(tuple(values))
        return found

    def first_of_month() -> date:
        return date(2024, 12, 1)

    def fewer_days(values: list[object]) -> None:
        if values[0] == STOCKHOLM and values[2] == "12" and values[4] == "somatic" and values[5] == 1:
            values[7] = 1000

    def another_amount(values: list[object]) -> None:
        if values[0] == HUDDINGE:
            values[9:12] = [0, "0.00", "0.00"]

    def hidden(values: list[object]) -> None:
        if values[0] == small.REGION and values[2:7] == ["all", "all", "all", 0, "all"]:
            values[8] = ".."

    internal, shown = dict(given.internal), dict(given.shown)
    for name, change in (
        ("mart_ready_days_monthly", fewer_days),
        ("mart_payment_responsibility_monthly", another_amount),
    ):
        internal[name] = earlier(given.internal[name], change)
    shown["mart_ready_days_monthly"] = earlier(given.shown["mart_ready_days_monthly"], hidden)
    before = Made(internal, shown)
    small.write(tmp_path / "r01", before)
    published = small.published(tmp_path / "r01", before, "2024-11")
    pages = write(tmp_path / "now", given, published)

    caption = "Ändrade tal, och vad som kan ha ändrat dem"
    late = "sena uppgifter och ändrad referenstabell (districts)"
    page = document(pages, page_of(STOCKHOLM))
    assert table(page, caption)[1:] == [
        ["Utskrivningsklara dagar", "november 2024", "2 166", "2 296", "+130", late],
    ]
    assert "1 tal som visas på sidan är ändrat sedan utgåvan 01/2024-11/r01." in words(page)
    assert "Av alla tal som publiceras för kommunen har 1 ändrats" in words(page)
    assert table(document(pages, page_of(HUDDINGE)), caption)[1:] == [
        ["Dagar med betalningsansvar, somatisk vård", "november 2024", "0", "1", "+1", "ändrad regel"],
        ["Belopp, somatisk vård", "november 2024", "0 kr", "11 600 kr", "+11 600", "ändrad regel"],
    ]
    assert table(document(pages, COUNTY), caption)[1:] == [
        ["Utskrivningsklara vid månadens slut", "november 2024", "skyddas", "60", "", late],
    ]
    assert "Inget tal som visas på sidan har ändrats" in words(document(pages, page_of(SOLNA)))


def test_a_release_before_without_open_tables_is_no_zero(tmp_path: Path) -> None:
    given = small.made()
    small.write(tmp_path / "r01", given)
    shutil.rmtree(tmp_path / "r01" / "open")
    published = small.published(tmp_path / "r01", given, "2024-11")
    pages = write(tmp_path / "now", given, published)
    assert "Utgåvan före, 01/2024-11/r01, har inga tabeller att jämföra med." in words(document(pages, COUNTY))
    assert "Inget tal som visas på sidan har ändrats" in words(document(pages, page_of(STOCKHOLM)))


def test_a_release_without_open_tables_has_no_page_of_the_county(tmp_path: Path) -> None:
    given = small.made()
    small.write(tmp_path, given)
    shutil.rmtree(tmp_path / "open")
    write_pages(tmp_path, given)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("report.html")) == [
        page_of(code) for code in sorted(NAMES)
    ]


def test_the_quality_of_the_data_is_told(pages: Path) -> None:
    text = words(document(pages, page_of(STOCKHOLM)))
    assert "prövats av 3 kontroller. Godkända: 1. Varningar: 1. Undantag: 1." in text
    assert "stays_drop, som skyddar stg_episodes" in text
    assert "hospital_is_present, som skyddar fct_spells; gäller till och med 2024-12-31" in text
    assert "✗ Uppgifterna räcker inte för att fakturera: 1 krav är inte uppfyllt." in text
    assert "1,1 %, kravet är högst 1 %" in text
    assert table(document(pages, COUNTY), "Andel rader i karantän, avrundad uppåt, leveransen för december 2024")[
        1:
    ] == [
        ["Ärenden", "0,4 %"],
        ["Fakturarader", "saknas"],
        ["Meddelanden", "0,1 %"],
    ]
    assert "räcker" not in words(document(pages, COUNTY)).split("Så läses talen")[0]


def test_a_demonstration_says_so_and_nothing_else_does(pages: Path, tmp_path: Path) -> None:
    for name in (COUNTY, page_of(STOCKHOLM)):
        assert "Påhittade uppgifter" in words(document(pages, name))
    real = write(tmp_path, small.made(), synthetic=False)
    for name in (COUNTY, page_of(STOCKHOLM)):
        assert "Påhittade" not in words(document(real, name))


def test_the_same_rows_give_the_same_bytes(pages: Path, tmp_path: Path) -> None:
    given = small.made()
    order = random.Random(7)
    turned = [
        {name: order.sample(rows, len(rows)) for name, rows in side.items()} for side in (given.internal, given.shown)
    ]
    again = write(tmp_path, Made(*turned), threads=1)
    (again / "municipalities" / STOCKHOLM / "lus-01-2024-12-0180.xlsx").touch()
    write_pages(again, given, threads=1)
    for name in (COUNTY, *(page_of(code) for code in NAMES)):
        assert (again / name).read_bytes() == (pages / name).read_bytes()


def test_the_page_needs_nothing_and_links_to_files_of_the_release(pages: Path) -> None:
    for name in (COUNTY, page_of(STOCKHOLM)):
        page = document(pages, name)
        assert page.open == []
        assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object"}
        assert not [attrs for _, attrs in page.tags if {"src", "xlink:href", "onload", "onclick"} & set(attrs)]
        for _, attrs in page.tags:
            if "href" in attrs:
                assert ((pages / name).parent / str(attrs["href"])).is_file()
    assert "lus-01-2024-12-0180.xlsx" in words(document(pages, page_of(STOCKHOLM)))


@pytest.mark.parametrize("name", [COUNTY, page_of(STOCKHOLM), page_of(SOLNA)])
def test_the_page_is_made_for_screen_readers(pages: Path, name: str) -> None:
    assert_readable_aloud(document(pages, name))


def test_what_is_drawn_can_be_seen(pages: Path) -> None:
    """WCAG 2.1: 4.5 to 1 for text, 3 to 1 for what is drawn."""
    css = (pages / COUNTY).read_text(encoding="utf-8").split("</style>")[0]
    colours = dict(re.findall(r"--(\w+): (#\w+);", css))
    drawn = re.findall(r"\.(?:bar|dark|dot|open|interval|joint) \{[^}]*?(?:fill|stroke): (#\w{6})", css)
    assert len(drawn) >= 5
    assert all(contrast(colour) >= 3 for colour in drawn)
    assert all(contrast(colours[name]) >= 4.5 for name in ("ink", "soft", "good", "bad"))


def contrast(colour: str) -> float:
    """Of a colour to white."""

    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[place : place + 2]) for place in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def test_everyone_can_read_the_pages(pages: Path, tmp_path: Path) -> None:
    assert_everyone_can_read([pages / name for name in (COUNTY, page_of(STOCKHOLM))], tmp_path)


@pytest.mark.parametrize(
    ("name", "is_page"),
    [
        (COUNTY, True),
        (page_of(STOCKHOLM), True),
        ("annual/report.html", False),
        ("municipalities/0180/csv/report.html", False),
        ("open/parquet/mart_ready_days_monthly.parquet", False),
    ],
)
def test_only_these_pages_come_after_the_verdict(name: str, is_page: bool) -> None:
    assert report.is_page(name) is is_page
