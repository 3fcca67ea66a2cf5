"""The record scanner against Python's csv module, whatever the quotes, line ends and chunk boundaries."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.deliveries import records
from dagster_project.errors import DeliveryRejected

Record = tuple[list[str], bool]


def scanned(text: str, delimiter: str, sizes: list[int]) -> list[Record]:
    """The records (fields, stray) in order, None-free; blank lines are records without fields."""
    data, chunks, at = text.encode(), [], 0
    while at < len(data):
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(data[at : at + size])
        at += size
    found: list[Record] = []
    line = 1
    for block in records.blocks(chunks, delimiter, "file"):
        assert block.first_line == line
        line += len(block.starts)
        content, has_breaks = records.plain(block, block.blank)
        rows = iter(content.decode().split("\n")[:-1])
        assert has_breaks == any(mark in content for mark in (records.INNER_LF, records.INNER_CR))
        for blank, fields, stray in zip(block.blank, block.fields, block.stray, strict=True):
            row = [] if blank else next(rows).split("\x1f")
            assert blank or len(row) == fields
            found.append(([field.replace("\x1e", "\n").replace("\x1d", "\r") for field in row], bool(stray)))
        assert next(rows, None) is None
    return found


def expected(text: str, delimiter: str) -> tuple[list[Record], int | None]:
    """One character at a time: the records, and where the quote that never closes opens."""
    rows: list[Record] = []
    row: list[str] = []
    field, state, stray, opened, begun = "", "start", False, None, False
    characters = text if text.endswith(("\n", "\r")) or not text else text + "\n"
    index = 0
    while index < len(characters):
        character = characters[index]
        index += 1
        if state == "quoted":
            if character != '"':
                field += character
            elif characters[index : index + 1] == '"':
                field += '"'
                index += 1
            else:
                state = "closed"
            continue
        if character in "\r\n":
            if character == "\r" and characters[index : index + 1] == "\n":
                index += 1
            rows.append(([*row, field] if begun else [], stray))
            row, field, state, stray, begun = [], "", "start", False, False
            continue
        begun = True
        if character == delimiter:
            row.append(field)
            field, state = "", "start"
        elif character == '"' and state == "start":
            state, opened = "quoted", index - 1
        else:
            stray |= state == "closed"
            field, state = field + character, "text"
    return rows, opened if state == "quoted" else None


texts = st.text(alphabet='ab;,\t"\n\rå ', max_size=40)
pieces = st.lists(
    st.sampled_from(
        ['"', '""', '"a;b"', '"x\ny"', '"x\r\ny"', ";", "\n", "\r\n", "\r", "a", 'q"q', '"a"b', "å", "", '""""']
    ),
    max_size=30,
).map("".join)


@settings(max_examples=700, deadline=None, derandomize=True)
@given(
    text=texts | pieces, delimiter=st.sampled_from(";,\t"), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4)
)
def test_scanner_finds_the_records_of_the_csv_module(text: str, delimiter: str, sizes: list[int]) -> None:
    rows, opened = expected(text, delimiter)
    if opened is not None:
        with pytest.raises(DeliveryRejected, match="a quote opens here and never closes"):
            scanned(text, delimiter, sizes)
        return
    assert scanned(text, delimiter, sizes) == rows
    assert [fields for fields, _ in rows] == list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.mark.parametrize(
    ("text", "line"),
    [('a;b\n1;"x\n', 2), ('a;b\n"1\n2";"x\n3;4\n', 3), ('"', 1), ('a\r\nb\r\n;"', 3), ('a;b\n\n\n1;"', 4)],
)
def test_an_unclosed_quote_is_told_with_the_line_where_it_opens(text: str, line: int) -> None:
    with pytest.raises(DeliveryRejected) as error:
        list(records.blocks([text.encode()], ";", "01/2026-10/v01/cases.csv"))
    assert str(error.value) == (
        f"01/2026-10/v01/cases.csv, line {line}: a quote opens here and never closes. "
        "Close it, or double it where it is part of a text."
    )


def test_a_record_without_an_end_is_not_read_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "RECORD_LIMIT", 1 << 20)
    read = []

    def chunks() -> object:
        for number in range(1000):
            read.append(number)
            yield b"a;b\n" + b"x" * 100_000 if number == 0 else b"x" * 100_000

    with pytest.raises(DeliveryRejected, match="line 2: no line end within 1 MiB"):
        list(records.blocks(chunks(), ";", "file"))
    assert len(read) < 20
    with pytest.raises(DeliveryRejected, match="line 2: a quote opens here and does not close within 1 MiB"):
        list(records.blocks([b'a;b\n"', *[b"x\n" * 50_000] * 1000], ";", "file"))


def test_characters_cut_at_a_chunk_are_whole_and_bad_bytes_are_told_with_their_offset() -> None:
    assert scanned("å;ö\n€;𐍈\n", ";", [1]) == [(["å", "ö"], False), (["€", "𐍈"], False)]
    for size in (1, 4, 100):
        data = "å;b\nc;d\n".encode() + b"e;\xe5\n"
        chunks = [data[at : at + size] for at in range(0, len(data), size)]
        with pytest.raises(DeliveryRejected, match="file, line 3: the byte 0xe5 at byte offset 11 is not utf-8"):
            list(records.blocks(chunks, ";", "file"))
    with pytest.raises(DeliveryRejected, match="line 1: the byte 0xc3 at byte offset 1"):
        list(records.blocks([b"a\xc3"], ";", "file"))


def test_control_characters_that_stand_for_ends_are_read_as_nul() -> None:
    assert scanned("a\x1f;b\x1e\x1d\n", ";", [3]) == [(["a\0", "b\0\0"], False)]


def test_lines_are_counted_over_blocks() -> None:
    found = list(records.blocks([b"h;h\n1;2\n", b"\n3;4\n", b'"5\n5";6'], ";", "file"))
    assert np.concatenate([block.lines for block in found]).tolist() == [1, 2, 3, 4, 5]
    assert found[-1].record(0) == b'"5\n5";6'
