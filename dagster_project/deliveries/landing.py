"""The landing zone: which deliveries there are, and the strict reading of their ``delivery.json``."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dagster_project.deliveries import contract
from dagster_project.errors import DeliveryRejected
from dagster_project.months import first_day, is_month, next_month
from dagster_project.settings import TIME_ZONE

MANIFEST = "delivery.json"
ENCODINGS = ("utf-8", "cp1252", "iso-8859-1")
MANIFEST_LIMIT = 1 << 20
_REGION = re.compile(r"\d{2}")
_VERSION = re.compile(r"v\d+")
_FILE_NAME = re.compile(r"([a-z_]+)\.(csv|csv\.gz|parquet)")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)?")


@dataclass(frozen=True)
class DeliveredFile:
    """One file of a delivery as delivery.json declares it. ``rows`` counts records without the header."""

    name: str
    feed: str
    form: str
    rows: int
    sha256: str
    encoding: str = "utf-8"
    delimiter: str = ";"


@dataclass(frozen=True)
class Delivery:
    """A delivery's facts. ``files`` is by feed, in the contract's order; ``extracted_at`` is in UTC."""

    directory: Path
    region: str
    month: str
    version: int
    source_system: str
    extracted_at: datetime
    person_ids_are_pseudonyms: bool
    is_synthetic: bool
    files: dict[str, DeliveredFile]

    @property
    def name(self) -> str:
        """How messages call the delivery: ``01/2026-10/v01``."""
        return f"{self.region}/{self.month}/{self.directory.name}"


def regions(landing: Path) -> list[str]:
    """County codes that have a delivery in the landing zone, in order."""
    return [region for region in _directories(landing, _REGION) if months(landing, region)]


def months(landing: Path, region: str) -> list[str]:
    """Months (``yyyy-mm``) of a region with a complete delivery in any version, accepted or not, in order."""
    named = (path.name for path in _subdirectories(landing / region) if is_month(path.name))
    return sorted(month for month in named if winning(landing, region, month))


def winning(landing: Path, region: str, month: str) -> Path | None:
    """The directory of the month's highest complete version: a version without delivery.json is still on its way."""
    directory = landing / region / month
    complete = [
        path for path in _subdirectories(directory) if _VERSION.fullmatch(path.name) and _present(path / MANIFEST)
    ]
    return max(complete, key=lambda path: (int(path.name[1:]), path.name), default=None)


