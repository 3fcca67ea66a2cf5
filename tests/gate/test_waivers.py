"""Waivers: read strictly, and held only as long, for the month and for the check that they name."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dagster_project.errors import ConfigurationError
from dagster_project.gate import waivers
from dagster_project.gate.checks import CheckResult

HEADER = "check;month;reason;who;until\n"
ROW = "hospital_is_present;2026-10;Closed on 1 October;Head of care statistics;2026-12-31\n"


def write(directory: Path, text: str, encoding: str = "utf-8") -> Path:
    (directory / "waivers.csv").write_bytes(text.encode(encoding))
    return directory


def failed(name: str = "hospital_is_present", severity: str = "block", result: str = "failed") -> CheckResult:
    return CheckResult(name, "expectations", "completeness", severity, "fct_spells", result, "0 stays", "1")


def test_no_file_is_no_waiver(tmp_path: Path) -> None:
    assert waivers.read(tmp_path, "2026-10") == []


def test_a_row_is_read_as_it_stands(tmp_path: Path) -> None:
    [waiver] = waivers.read(write(tmp_path, HEADER + ROW), "2026-10")
    assert waiver == waivers.Waiver(
        "hospital_is_present", "2026-10", "Closed on 1 October", "Head of care statistics", date(2026, 12, 31), 2
    )


def test_a_byte_order_mark_quotes_windows_line_ends_and_blank_lines_are_read(tmp_path: Path) -> None:
    text = HEADER + '\nregion_stays_drop;2026-10;"Ward moved; see the minutes";Head of planning;2026-12-31\n'
    write(tmp_path, "\ufeff" + text.replace("\n", "\r\n"))
    [waiver] = waivers.read(tmp_path, "2026-10")
    assert (waiver.reason, waiver.line) == ("Ward moved; see the minutes", 3)


def test_rows_of_other_months_do_not_count_but_must_have_the_form(tmp_path: Path) -> None:
    write(tmp_path, HEADER + ROW.replace("2026-10", "2026-09"))
    assert waivers.read(tmp_path, "2026-10") == []
    write(tmp_path, HEADER + ROW.replace("2026-10", "2026-9"))
    with pytest.raises(ConfigurationError, match="line 2, column month: '2026-9' is not a month"):
        waivers.read(tmp_path, "2026-10")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a;2026-10;r;w\n", "line 2: 4 fields, expected 5"),
        ("a;2026-10;r;w;2026-12-31;x\n", "line 2: 6 fields, expected 5"),
        (";2026-10;r;w;2026-12-31\n", "line 2, column check: empty"),
        ("a;2026-10; ;w;2026-12-31\n", "line 2, column reason: empty"),
        ("a;2026-10;r;;2026-12-31\n", "line 2, column who: empty"),
        ("a;2026-10;r;w;\n", "line 2, column until: empty"),
        ("a;2026-13;r;w;2026-12-31\n", "line 2, column month: '2026-13' is not a month"),
        ("a;2026-10;r;w;31/12 2026\n", "line 2, column until: '31/12 2026' is not a date"),
        ("a;2026-10;r;w;2026-02-30\n", "line 2, column until: '2026-02-30' is not a date"),
        ('a;2026-10;"r;w;2026-12-31\n', "cannot be read"),
    ],
)
def test_a_malformed_row_names_line_and_column(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        waivers.read(write(tmp_path, HEADER + row), "2026-10")
    assert message in str(error.value)


@pytest.mark.parametrize("header", ["", "check,month,reason,who,until\n", "month;check;reason;who;until\n"])
def test_other_columns_are_refused(tmp_path: Path, header: str) -> None:
    with pytest.raises(ConfigurationError, match="line 1: the columns are"):
        waivers.read(write(tmp_path, header + ROW), "2026-10")


def test_an_undecodable_byte_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read as UTF-8"):
        waivers.read(write(tmp_path, HEADER + ROW.replace("Closed", "Stängt"), "cp1252"), "2026-10")


@pytest.mark.parametrize(
    ("until", "newest", "holds"),
    [
        (date(2026, 11, 3), datetime(2026, 11, 3, 12, tzinfo=UTC), True),
        (date(2026, 11, 2), datetime(2026, 11, 3, 12, tzinfo=UTC), False),
        # 23:30 in UTC is already the next day in Stockholm, in winter and in summer
        (date(2026, 11, 3), datetime(2026, 11, 3, 23, 30, tzinfo=UTC), False),
        (date(2026, 11, 4), datetime(2026, 11, 3, 23, 30, tzinfo=UTC), True),
        (date(2026, 7, 3), datetime(2026, 7, 3, 22, 30, tzinfo=UTC), False),
        (date(2026, 7, 3), datetime(2026, 7, 3, 21, 30, tzinfo=UTC), True),
    ],
)
def test_a_waiver_holds_through_its_day_in_stockholm(until: date, newest: datetime, holds: bool) -> None:
    row = waivers.Waiver("hospital_is_present", "2026-10", "r", "w", until, 2)
    [judged], used = waivers.apply([failed()], [row], newest)
    assert bool(judged.waived_by) is holds
    assert judged.is_blocking is not holds
    assert used == ([row] if holds else [])


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        waivers.apply([failed()], [], datetime(2026, 11, 3))


NEWEST = datetime(2026, 11, 3, tzinfo=UTC)


def test_only_what_blocks_is_waived() -> None:
    rows = [waivers.Waiver("hospital_is_present", "2026-10", "r", "w", date(2026, 12, 31), 2)]
    for check in (failed(severity="warn"), failed(result="passed"), failed("another_check")):
        assert waivers.apply([check], rows, NEWEST) == ([check], [])
    [raised], used = waivers.apply([failed(result="error")], rows, NEWEST)
    assert (raised.result, raised.is_blocking, used) == ("error", False, rows)


def test_of_several_rows_the_one_that_holds_longest_counts() -> None:
    rows = [
        waivers.Waiver("hospital_is_present", "2026-10", "prolonged", "B", date(2026, 12, 31), 2),
        waivers.Waiver("hospital_is_present", "2026-10", "first", "A", date(2026, 11, 30), 3),
    ]
    [judged], used = waivers.apply([failed()], rows, NEWEST)
    assert (judged.waived_by, judged.waived_until) == ("B", "2026-12-31")
    assert used == rows[:1]
