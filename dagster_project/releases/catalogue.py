"""Which releases there are, what each is called, and which one readers see."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dagster_project.errors import ConfigurationError, VerificationFailed
from dagster_project.months import is_month
from dagster_project.settings import Settings

MANIFEST = "manifest.json"
CURRENT = "current"
_REGION = re.compile(r"\d{2}")
_REVISION = re.compile(r"r(\d{2,})")
_NAME = re.compile(r"(?:(?P<region>\d{2})/)?(?P<month>\d{4}-\d{2})(?:/(?P<revision>r\d{2,}))?/?")


@dataclass(frozen=True)
class Withdrawal:
    """Why and when (UTC, ISO 8601) a release was withdrawn."""

    reason: str
    withdrawn_at: str


@dataclass(frozen=True)
class Release:
    """A published release, as its directory; its manifest is read when asked for."""

    region: str
    month: str
    revision: int
    path: Path

    @property
    def name(self) -> str:
        """``region/yyyy-mm/rNN``, as commands take it."""
        return f"{self.region}/{self.month}/{self.path.name}"

    @property
    def withdrawal_record(self) -> Path:
        """Where a withdrawal is written: beside the release, whose own bytes never change."""
        return self.path.with_name(f"{self.path.name}.withdrawn.json")

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawal_record.exists()

    @property
    def withdrawal(self) -> Withdrawal | None:
        """None where the release is not withdrawn. A record that cannot be read still withdraws."""
        if not self.is_withdrawn:
            return None
        try:
            facts = json.loads(self.withdrawal_record.read_text(encoding="utf-8"))
            return Withdrawal(str(facts["reason"]), str(facts["withdrawn_at"]))
        except (OSError, ValueError, TypeError, KeyError):
            return Withdrawal(f"the record {self.withdrawal_record.name} cannot be read", "")

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest's facts. Raises VerificationFailed where it is gone, damaged or too short."""
        path = self.path / MANIFEST
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            for part in ("files", "tables", "verdict"):
                if not isinstance(facts[part], dict):
                    raise TypeError(part)
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise VerificationFailed(
                f"{path} cannot be read ({type(error).__name__}): the release is damaged. Restore its directory from a "
                "backup; 'lus verify' lists what differs."
            ) from error
        return dict(facts)

    @property
    def rows(self) -> int:
        """Rows of all published tables together."""
        return sum(table["rows"] for table in self.manifest["tables"].values())


def all_releases(settings: Settings) -> list[Release]:
    """Every release under ``LUS_HOME``, by region, month and revision."""
    return [
        release
        for region in _named(settings.releases, lambda name: bool(_REGION.fullmatch(name)))
        for month in _named(region, is_month)
        for release in _revisions(region.name, month)
    ]


def regions(settings: Settings) -> list[str]:
    """The codes of the regions that have releases, in order."""
    return sorted({release.region for release in all_releases(settings)})


def of_region(settings: Settings, region: str) -> list[Release]:
    """A region's releases, oldest month first."""
    return [release for release in all_releases(settings) if release.region == region]


def of_month(settings: Settings, region: str, month: str) -> list[Release]:
    """A month's revisions, oldest first."""
    return _revisions(region, settings.releases / region / month)


def newest(settings: Settings, region: str, month: str) -> Release:
    """The month's newest revision. Raises ConfigurationError where the month has none."""
    return find(settings, month, region)


def newest_of_region(settings: Settings, region: str) -> Release | None:
    """What ``current`` shall point to: the newest month's newest revision, withdrawn or not."""
    return max(of_region(settings, region), key=lambda release: (release.month, release.revision), default=None)


def current(settings: Settings, region: str) -> Release | None:
    """The release that readers of ``releases/<region>/current`` see; None where the link leads to no release."""
    link = settings.releases / region / CURRENT
    if not link.is_symlink():
        return None
    target = link.readlink().as_posix()
    return next((r for r in of_region(settings, region) if f"{r.month}/{r.path.name}" == target), None)


