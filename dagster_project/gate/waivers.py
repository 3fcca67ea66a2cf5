"""Waivers: a failed blocking check is let through only by a dated row that says who answers for it, and why.

``waivers.csv`` stands under the region's landing zone (UTF-8, ``;``) with the columns check, month, reason, who and
until. A row holds for its check and month if ``until`` is not before the newest ``extracted_at`` of the deliveries
used, taken as a date in Stockholm: no clock enters, so that a release can be computed again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dagster_project.errors import ConfigurationError
from dagster_project.gate.checks import CheckResult
from dagster_project.months import is_month
from dagster_project.settings import TIME_ZONE

FILE_NAME = "waivers.csv"
_COLUMNS = ["check", "month", "reason", "who", "until"]


@dataclass(frozen=True)
class Waiver:
    """A row of the file; ``line`` is its line there (the header is 1)."""

    check: str
    month: str
    reason: str
    who: str
    until: date
    line: int


def read(landing_region_dir: Path, month: str) -> list[Waiver]:
    """The rows for ``month``, in file order; none where there is no file.

    Every row must have the right form, also those of other months. Raises ConfigurationError naming line and column.
    """
    path = landing_region_dir / FILE_NAME
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, delimiter=";", strict=True)
            header = next(rows, [])
            if header != _COLUMNS:
                raise ConfigurationError(
                    f"{path}, line 1: the columns are '{';'.join(header)}', expected '{';'.join(_COLUMNS)}'."
                )
            waivers = [_waiver(path, rows.line_num, row) for row in rows if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{path} cannot be read as UTF-8 text separated by ';': {error}.") from None
    return [waiver for waiver in waivers if waiver.month == month]


def _waiver(path: Path, line: int, row: Sequence[str]) -> Waiver:
    if len(row) != len(_COLUMNS):
        raise ConfigurationError(f"{path}, line {line}: {len(row)} fields, expected {len(_COLUMNS)}.")
    fields = {column: value.strip() for column, value in zip(_COLUMNS, row, strict=True)}
    for column, value in fields.items():
        if not value:
            raise ConfigurationError(f"{path}, line {line}, column {column}: empty. A waiver says all five things.")
    if not is_month(fields["month"]):
        raise ConfigurationError(
            f"{path}, line {line}, column month: '{fields['month']}' is not a month: write it as in 2026-10."
        )
    try:
        until = datetime.strptime(fields["until"], "%Y-%m-%d").date()
    except ValueError:
        raise ConfigurationError(
            f"{path}, line {line}, column until: '{fields['until']}' is not a date: write it as in 2026-10-31."
        ) from None
    return Waiver(fields["check"], fields["month"], fields["reason"], fields["who"], until, line)


def holds_through(newest_extracted_at: datetime) -> date:
    """The date that a waiver's ``until`` may not be before: that of the newest extraction, in Stockholm."""
    if newest_extracted_at.tzinfo is None:
        raise ValueError("newest_extracted_at has no time zone")
    return newest_extracted_at.astimezone(ZoneInfo(TIME_ZONE)).date()


def check_names(waivers: Iterable[Waiver], names: Iterable[str]) -> None:
    """Raise ConfigurationError for a waiver of a check that does not exist: most likely a name mistyped."""
    known = set(names)
    for waiver in waivers:
        if waiver.check not in known:
            raise ConfigurationError(
                f"{FILE_NAME}, line {waiver.line}, column check: the gate has no check '{waiver.check}'. "
                "'lus check' lists the names; a check that was retired needs no waiver: remove the row."
            )


def apply(
    checks: Iterable[CheckResult], waivers: Iterable[Waiver], newest_extracted_at: datetime
) -> tuple[list[CheckResult], list[Waiver]]:
    """The checks with ``waived_by`` and ``waived_until`` where a waiver holds, and the waivers that were needed.

    Only a blocking check that failed, or could not run, is waived. Of several rows that hold for one check the one
    that holds longest counts (the later line of two alike), so that a waiver is prolonged by adding a row.
    """
    earliest = holds_through(newest_extracted_at)
    holding: dict[str, Waiver] = {}
    for waiver in sorted(waivers, key=lambda row: (row.until, row.line)):
        if waiver.until >= earliest:
            holding[waiver.check] = waiver
    judged, used = [], []
    for check in checks:
        held = holding.get(check.check_name) if check.is_blocking else None
        if held:
            used.append(held)
            check = replace(check, waived_by=held.who, waived_until=held.until.isoformat())
        judged.append(check)
    return judged, used
