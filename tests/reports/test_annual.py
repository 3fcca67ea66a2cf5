"""The annual pages say what the marts say, hide what few stand behind, and a closed year stays as it was closed."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from dagster_project.disclosure.primary import DIFFERENCES, FIGURES, FOLLOW_UP
from dagster_project.packages import annual
from dagster_project.reports.annual.figures import KEYS
from tests.reports import small_annual as small
from tests.reports.browser import assert_everyone_can_read
from tests.reports.document import Document, assert_readable_aloud
from tests.reports.small_annual import HUDDINGE, NAMES, OTHERS, SALEM, SOLNA, STOCKHOLM, YEAR

REPORT = "annual/report.html"
CLOSED = f"annual/{YEAR - 1}"


def page_of(code: str) -> str:
    return f"annual/municipalities/{code}.html"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A first release: December's, with nothing published before it."""
    return small.write(tmp_path_factory.mktemp("annual") / "r01", small.made())


@pytest.fixture(scope="module")
def three_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of a region whose first delivery is of October."""
    return small.write(tmp_path_factory.mktemp("annual") / "r01", small.made("2024-10"))


def document(pages: Path, name: str) -> Document:
    return Document((pages / name).read_text(encoding="utf-8"))


def text(pages: Path, name: str) -> str:
    return " ".join(document(pages, name).text.split())


def table(pages: Path, name: str, caption: str) -> list[list[str]]:
    """The rows of the table of this caption, cells without the parser's bars."""
    (found,) = [rows for its, rows in document(pages, name).tables if its == caption]
    return [[cell.replace("|", " ").strip() for cell in row] for row in found]