def delivered_versions(settings: Settings, region: str) -> dict[str, int]:
    """For each released month, the version of its own delivery that the newest revision was made from.

    A month whose newest revision is damaged is left out: what it was made from cannot be told.
    """
    newest_revisions = {release.month: release for release in of_region(settings, region)}
    versions: dict[str, int] = {}
    for month, release in newest_revisions.items():
        with suppress(VerificationFailed, KeyError, TypeError, ValueError):
            for delivery in release.manifest["deliveries"]:
                if delivery["month"] == month:
                    versions[month] = int(delivery["version"])
    return versions


def find(settings: Settings, name: str, region: str | None = None) -> Release:
    """The release called ``[region/]yyyy-mm[/rNN]``; without a revision the month's newest.

    Without a region, ``region`` is meant, or else the only region that has releases. Raises ConfigurationError on a
    name that is none or that nothing is called, and then names what is near.
    """
    match = _NAME.fullmatch(name.strip())
    if match is None or not is_month(match["month"]):
        raise ConfigurationError(
            f"'{name}' is not the name of a release: write [region/]yyyy-mm[/rNN], as in 2026-10, 01/2026-10 or "
            "01/2026-10/r02."
        )
    if match["region"] and region and match["region"] != region:
        raise ConfigurationError(f"'{name}' is of region {match['region']} and --region says {region}: leave one out.")
    releases = all_releases(settings)
    wanted = match["region"] or region or _only_region(releases, name)
    revision = int(match["revision"][1:]) if match["revision"] else None
    found = [
        release
        for release in releases
        if release.region == wanted and release.month == match["month"] and revision in (None, release.revision)
    ]
    if not found:
        raise ConfigurationError(_unknown(settings, releases, f"{wanted}/{match['month']}", match["revision"]))
    return found[-1]


def latest(settings: Settings, region: str | None = None) -> Release:
    """The newest month's newest revision of ``region``, or of the only region that has releases.

    Raises ConfigurationError where there is none, or where several regions have releases.
    """
    found_regions = regions(settings)
    if region is None and len(found_regions) > 1:
        raise ConfigurationError(f"There are releases of region {', '.join(found_regions)}: name one with --region.")
    found = newest_of_region(settings, region or found_regions[0]) if found_regions else None
    if found is None:
        of = f" of region {region}" if found_regions else ""
        raise ConfigurationError(
            f"There is no release{of} in {settings.releases}: publish one with 'lus release', or check --home."
        )
    return found


def _only_region(releases: list[Release], name: str) -> str:
    regions = sorted({release.region for release in releases})
    if len(regions) > 1:
        raise ConfigurationError(
            f"'{name}' could be of region {', '.join(regions)}: write {regions[0]}/{name}, or name it with --region."
        )
    return regions[0] if regions else "any region"


def _unknown(settings: Settings, releases: list[Release], month: str, revision: str | None) -> str:
    if not releases:
        return f"There is no release in {settings.releases}: publish one with 'lus release', or check --home."
    wanted = f"{month}/{revision}" if revision else month
    in_month = [release.name for release in releases if f"{release.region}/{release.month}" == month]
    near = in_month or difflib.get_close_matches(wanted, [release.name for release in releases], n=3, cutoff=0.5)
    hint = f" Near are {', '.join(near)}." if near else ""
    return f"There is no release {wanted}.{hint} 'lus releases' lists all."


def _named(directory: Path, is_name: Callable[[str], bool]) -> list[Path]:
    if not directory.is_dir():
        return []
    folders = (path for path in directory.iterdir() if path.is_dir() and not path.is_symlink())
    return sorted(path for path in folders if is_name(path.name))


def _revisions(region: str, month: Path) -> list[Release]:
    found = [
        Release(region, month.name, int(path.name[1:]), path)
        for path in _named(month, lambda name: bool(_REVISION.fullmatch(name)))
    ]
    return sorted(found, key=lambda release: release.revision)