def _present(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _subdirectories(directory: Path) -> list[Path]:
    return [path for path in directory.iterdir() if path.is_dir()] if directory.is_dir() else []


def _directories(directory: Path, pattern: re.Pattern[str]) -> list[str]:
    return sorted(path.name for path in _subdirectories(directory) if pattern.fullmatch(path.name))


def read(directory: Path) -> Delivery:
    """Read and check ``<landing>/<region>/<month>/v<nn>/delivery.json``.

    Unknown keys of the document itself are notes of the sender's and accepted; unknown keys of a file's entry are not,
    since a misspelt ``delimiter`` would change what is read. Raises DeliveryRejected.
    """
    region, month, version = directory.parts[-3:]
    where = f"{region}/{month}/{version}/{MANIFEST}"
    document = _document(directory / MANIFEST, where)
    _agree(where, "region_code", _get(document, where, "region_code", str), region)
    _agree(where, "month", _get(document, where, "month", str), month)
    number = _get(document, where, "version", int)
    _agree(where, "version", f"v{number:02d}", version)
    if number < 1:
        raise DeliveryRejected(f"{where}: 'version' is {number}; the first version is 1.")
    source_system = _get(document, where, "source_system", str)
    if not re.fullmatch(r"[a-z0-9_]{1,50}", source_system):
        raise DeliveryRejected(f"{where}: 'source_system' must be a name of small letters, digits and underscores.")
    extracted_at = _instant(_get(document, where, "extracted_at", str), where)
    month_end = _local(datetime.combine(first_day(next_month(month)), time()))
    if extracted_at < month_end:
        raise DeliveryRejected(
            f"{where}: 'extracted_at' is {extracted_at.isoformat()}, before the end of {month} "
            f"({month_end.isoformat()}): extract the month when it is over and deliver it again."
        )
    if document.get("person_ids", "pseudonym") != "pseudonym":
        raise DeliveryRejected(
            f"{where}: 'person_ids' can only be 'pseudonym', which says that the ids of persons are pseudonyms "
            "already; leave it out where they are not."
        )
    return Delivery(
        directory=directory,
        region=region,
        month=month,
        version=number,
        source_system=source_system,
        extracted_at=extracted_at,
        person_ids_are_pseudonyms="person_ids" in document,
        is_synthetic=document.get("synthetic") is True,
        files=_files(_get(document, where, "files", dict), directory, where),
    )


def _document(path: Path, where: str) -> dict[str, Any]:
    if path.is_symlink() or not path.is_file():
        raise DeliveryRejected(f"{where} is a link or not a file: deliver the file itself.")
    if path.stat().st_size > MANIFEST_LIMIT:
        raise DeliveryRejected(f"{where} is larger than {MANIFEST_LIMIT} bytes: it is no list of a delivery's files.")
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise DeliveryRejected(
            f"{where} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from None
    except UnicodeDecodeError as error:
        raise DeliveryRejected(f"{where} is not UTF-8: the byte at offset {error.start} cannot be read.") from None
    except _RepeatedKey as error:
        raise DeliveryRejected(f"{where}: the key '{error.args[0]}' stands twice.") from None
    except RecursionError:
        raise DeliveryRejected(f"{where} is nested too deeply: it is no list of a delivery's files.") from None
    if not isinstance(document, dict):
        raise DeliveryRejected(f"{where} must hold one JSON object.")
    return document


class _RepeatedKey(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RepeatedKey(key)
        found[key] = value
    return found


_TYPE_NAMES = {str: "a text", int: "a whole number", dict: "an object"}


def _get(document: dict[str, Any], where: str, key: str, kind: type) -> Any:
    if key not in document:
        raise DeliveryRejected(f"{where}: '{key}' is missing.")
    value = document[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise DeliveryRejected(f"{where}: '{key}' must be {_TYPE_NAMES[kind]}, not {json.dumps(value)[:80]}.")
    return value


def _agree(where: str, key: str, found: str, directory: str) -> None:
    if found != directory:
        raise DeliveryRejected(
            f"{where}: '{key}' says {found!r} and the directory's name {directory!r}: they must agree."
        )


def _local(wall: datetime) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(TIME_ZONE)).astimezone(UTC)


def _instant(text: str, where: str) -> datetime:
    """ISO 8601 → UTC; without an offset it is local time, the hour that comes twice being the first one."""
    try:
        if not _INSTANT.fullmatch(text):
            raise ValueError
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else _local(moment)
    except (ValueError, OverflowError):
        raise DeliveryRejected(
            f"{where}: 'extracted_at' is {text[:40]!r}, not a time such as 2026-11-03T02:10:00+01:00."
        ) from None


def _files(entries: dict[str, Any], directory: Path, where: str) -> dict[str, DeliveredFile]:
    files: dict[str, DeliveredFile] = {}
    for name, entry in entries.items():
        file = _file(name, entry, where)
        if file.feed in files:
            raise DeliveryRejected(
                f"{where}: the feed {file.feed} is there twice, as {files[file.feed].name} and {name}: deliver it once."
            )
        path = directory / name
        if path.is_symlink():
            raise DeliveryRejected(f"{where}: {name} is a link: deliver the file itself.")
        if not path.is_file():
            raise DeliveryRejected(f"{where}: {name} is listed and not there.")
        files[file.feed] = file
    missing = [feed.name for feed in contract.feeds().values() if feed.required and feed.name not in files]
    if missing:
        raise DeliveryRejected(
            f"{where}: no file for {', '.join(missing)}: these feeds are required, with a header row even when empty."
        )
    return {feed: files[feed] for feed in contract.feeds() if feed in files}


def _file(name: str, entry: Any, where: str) -> DeliveredFile:
    match = _FILE_NAME.fullmatch(name)
    if not match or match[1] not in contract.feeds():
        raise DeliveryRejected(
            f"{where}: {name!r} is not a file of the contract: use {', '.join(contract.feeds())} "
            "with .csv, .csv.gz or .parquet."
        )
    where = f"{where}: {name}"
    if not isinstance(entry, dict):
        raise DeliveryRejected(f"{where} must be an object with 'rows' and 'sha256'.")
    unknown = sorted(entry.keys() - {"rows", "sha256", "encoding", "delimiter"})
    if unknown:
        raise DeliveryRejected(
            f"{where}: unknown {', '.join(map(repr, unknown))}; known are rows, sha256, encoding, delimiter."
        )
    rows = _get(entry, where, "rows", int)
    sha256 = _get(entry, where, "sha256", str).lower()
    if rows < 0 or not _SHA256.fullmatch(sha256):
        raise DeliveryRejected(f"{where}: 'rows' must be 0 or more and 'sha256' 64 hexadecimal digits.")
    encoding = _get(entry, where, "encoding", str) if "encoding" in entry else "utf-8"
    if encoding not in ENCODINGS:
        raise DeliveryRejected(f"{where}: 'encoding' is {encoding[:40]!r}; known are {', '.join(ENCODINGS)}.")
    delimiter = _get(entry, where, "delimiter", str) if "delimiter" in entry else ";"
    if (
        len(delimiter) != 1
        or not (delimiter == "\t" or " " < delimiter < "\x7f")
        or delimiter.isalnum()
        or delimiter == '"'
    ):
        raise DeliveryRejected(f"{where}: 'delimiter' must be one character such as ';', ',', '|' or a tab.")
    return DeliveredFile(name, match[1], match[2], rows, sha256, encoding, delimiter)
