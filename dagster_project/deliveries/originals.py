"""The original records behind quarantined rows, copied from the landing zone to be corrected and sent again.

What is written here holds person ids in clear: it goes to a place that the user names, for the owner's eyes alone.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import numpy as np

from dagster_project.deliveries import landing, source
from dagster_project.deliveries.landing import DeliveredFile
from dagster_project.deliveries.records import Positions, blocks
from dagster_project.settings import private_directory

BATCH = 10_000


def copy_quarantined(delivery_dir: Path, quarantined: Iterable[tuple[str, int, str]], out: Path) -> list[Path]:
    """Write the records at ``quarantined`` (file, line, reasons) of one delivery into the directory ``out``.

    For each file: ``<feed>.csv`` with its header and those records as they were delivered, in the delivered encoding
    and delimiter (Parquet becomes UTF-8 with ``;``), and ``<feed>.reasons.csv`` (line;reasons). Returns the files
    written. Raises DeliveryRejected where the landing zone no longer holds the delivery that was read.
    """
    delivery = landing.read(delivery_dir)
    by_file: dict[str, dict[int, str]] = {}
    for name, line, reasons in quarantined:
        by_file.setdefault(name, {})[line] = reasons
    private_directory(out)
    written = []
    for file in delivery.files.values():
        reasons_by_line = by_file.get(file.name)
        if not reasons_by_line:
            continue
        path, where = delivery.directory / file.name, f"{delivery.name}/{file.name}"
        source.check_hash(path, file, where)
        lines = np.array(sorted(reasons_by_line), dtype=np.int64)
        records = _parquet_records(path, lines) if file.form == "parquet" else _csv_records(path, file, where, lines)
        written += [
            _write(out / f"{file.feed}.csv", records),
            _write(out / f"{file.feed}.reasons.csv", _reasons(reasons_by_line)),
        ]
    return written


def _write(path: Path, parts: Iterable[bytes]) -> Path:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.writelines(parts)
    path.chmod(0o600)
    return path


def _reasons(reasons_by_line: dict[int, str]) -> Iterator[bytes]:
    yield b"line;reasons\n"
    for line, reasons in sorted(reasons_by_line.items()):
        yield f"{line};{reasons}\n".encode()


def _csv_records(path: Path, file: DeliveredFile, where: str, lines: Positions) -> Iterator[bytes]:
    wanted = np.append(np.int64(1), lines)
    for block in blocks(source.utf8_chunks(path, file, where), file.delimiter, where):
        for index in np.flatnonzero(np.isin(block.lines, wanted)):
            yield block.record(int(index)).decode().encode(file.encoding) + b"\n"


def _parquet_records(path: Path, lines: Positions) -> Iterator[bytes]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.register("wanted", {"line": lines})
        found = connection.execute(
            f"""
            select * exclude (file_row_number)
            from read_parquet('{str(path).replace("'", "''")}', file_row_number = true)
            where file_row_number + 2 in (select line from wanted)
            order by file_row_number
            """
        )
        yield _as_csv([[column[0] for column in found.description]])
        while rows := found.fetchmany(BATCH):
            yield _as_csv(rows)


def _as_csv(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
