"""What earlier releases said of their own months: the amounts that a care month is frozen with (rules §5).

Of the releases already published a candidate is given nothing else, and of its own month nothing at all: a second run
of a month has the same inputs as the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb

from dagster_project.months import first_day, months_between, next_month
from dagster_project.releases import catalogue, history
from dagster_project.releases.hashing import parquet
from dagster_project.releases.history import Published
from dagster_project.settings import TIME_ZONE, Settings

if TYPE_CHECKING:
    from dagster_project.reference.tables import Reference

RECONCILIATION = "marts/parquet/mart_invoice_reconciliation.parquet"


@dataclass(frozen=True)
class FrozenMonth:
    """A care month (yyyy-mm), the release that froze it, and the file at ``path`` with its amounts, found whole."""

    month: str
    release: str
    manifest_hash: str
    content_hash: str
    sha256: str
    path: Path

    @property
    def facts(self) -> dict[str, str]:
        """What the manifest of a release that was given this month lists of it."""
        return {
            "month": self.month,
            "release": self.release,
            "manifest_hash": self.manifest_hash,
            "content_hash": self.content_hash,
            "file": RECONCILIATION,
            "sha256": self.sha256,
        }


def frozen_months(
    settings: Settings, region: str, first_month: str, month: str, reference: Reference
) -> list[FrozenMonth]:
    """The months from ``first_month`` to the one before ``month`` that their own releases have frozen, oldest first.

    The newest revision published through the calendar's "corrections until" freezes its month, withdrawn or not. A
    month without such a revision, or whose revision was made before there was a reconciliation, is left out. Raises
    VerificationFailed where a release is damaged.
    """
    earlier = months_between(first_month, next_month(month, -1))
    found = [_frozen(settings, region, care_month, reference) for care_month in earlier]
    return [frozen for frozen in found if frozen is not None]


def write_released(connection: duckdb.DuckDBPyConnection, frozen: Sequence[FrozenMonth]) -> None:
    """Create schema ``released`` with the frozen months and their amounts, as tables: nothing reads a release again."""
    connection.execute("create schema released")
    connection.execute("create table released.frozen_months (care_month date, release varchar)")
    connection.execute(
        "create table released.frozen_amounts (care_month date, municipality_code varchar, payment_class varchar, "
        "expected_amount decimal(14, 2))"
    )
    for one in frozen:
        care_month = first_day(one.month)
        connection.execute("insert into released.frozen_months values (?, ?)", [care_month, one.release])
        connection.execute(
            "insert into released.frozen_amounts select month, municipality_code, payment_class, expected_amount "
            f"from {parquet(one.path)} where month = ?",
            [care_month],
        )


def _frozen(settings: Settings, region: str, month: str, reference: Reference) -> FrozenMonth | None:
    revisions = catalogue.of_month(settings, region, month)
    if not revisions:
        return None
    until = reference.release_calendar(region, month).corrections_until_on
    for release in reversed(revisions):
        published = history.read(release)
        if published.published_at.astimezone(ZoneInfo(TIME_ZONE)).date() <= until:
            return _as_said(published)
    return None


def _as_said(published: Published) -> FrozenMonth | None:
    path, sha256 = published.file(RECONCILIATION), published.sha256(RECONCILIATION)
    if path is None or sha256 is None:
        return None
    facts, release = published.manifest, published.release
    return FrozenMonth(release.month, release.name, facts["manifest_hash"], facts["content_hash"], sha256, path)
