"""The region's releases as readers have seen them, in the order in which they were published.

Two things of a release hang on them, and nothing else (``releases.md``, step 2): what changed since the release before,
and what disclosure control may still hide. They are read when a candidate is sealed. They are no input that makes a
new revision: else each publication would call for the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dagster_project.errors import VerificationFailed
from dagster_project.releases import catalogue, manifest
from dagster_project.releases.catalogue import MANIFEST, Release
from dagster_project.releases.hashing import file_sha256
from dagster_project.settings import Settings

_WHY = "Later releases hang on what it says: what a month was billed with, what readers know already."


@dataclass(frozen=True)
class Published:
    """A release that readers have seen (withdrawn or not), with its manifest, which is found whole."""

    release: Release
    published_at: datetime
    manifest: dict[str, Any]

    @property
    def facts(self) -> dict[str, str]:
        """What the manifest of a later release lists of it."""
        return {"release": self.release.name, "manifest_hash": self.manifest["manifest_hash"]}

    def sha256(self, name: str) -> str | None:
        """What the manifest says of the release's file of this relative path; None where it has none."""
        entry = self.manifest["files"].get(name)
        return entry["sha256"] if entry else None

    def file(self, name: str) -> Path | None:
        """The release's file of this relative path, None where it has none. Raises VerificationFailed if damaged."""
        expected = self.sha256(name)
        if expected is None:
            return None
        path = self.release.path / name
        try:
            sha256 = file_sha256(path)
        except OSError as error:
            raise _damaged(self.release, f"{path} cannot be read ({error.strerror})") from error
        if sha256 != expected:
            raise _damaged(self.release, f"{path} has another SHA-256 than the manifest says")
        return path


def published(settings: Settings, region: str) -> list[Published]:
    """Every release of the region, the first published first.

    Raises VerificationFailed where a manifest is damaged, or one that a later release lists is gone or another.
    """
    found = [read(release) for release in catalogue.of_region(settings, region)]
    there = facts_of(found)
    for one in found:
        for listed in one.manifest.get("published_before", []):
            if listed not in there:
                name = listed["release"]
                is_gone = all(other["release"] != name for other in there)
                what = f"{name}, which {one.release.name} was published after, is {'gone' if is_gone else 'another'}"
                raise VerificationFailed(f"{what}. {_WHY} Restore its directory from a backup and run again.")
    return sorted(found, key=lambda one: (one.published_at, one.release.month, one.release.revision))


def read(release: Release) -> Published:
    """The release with its manifest. Raises VerificationFailed where that is not what publishing wrote."""
    facts = release.manifest
    if facts.get("manifest_hash") != manifest.own_hash(facts):
        raise _damaged(release, f"{release.path / MANIFEST} has been changed: its own hash is another")
    return Published(release, datetime.fromisoformat(facts["published_at"]), facts)


def facts_of(history: Sequence[Published]) -> list[dict[str, str]]:
    return [one.facts for one in history]


def _damaged(release: Release, what: str) -> VerificationFailed:
    return VerificationFailed(
        f"{what}: {release.name} is damaged. {_WHY} Restore its directory from a backup and run again; 'lus verify "
        f"{release.name}' lists what differs."
    )
