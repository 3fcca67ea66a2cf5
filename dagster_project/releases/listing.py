"""The releases as rows for a table or for JSON: what people see when they ask what there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dagster_project.errors import VerificationFailed
from dagster_project.releases import catalogue
from dagster_project.releases.catalogue import Release
from dagster_project.settings import Settings


@dataclass(frozen=True)
class Listed:
    """One release; ``published_at`` is UTC in ISO 8601, ``rows`` counts all tables, ``fault`` is empty when whole."""

    release: str
    published_at: str
    code_version: str
    tables: int
    rows: int
    waivers: int
    is_current: bool
    withdrawn_at: str
    withdrawn_reason: str
    path: str
    fault: str

    @property
    def status(self) -> str:
        """For a reader's eye: ``current``, ``withdrawn <when>: <why>``, both, or what is damaged."""
        parts = ["current"] if self.is_current else []
        if self.withdrawn_reason:
            parts.append(f"withdrawn {self.withdrawn_at}: {self.withdrawn_reason}")
        if self.fault:
            parts.append(f"damaged: {self.fault}")
        return "; ".join(parts)


def listed(settings: Settings, region: str | None = None) -> list[Listed]:
    """Every release, or every one of a region, by region, month and revision. A damaged one is listed as such."""
    releases = catalogue.all_releases(settings) if region is None else catalogue.of_region(settings, region)
    read_by = {code: catalogue.current(settings, code) for code in {release.region for release in releases}}
    return [_row(release, release == read_by[release.region]) for release in releases]


def _row(release: Release, is_current: bool) -> Listed:
    fault = ""
    facts: dict[str, Any] = {}
    rows = 0
    try:
        facts, rows = release.manifest, release.rows
    except VerificationFailed as error:
        fault = str(error)
    except (KeyError, TypeError):
        fault = f"{catalogue.MANIFEST} gives no row counts; 'lus verify {release.name}' lists what differs"
    withdrawal = release.withdrawal
    return Listed(
        release=release.name,
        published_at=str(facts.get("published_at", "")),
        code_version=str(facts.get("code_version", "")),
        tables=len(facts.get("tables", {})),
        rows=rows,
        waivers=len(facts.get("waivers", [])),
        is_current=is_current,
        withdrawn_at=withdrawal.withdrawn_at if withdrawal else "",
        withdrawn_reason=withdrawal.reason if withdrawal else "",
        path=str(release.path),
        fault=fault,
    )