class Cited(HTMLParser):
    """Where each figure of a page says that it stands, with its words, and the cells' numbers that say nothing."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.figures: list[tuple[str, str]] = []
        self.uncited: list[str] = []
        self._open: list[str] = []
        self._from: list[str | None] = []
        self.feed(html.replace("\u00a0", " "))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("meta", "br"):
            return
        self._open.append(tag)
        self._from.append(dict(attrs).get("data-from"))
        if self._from[-1]:
            self.figures.append((str(self._from[-1]), ""))

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()
        self._from.pop()

    def handle_data(self, data: str) -> None:
        if any(self._from):
            source, words = self.figures[-1]
            self.figures[-1] = (source, words + data)
        elif "td" in self._open and any(letter.isdigit() for letter in data):
            self.uncited.append(data)


def in_words(value: Decimal | int, unit: str, *, is_signed: bool = False) -> str:
    """A figure as a page has it, reckoned without the code that wrote it."""
    number = Decimal(value)
    places = {"share": "0.1", "mean_days": "0.01", "beds": "0.1", "days_per_1000": "0.1"}.get(unit, "1")
    number = (100 * number if unit == "share" else number).quantize(Decimal(places), ROUND_HALF_UP)
    words = f"{abs(number):,}".replace(",", " ").replace(".", ",")
    sign = "−" if number < 0 else "+" if is_signed and number > 0 else ""
    end = {"share": " %-enheter" if is_signed else " %", "sek": " kr"}.get(unit, "")
    return sign + words + end


class Marts:
    """The rows of the marts by what a figure says that it stands in."""

    def __init__(self, folder: Path) -> None:
        self.rows: dict[tuple[str, ...], dict[str, Any]] = {}
        with duckdb.connect() as connection:

            def read(query: str) -> list[dict[str, Any]]:
                result = connection.execute(query.format(folder))
                names = [column[0] for column in result.description or []]
                return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

            for name in FIGURES:
                for row in read(f"from '{{}}/{name}.parquet'"):
                    self.rows[name, str(row["year"]), *(str(row[column]) for column in KEYS[name])] = row
            for row in read(
                "select month, sum(ready_days) as ready_days from '{}/mart_ready_days_monthly.parquet' group by all"
            ):
                self.rows["annual_months", str(row["month"].year), str(row["month"])] = row
            units = read("select indicator_id, unit from '{}/dim_indicator.parquet'")
        self._units = {row["indicator_id"]: str(row["unit"]) for row in units}

    def values(self, source: str) -> tuple[list[Any], list[str], str]:
        """The values of a figure or an interval, their columns, and their unit."""
        *key, named = source.split(" ")
        columns = named.split(",")
        row = self.rows.get(tuple(key), {})
        if named == "median_days_to_close":
            unit = "beds"
        elif named in ("numerator", "denominator") or "indicator_id" not in row:
            unit = "count"
        else:
            unit = self._units[row["indicator_id"]]
        return [row.get(column) for column in columns], columns, unit


def test_every_figure_is_found_in_a_mart_with_the_same_value(pages: Path) -> None:
    """Hidden ones but those that few stand behind there, and missing ones are not there."""
    marts = Marts(pages / "marts" / "parquet")
    seen: Counter[str] = Counter()
    for name in (REPORT, f"{CLOSED}/report.html", page_of(STOCKHOLM), page_of(SALEM), page_of(SOLNA)):
        page = Cited((pages / name).read_text(encoding="utf-8"))
        assert len(page.figures) > 40
        # What a target demands and the range of others stand in no row of the place.
        assert {cell for cell in page.uncited if " till " not in cell} <= {"100 %"}
        for source, words in page.figures:
            values, columns, unit = marts.values(source)
            is_signed = columns[0] == "change" or columns[0].startswith("difference")
            if words == "saknas":
                assert values[0] is None, source
            elif words == "skyddas":
                assert SALEM in source.split(" ") or "liable_days" in source or "escalated" in source, source
            else:
                ends = [in_words(value, unit, is_signed=is_signed) for value in values]
                ends = [end.split(" %")[0] for end in ends[:-1]] + ends[-1:]
                assert words == (" till " if is_signed else "–").join(ends), source
            seen[words] += 1
    assert seen["skyddas"] > 10
    assert seen["saknas"] > 10


def test_the_first_page_answers_in_words(pages: Path) -> None:
    first = text(pages, REPORT).split("Alla indikatorer för länet")[0]
    assert "I stort sett oförändrat. Av 4 punkter som går att jämföra med hela 2023 är 0 säkert bättre och 0" in first
    assert "Huddinge: oplanerad återinskrivning inom sju dagar 12,0 % mot 6,0 %." in first
    assert "Länet: 6,0 %. Säkert sämre: Huddinge." in first
    assert "Inget mål är beslutat av parterna." in first
    assert "Inskrivningsmeddelande inom 24 timmar: 90,0 %, målet är minst 100 %: inte nått." in first
    assert "Ingen indikator skiljer sig säkert mellan kvinnor och män." in first
    assert "Talen gäller hela 2024 och jämförs med hela 2023. De är preliminära" in first


def test_a_certain_change_is_told_with_its_side(tmp_path: Path) -> None:
    given = small.made()
    for row in given.rows[DIFFERENCES]:
        if row["comparison"] == "previous_year" and row["municipality_code"] == small.REGION:
            by = {"readmission_7_days": -0.03, "admission_notice_24h": -0.05}.get(row["indicator_id"], 0)
            row |= {"difference": by, "difference_low": by - 0.01, "difference_high": by + 0.01, "is_certain": by != 0}
    found = text(small.write(tmp_path / "r01", given), REPORT)
    assert "Både och. Av 4 punkter som går att jämföra med hela 2023 är 1 säkert bättre och 1 säkert sämre." in found
    assert "Säkert bättre: Oplanerad återinskrivning inom sju dagar: 6,0 % mot 6,0 % (lägre är bättre)." in found
    assert "Säkert sämre: Inskrivningsmeddelande inom 24 timmar: 90,0 % mot 90,0 % (högre är bättre)." in found


def test_what_few_stand_behind_is_hidden_everywhere(pages: Path) -> None:
    """Three intervals, 2 of 60, 57 of 60, three days of two intervals and one deviation; 40 intervals are not few."""
    rows = {row[0]: row[1:] for row in table(pages, page_of(SALEM), "0128 Salem, hela 2024")}
    hidden = {
        "Utskrivningsklara dagar lägre är bättre", "Genomsnittlig tid som utskrivningsklar lägre är bättre",
        "Oplanerad återinskrivning inom sju dagar lägre är bättre",
        "Inskrivningsmeddelande inom 24 timmar högre är bättre", "Dagar med betalningsansvar lägre är bättre",
        "Avvikelser",
    }  # fmt: skip
    assert {name for name, cells in rows.items() if cells[0] == "skyddas"} == hidden
    assert rows["Genomsnittlig tid efter dag noll lägre är bättre"][0] == "0,20"
    assert "Mer än 7 utskrivningsklara dagar: skyddas." in text(pages, page_of(SALEM))
    with duckdb.connect() as connection:
        for name, figures in FIGURES.items():
            told = " or ".join(f"({one}_status <> 'shown') <> ({one} is null)" for one in figures)
            path = pages / "annual" / "parquet" / f"{name}.parquet"
            assert connection.execute(f"select count(*) from '{path}' where {told}").fetchone() == (0,)
    book = openpyxl.load_workbook(pages / "annual" / f"lus-annual-01-{YEAR}.xlsx")
    cells = [row for row in book["Indikatorer"].values if row[2] == SALEM and row[4] == "readmission_7_days"]
    assert [row[6:9] for row in cells] == [("..", 60, "..")]


def test_the_year_before_is_hidden_by_those_who_stood_behind_it(tmp_path: Path) -> None:
    given = small.made()
    for row in given.rows[DIFFERENCES]:
        if (row["municipality_code"], row["comparison"]) == (HUDDINGE, "previous_year"):
            row["compared_denominator"] = 4
    pages = small.write(tmp_path / "r01", given)
    rows = {row[0].split(" lägre")[0]: row for row in table(pages, page_of(HUDDINGE), "0126 Huddinge, hela 2024")}
    assert rows["Oplanerad återinskrivning inom sju dagar"][1:6] == [
        "12,0 %",
        "skyddas",
        "120 av 1 000",
        "skyddas",
        "–",
    ]


def test_a_municipality_without_a_case_reads_right(pages: Path) -> None:
    found = text(pages, page_of(SOLNA))
    assert "Det går inte att säga. Hela 2023 finns inte att jämföra med, eller så är underlaget för litet." in found
    rows = table(pages, page_of(SOLNA), "0184 Solna, hela 2024")
    assert {row[1] for row in rows[1:]} == {"saknas"}
    assert "Underlaget räcker inte för att jämföra med övriga länet." in found
    assert "Inga avvikelser har rapporterats för året." in found


def test_an_indicator_without_a_denominator_is_missing_and_not_zero(pages: Path) -> None:
    rows = {row[0]: row[1:] for row in table(pages, REPORT, "Länet, hela 2024")}
    assert rows["SIP genomförd högre är bättre"][:3] == ["saknas", "saknas", "0 av 0"]


def test_a_merged_district_is_compared_as_it_is_today(pages: Path) -> None:
    rows = table(pages, REPORT, "Väntan och betalning, stadsdelsområden i Stockholm")
    assert [row[:2] for row in rows[1:]] == [["Södermalm", "700"], ["Järva", "500"]]


def test_missing_months_are_said_and_not_taken_for_a_year(three_months: Path) -> None:
    found = text(three_months, REPORT)
    assert "Talen gäller oktober–december 2024 (3 av 12 månader) och jämförs med samma månader 2023." in found
    assert "Det går inte att säga. Samma månader 2023 finns inte att jämföra med" in found
    assert "Det finns inget år före att jämföra med." in found
    days = table(three_months, REPORT, "Utskrivningsklara dagar månad för månad, 2024 och 2023")
    assert days[9:11] == [["september", "saknas", "saknas"], ["oktober", "410", "saknas"]]
    assert not (three_months / CLOSED).exists()
    assert "Det stängda året" not in found


def test_a_municipality_shows_nothing_of_another_beyond_the_range(pages: Path, tmp_path: Path) -> None:
    html = (pages / page_of(STOCKHOLM)).read_text(encoding="utf-8")
    for code, name in NAMES.items():
        if code != STOCKHOLM:
            assert code not in html
            assert name not in html
    rows = {row[0].split(" lägre")[0]: row for row in table(pages, page_of(STOCKHOLM), "0180 Stockholm, hela 2024")}
    assert rows["Oplanerad återinskrivning inom sju dagar"][7] == "4,0 % till 12,0 %"
    few = small.made()
    few.rows[FOLLOW_UP] = [row for row in few.rows[FOLLOW_UP] if row["municipality_code"] not in list(OTHERS)[:3]]
    its = small.write(tmp_path / "r01", few)
    rows = {row[0].split(" lägre")[0]: row for row in table(its, page_of(STOCKHOLM), "0180 Stockholm, hela 2024")}
    assert rows["Oplanerad återinskrivning inom sju dagar"][7] == "saknas"


def test_commitments_and_local_cooperation_are_told(pages: Path) -> None:
    assert table(pages, REPORT, "Utvecklingsmodell")[1:] == [
        ["Uppföljningen följer en plan. Tidpunkt: 2024-12-31", "parterna tillsammans", "Planen",
         "27 indikatorer i nästa års plan", "mätt, inget yttrande"],
    ]  # fmt: skip
    sip = table(pages, REPORT, "It-stöd")[1]
    assert sip[0] == "SIP görs på samma sätt. Regionen: Video saknas på <två> enheter."
    assert sip[3:] == ["saknas SIP genomförd", "delvis uppfyllt enligt yttrande"]
    assert "Huddinge: Uppfyllt. Vi möts varje vecka." in text(pages, REPORT)
    assert "Kommunens yttrande: Uppfyllt. Vi möts varje vecka." in text(pages, page_of(HUDDINGE))
    assert table(pages, REPORT, "Avvikelser efter vad de gäller")[1:] == [
        [name, "28", "6", "12,5", "skyddas", "0"] for name in ("SIP", "Alla")
    ]


def test_a_closed_year_stays_as_it_was_closed(pages: Path, tmp_path: Path) -> None:
    """January's release, r01 here, closed 2023; December's knows another figure of it."""
    closing = small.published(pages, "2024-01")
    later = small.made()
    changed = ("01", "all", "deviations")
    for row in later.rows[FOLLOW_UP]:
        if row["year"] == YEAR - 1 and (row["municipality_code"], row["district_code"], row["indicator_id"]) == changed:
            row["value"] = row["numerator"] = 31
        if row["year"] == YEAR - 1 and row["municipality_code"] == HUDDINGE and row["indicator_id"] == "ready_days":
            row["value"] = row["numerator"] = 1300
    now = small.write(tmp_path / "now", later, [closing])
    files = sorted(path.relative_to(pages) for path in (pages / CLOSED).rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(now) for path in (now / CLOSED).rglob("*") if path.is_file())
    assert len(files) > len(NAMES)
    for name in files:
        assert (now / name).read_bytes() == (pages / name).read_bytes()
    assert "Året är stängt. Talen gäller hela 2023." in text(now, f"{CLOSED}/report.html")
    caption = f"Ändrat sedan {YEAR - 1} stängdes"
    assert table(now, REPORT, caption)[1:] == [["Region Stockholm", "Avvikelser", "28", "31", "+3"]]
    assert table(now, page_of(HUDDINGE), caption)[1:] == [
        ["hela kommunen", "Utskrivningsklara dagar", "1 200", "1 300", "+100"]
    ]
    assert "Inget av de tal som visas har ändrats sedan 2023 stängdes av utgåvan 01/2024-01/r01." in text(
        now, page_of(STOCKHOLM)
    )
    assert "2023 har inte stängts av någon tidigare utgåva" in text(pages, REPORT)


def test_a_withdrawn_release_closes_no_year(pages: Path, tmp_path: Path) -> None:
    copied = tmp_path / "2024-01" / "r01"
    shutil.copytree(pages, copied)
    one = small.published(copied, "2024-01")
    later = replace(small.published(pages, "2024-02"), manifest=one.manifest)
    assert annual.closing([one, later], YEAR - 1) is one
    one.release.withdrawal_record.write_text("{}")
    assert annual.closing([one, later], YEAR - 1) is later
    assert annual.closing([one], YEAR - 1) is None


def test_the_same_rows_give_the_same_bytes(pages: Path, tmp_path: Path) -> None:
    given = small.made()
    for rows in given.rows.values():
        rows.reverse()
    again = small.write(tmp_path / "r01", given, threads=1)
    for path in (pages / "annual").rglob("*"):
        if path.is_file():
            assert (again / path.relative_to(pages)).read_bytes() == path.read_bytes(), path


def _needs_nothing(pages: Path, name: str) -> None:
    page = document(pages, name)
    assert page.open == []
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object"}
    for _, attrs in page.tags:
        if "href" in attrs:
            assert (pages / name).parent.joinpath(str(attrs["href"])).is_file()


@pytest.mark.parametrize("name", [REPORT, page_of(STOCKHOLM), page_of(SOLNA), f"{CLOSED}/report.html"])
@pytest.mark.parametrize("holds", [_needs_nothing, lambda pages, name: assert_readable_aloud(document(pages, name))])
def test_the_pages_are_whole_and_made_for_everyone(pages: Path, name: str, holds: Callable[[Path, str], None]) -> None:
    holds(pages, name)


def test_everyone_can_read_the_pages(pages: Path, tmp_path: Path) -> None:
    assert_everyone_can_read([pages / REPORT, pages / page_of(STOCKHOLM)], tmp_path)


@pytest.mark.parametrize(
    ("name", "is_page"),
    [
        (REPORT, True),
        (f"{CLOSED}/municipalities/0180.html", True),
        ("annual/csv/mart_commitments.csv", False),
        ("open/report.html", False),
    ],
)
def test_only_the_pages_come_after_the_verdict(name: str, is_page: bool) -> None:
    assert annual.is_page(name) is is_page
