"""A package's workbook: a sheet that explains, a sheet for each table, and a sheet that says what each column means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from dagster_project.packages.tables import SUPPRESSED, Package, Table
from dagster_project.reports import swedish

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

FIRST, LAST = "Läs mig", "Kolumner"
HEADER_ROWS = 2
MOST_ROWS = 1_048_576 - HEADER_ROWS
"""What a sheet of Excel has room for."""

HIDDEN = ".."
"""Stands where a figure is hidden; a zero is 0, and a cell is empty where there is no figure."""

CONTEST = "bestridande"
"""The column that a reader fills in."""

_WIDTHS = (9, 40)
_SYNTHETIC = "SYNTETISKA DATA: beskriver ingen verklig person, vårdenhet eller kommun."


class Writer:
    """Writes ``out/<workbook>`` as a context: ``add`` each table with its rows, in the order of ``tables``."""

    def __init__(self, package: Package, tables: Sequence[Table], out: Path) -> None:
        import xlsxwriter

        self._package = package
        self._tables = tables
        self._notes: list[str] = []
        self._book = xlsxwriter.Workbook(out / package.workbook, {"in_memory": True})
        self._book.set_properties({"title": package.title, "created": package.created.replace(tzinfo=None)})
        self._styles = _Styles(self._book)
        self._first = self._book.add_worksheet(FIRST)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            _explain(self._first, self._package, self._tables, self._notes, self._styles)
            _define(self._book.add_worksheet(LAST), self._tables, self._styles)
            self._book.close()

    def add(self, table: Table, rows: Sequence[Sequence[Any]]) -> None:
        """Add the table's sheet; ``rows`` are in the form ``cell``. One that Excel has no room for is only named."""
        sheet = self._book.add_worksheet(table.sheet)
        note = f"{swedish.number(len(rows))} rader"
        if len(rows) > MOST_ROWS:
            note += ": fler än Excel rymmer, läs csv/ eller parquet/"
            sheet.write_string(0, 0, note)
        else:
            _fill(sheet, table, rows, self._styles)
        self._notes.append(note)


class _Styles:
    """The workbook's cell formats; number formats are made once each."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._numbers: dict[str, Format] = {}
        wrapped = {"text_wrap": True, "valign": "top"}
        self.heading = book.add_format({"bold": True, "font_size": 16})
        self.warning = book.add_format({"bold": True, "font_color": "#9C0006", **wrapped})
        self.text = book.add_format(wrapped)
        self.title = book.add_format({"bold": True, "bg_color": "#DCE6F1", "bottom": 1, **wrapped})
        self.name = book.add_format({"italic": True, "font_color": "#595959", "bg_color": "#DCE6F1"})
        self.hidden = book.add_format({"align": "right", "font_color": "#595959", "pattern": 4, "fg_color": "#BFBFBF"})
        self.contest = book.add_format({"bg_color": "#FFF2CC", "num_format": "@"})

    def number(self, number_format: str) -> Format:
        if number_format not in self._numbers:
            self._numbers[number_format] = self._book.add_format({"num_format": number_format})
        return self._numbers[number_format]


def _fill(sheet: Worksheet, table: Table, rows: Sequence[Sequence[Any]], styles: _Styles) -> None:
    last_row = max(len(rows) + HEADER_ROWS - 1, HEADER_ROWS)
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, column.title, styles.title)
        sheet.write_string(1, place, column.name, styles.name)
        values = [row[place] for row in rows]
        status = table.hidden_by.get(place)
        hidden = [row[status] == SUPPRESSED for row in rows] if status is not None else []
        style = styles.contest if column.name == CONTEST else styles.number(column.kind.number_format)
        # The text of a cell is never parsed: one that begins with = stays a text.
        write = {"string": sheet.write_string, "boolean": sheet.write_boolean}.get(
            column.kind.field["type"], sheet.write_number
        )
        for row, value in enumerate(values, HEADER_ROWS):
            if value is not None:
                write(row, place, value, style)
            elif hidden and hidden[row - HEADER_ROWS]:
                sheet.write_string(row, place, HIDDEN, styles.hidden)
            elif column.name == CONTEST:
                sheet.write_blank(row, place, None, style)
        sheet.set_column(place, place, _width(column.kind.number_format, column.name, values))
    sheet.freeze_panes(HEADER_ROWS, 0)
    sheet.autofilter(1, 0, last_row, len(table.columns) - 1)


def _width(number_format: str, name: str, values: Sequence[Any]) -> int:
    texts = [len(value) for value in values if isinstance(value, str)]
    least, most = _WIDTHS
    return min(max(least, len(name) + 3, len(number_format), *texts), most)


def _explain(
    sheet: Worksheet, package: Package, tables: Sequence[Table], notes: Sequence[str], styles: _Styles
) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 60)
    sheet.set_column(2, 2, 44)
    sheet.write_string(0, 0, package.title, styles.heading)
    lines = [(_SYNTHETIC, styles.warning)] if package.is_synthetic else []
    lines += [(text, styles.text) for text in package.explanation]
    lines += [
        (
            f"En dold uppgift visas som {HIDDEN} på skrafferad botten och är tom i csv/ och parquet/; där står status "
            "i kolumnen bredvid. Noll är 0. En tom cell är en uppgift som saknas eller inte gäller.",
            styles.text,
        ),
        ("Tider är svensk lokal tid. Överst står den svenska titeln, under den kolumnens namn.", styles.text),
        (f"Licens: {package.licence['title']}", styles.text),
        (f"Källor: {'; '.join(package.sources)}", styles.text),
    ]
    for row, (text, style) in enumerate(lines, 2):
        sheet.merge_range(row, 0, row, 2, "", style)
        sheet.write_string(row, 0, text, style)
        sheet.set_row(row, 15 * (1 + len(text) // 130))
    head = len(lines) + 3
    for place, text in enumerate(("Blad", "Innehåll", "Tabell")):
        sheet.write_string(head, place, text, styles.title)
    for row, (table, note) in enumerate(zip(tables, notes, strict=True), head + 1):
        sheet.write_url(row, 0, f"internal:'{table.sheet}'!A1", string=table.sheet)
        sheet.write_string(row, 1, f"{swedish.capitalized(table.title)} ({note})", styles.text)
        sheet.write_string(row, 2, table.name, styles.text)


def _define(sheet: Worksheet, tables: Sequence[Table], styles: _Styles) -> None:
    heads = ("Blad", "Titel", "Kolumn", "Betydelse", "Typ", "Enhet")
    for place, (text, width) in enumerate(zip(heads, (26, 34, 28, 90, 12, 20), strict=True)):
        sheet.write_string(0, place, text, styles.title)
        sheet.set_column(place, place, width)
    row = 0
    for table in tables:
        for column in table.columns:
            row += 1
            texts = (table.sheet, column.title, column.name, column.definition, column.kind.field["type"], column.unit)
            for place, text in enumerate(texts):
                sheet.write_string(row, place, text, styles.text)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, row, len(heads) - 1)
