"""The bytes of a delivered file: verified, unpacked and as UTF-8, in one pass and in bounded memory."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from dagster_project.deliveries.landing import DeliveredFile
from dagster_project.deliveries.records import undecodable
from dagster_project.errors import DeliveryRejected

CHUNK = 4 << 20
UNPACKED_RATIO = 200
UNPACKED_LIMIT = 20 * 10**9


def check_unpacked(where: str, stored: int, unpacked: int) -> None:
    """Reject an archive that unpacks to more than 200 times its size or to more than 20 GB (feeds contract)."""
    if unpacked > UNPACKED_LIMIT or unpacked > UNPACKED_RATIO * stored:
        raise DeliveryRejected(
            f"{where} unpacks from {stored} bytes to more than {UNPACKED_RATIO} times its size or more than "
            f"{UNPACKED_LIMIT // 10**9} GB: it was not read further. Deliver it unpacked or in less dense form."
        )


def check_hash(path: Path, file: DeliveredFile, where: str) -> None:
    """Reject a file whose stored bytes are not those that delivery.json declares."""
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != file.sha256:
        raise DeliveryRejected(
            f"{where}: its sha256 is {found}, and delivery.json says {file.sha256}: the file changed on its way or was "
            "replaced. Deliver it again with a delivery.json of its own."
        )


def utf8_chunks(path: Path, file: DeliveredFile, where: str) -> Iterator[bytes]:
    """The file's content as UTF-8, chunk by chunk.

    Raises DeliveryRejected for a broken or too dense archive, or an undecodable byte of an eight-bit encoding (UTF-8
    itself is checked where records are found).
    """
    offset, line = 0, 1
    for chunk in _unpacked(path, file, where):
        if file.encoding == "utf-8":
            yield chunk
        else:
            try:
                yield chunk.decode(file.encoding).encode()
            except UnicodeDecodeError as error:
                line += chunk.count(b"\n", 0, error.start)
                raise undecodable(where, line, offset + error.start, chunk[error.start], file.encoding) from None
            line += chunk.count(b"\n")
        offset += len(chunk)


def _unpacked(path: Path, file: DeliveredFile, where: str) -> Iterator[bytes]:
    if file.form == "csv":
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
        return
    total = 0
    with gzip.open(path) as archive:
        while True:
            try:
                chunk = archive.read(CHUNK)
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                raise DeliveryRejected(
                    f"{where} cannot be unpacked as gzip ({type(error).__name__}): pack the file again."
                ) from None
            if not chunk:
                return
            total += len(chunk)
            check_unpacked(where, path.stat().st_size, total)
            yield chunk
