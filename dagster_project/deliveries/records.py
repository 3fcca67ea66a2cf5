"""RFC 4180 records of a byte stream, found with array operations: no loop over rows, no memory beyond a block.

A run of quotes is a function on the two states outside and inside a quoted field. A run of even length changes
nothing. One of odd length toggles the state where it stands at the start of a field; elsewhere it ends a quoted field,
or is text in one that is not quoted, and leaves the state outside either way. So the state after a run is the parity of
the toggles since the last such reset, which a running sum gives for a whole block. Every block begins with a record,
hence outside.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dagster_project.errors import DeliveryRejected

Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

QUOTE, LF, CR = 0x22, 0x0A, 0x0D
# What stands for a field's end and for a line break within a field once records are written plainly, see ``plain``.
FIELD_END, INNER_LF, INNER_CR = 0x1F, 0x1E, 0x1D
# A control character that would be taken for one of these is read as NUL, which no text may hold.
_TAKEN = bytes((FIELD_END, INNER_LF, INNER_CR))
_READ_AS = bytes(0 if byte in _TAKEN else byte for byte in range(256))
# A valid record is far shorter: sixteen fields of a thousand characters are 64 kB.
RECORD_LIMIT = 8 << 20


@dataclass(frozen=True)
class Block:
    """The whole records of one stretch of a file.

    ``data`` is UTF-8; record i is ``data[starts[i]:stops[i]]`` (its line end left out) and its ordinal in the file is
    ``first_line + i``. ``fields`` counts its fields, ``blank`` marks lines with nothing on them, ``stray`` records with
    text between a closing quote and the field's end.
    """

    data: bytes
    first_line: int
    starts: Positions
    stops: Positions
    ends: Positions
    fields: Positions
    blank: Flags
    stray: Flags
    special: Positions
    kind: Bytes
    inside: Flags
    dropped_quotes: Positions

    @property
    def lines(self) -> Positions:
        return self.first_line + np.arange(len(self.starts), dtype=np.int64)

    def record(self, index: int) -> bytes:
        return self.data[self.starts[index] : self.stops[index]]


def blocks(chunks: Iterable[bytes], delimiter: str, where: str) -> Iterator[Block]:
    """Cut a UTF-8 byte stream, with or without a byte-order mark, into blocks of whole records.

    Records end with LF, CR LF or CR; the last may have none. Raises DeliveryRejected where a quote never closes, a
    record has no end within ``RECORD_LIMIT``, or a byte is not UTF-8, naming ``where`` and the line.
    """
    rest, line, offset = b"", 1, 0
    for chunk, last in _with_last(chunks):
        data = rest + chunk
        if offset == 0 and data.startswith(codecs.BOM_UTF8):
            data, offset = data[len(codecs.BOM_UTF8) :], len(codecs.BOM_UTF8)
        if any(byte in data for byte in _TAKEN):
            data = data.translate(_READ_AS)
        if last and data and data[-1] not in (LF, CR):
            data += b"\n"
        block, used, opened = _cut(data, ord(delimiter), line, last)
        _check_utf8(data[:used], offset, line, where)
        if len(block.starts):
            yield block
        rest, line, offset = data[used:], line + len(block.starts), offset + used
        if rest and (last or len(rest) > RECORD_LIMIT):
            _check_utf8(rest, offset, line, where)
            raise _endless(rest, line, opened, last, where)


def _with_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    before = None
    for chunk in chunks:
        if before is not None:
            yield before, False
        before = chunk
    if before is not None:
        yield before, True


def _check_utf8(data: bytes, offset: int, line: int, where: str) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character cut at the end of what was read so far is whole in the next block.
        if error.end == len(data) and error.reason == "unexpected end of data":
            return
        at = line + len(data[: error.start].splitlines()) - (not data[: error.start].endswith((b"\n", b"\r")))
        raise undecodable(where, max(at, line), offset + error.start, data[error.start], "utf-8") from None


def undecodable(where: str, line: int, offset: int, byte: int, encoding: str) -> DeliveryRejected:
    return DeliveryRejected(
        f"{where}, line {line}: the byte 0x{byte:02x} at byte offset {offset} is not {encoding}. Deliver the file in "
        "that encoding, or name the one it has as 'encoding' in delivery.json."
    )


def _endless(rest: bytes, line: int, opened: int | None, last: bool, where: str) -> DeliveryRejected:
    if opened is None:
        return DeliveryRejected(
            f"{where}, line {line}: no line end within {RECORD_LIMIT >> 20} MiB: this is no CSV file of the contract's."
        )
    before = rest[:opened]
    line += before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")
    ends = "never closes" if last else f"does not close within {RECORD_LIMIT >> 20} MiB"
    return DeliveryRejected(
        f"{where}, line {line}: a quote opens here and {ends}. Close it, or double it where it is part of a text."
    )


def _cut(data: bytes, delimiter: int, line: int, last: bool) -> tuple[Block, int, int | None]:
    """The whole records at the head of ``data``, how many bytes they take, and where a quote is open at its end."""
    table = np.zeros(256, dtype=np.bool_)
    table[[delimiter, QUOTE, LF, CR]] = True
    array = np.frombuffer(data, dtype=np.uint8)
    special = np.flatnonzero(table[array])
    kind = array[special]
    inside, quotes = _quoted(array, special, kind, delimiter)
    following = np.append(array[1:], np.uint8(0))
    is_break = ((kind == LF) | (kind == CR)) & ~inside
    is_end = is_break & ~((kind == CR) & (following[special] == LF))
    if not last and len(data) and data[-1] == CR:
        is_end &= special != len(data) - 1
    at = np.flatnonzero(is_end)
    ends = special[at]
    starts = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1] + 1])[: len(ends)]
    with_cr = (array[ends] == LF) & (ends > starts) & (array[np.maximum(ends - 1, 0)] == CR)
    stops = ends - with_cr
    delimiters = np.cumsum((kind == delimiter) & ~inside)[at]
    stray = np.zeros(len(ends), dtype=np.bool_)
    owners = np.searchsorted(ends, quotes.stray)
    stray[owners[owners < len(ends)]] = True
    used = int(ends[-1]) + 1 if len(ends) else 0
    block = Block(
        data=data,
        first_line=line,
        starts=starts,
        stops=stops,
        ends=ends,
        fields=np.diff(delimiters, prepend=0) + 1,
        blank=starts == stops,
        stray=stray,
        special=special,
        kind=kind,
        inside=inside,
        dropped_quotes=quotes.dropped,
    )
    return block, used, (quotes.opened - used if quotes.opened is not None else None)


@dataclass(frozen=True)
class _Quotes:
    dropped: Positions
    stray: Positions
    opened: int | None


def _quoted(array: Bytes, special: Positions, kind: Bytes, delimiter: int) -> tuple[Flags, _Quotes]:
    """Which special bytes are inside a quoted field, and what the quotes do (see the module)."""
    is_quote = kind == QUOTE
    none = np.zeros(0, dtype=np.int64)
    if not is_quote.any():
        return np.zeros(len(special), dtype=np.bool_), _Quotes(none, none, None)
    quotes = special[is_quote]
    opens_run = np.append(True, np.diff(quotes) != 1)
    first = np.flatnonzero(opens_run)
    length = np.diff(np.append(first, len(quotes)))
    start = quotes[first]
    before = array[np.maximum(start - 1, 0)]
    at_field_start = (start == 0) | (before == delimiter) | (before == LF) | (before == CR)
    odd = length % 2 == 1
    toggles = np.cumsum(odd & at_field_start)
    reset = np.maximum.accumulate(np.where(odd & ~at_field_start, np.arange(len(first)), -1))
    since = toggles - np.where(reset >= 0, toggles[reset], 0)
    after = since % 2 == 1
    previous = np.append(False, after[:-1])

    begins = np.zeros(len(special), dtype=np.int64)
    begins[np.flatnonzero(is_quote)[first]] = 1
    run_of_special = np.cumsum(begins) - 1
    inside = np.where(run_of_special >= 0, after[run_of_special], False)

    run = np.cumsum(opens_run) - 1
    place = np.arange(len(quotes)) - first[run]
    opening = ~previous & at_field_start
    # Of a pair within a quoted field the second stays as text; the quotes around the field go.
    kept = np.where(previous[run], place % 2 == 1, np.where(opening[run], (place % 2 == 0) & (place > 0), True))
    closes = ~after & (previous | opening)
    behind = start + length
    next_byte = array[np.minimum(behind, len(array) - 1)]
    is_over = (behind >= len(array)) | (next_byte == delimiter) | (next_byte == LF) | (next_byte == CR)
    opened = None
    if after[-1]:
        opened = int(start[np.flatnonzero(after & ~previous)[-1]])
    return inside, _Quotes(quotes[~kept], behind[closes & ~is_over] - 1, opened)


def plain(block: Block, unwanted: Flags) -> tuple[bytes, bool]:
    """The block's records but the ``unwanted``, written so that they need no quotes; and if a field holds a line break.

    Fields end with ``FIELD_END`` and records with LF; quotes are resolved; a line break within a field is ``INNER_LF``,
    ``INNER_CR``. Whoever reads this on many threads can start at any LF.
    """
    used = int(block.ends[-1]) + 1
    array = np.frombuffer(block.data, dtype=np.uint8)[:used].copy()
    known = block.special < used
    special, kind, inside = block.special[known], block.kind[known], block.inside[known]
    outside = ~inside
    is_lf, is_cr = kind == LF, kind == CR
    array[special[outside & ~(is_lf | is_cr | (kind == QUOTE))]] = FIELD_END
    inner = inside & (is_lf | is_cr)
    array[special[inner & is_lf]] = INNER_LF
    array[special[inner & is_cr]] = INNER_CR
    array[block.ends] = LF
    keep = np.ones(used, dtype=np.bool_)
    keep[block.dropped_quotes[block.dropped_quotes < used]] = False
    keep[block.stops[block.stops != block.ends]] = False
    if unwanted.any():
        steps = np.zeros(used + 1, dtype=np.int8)
        steps[block.starts[unwanted]] += 1
        steps[block.ends[unwanted] + 1] -= 1
        keep &= np.cumsum(steps[:-1], dtype=np.int8) == 0
    return array[keep].tobytes(), bool(inner.any())
