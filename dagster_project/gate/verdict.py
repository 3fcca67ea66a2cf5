"""The verdict: whether this very content may be published. Publishing reads it and nothing else.

``gate/verdict.json`` in the candidate is bound to the candidate's content hash and to the hash of everything that it
was made from. The same input gives the same bytes: checks are sorted by name and no clock enters.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from dagster_project.errors import LusError
from dagster_project.gate import waivers as waiving
from dagster_project.gate.checks import RESULTS, SOURCES, CheckResult
from dagster_project.gate.waivers import Waiver
from dagster_project.settings import private_directory

FILE_NAME = "verdict.json"
_KEYS = {"region", "month", "content_hash", "inputs_hash", "green", "counts", "checks", "waivers"}
_WAIVER_KEYS = ("check", "month", "reason", "who", "until")


@dataclass(frozen=True)
class Verdict:
    """``checks`` are sorted by name; ``waivers`` are the rows that let a failed check through, as text by column."""

    region: str
    month: str
    content_hash: str
    inputs_hash: str
    checks: tuple[CheckResult, ...]
    waivers: tuple[Mapping[str, str], ...]

    @property
    def blocking(self) -> list[CheckResult]:
        return [check for check in self.checks if check.is_blocking]

    @property
    def green(self) -> bool:
        """Nothing blocks, and both dbt and the expectations have looked: silence is no consent."""
        return not self.blocking and {check.source for check in self.checks} == set(SOURCES)

    @property
    def counts(self) -> dict[str, int]:
        """Checks by result, and how many block, were waived, or only warn."""
        results = Counter(check.result for check in self.checks)
        return {
            **{result: results[result] for result in RESULTS},
            "blocking": len(self.blocking),
            "waived": sum(bool(check.waived_by) for check in self.checks),
            "warnings": sum(check.severity == "warn" and check.result != "passed" for check in self.checks),
        }

    def as_bytes(self) -> bytes:
        content = {
            "region": self.region,
            "month": self.month,
            "content_hash": self.content_hash,
            "inputs_hash": self.inputs_hash,
            "green": self.green,
            "counts": self.counts,
            "checks": [check.as_row() for check in self.checks],
            "waivers": [dict(waiver) for waiver in self.waivers],
        }
        return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def decide(
    candidate_dir: Path,
    content_hash: str,
    checks: Iterable[CheckResult],
    waivers: Iterable[Waiver],
    newest_extracted_at: datetime,
    facts: Mapping[str, Any],
) -> Verdict:
    """Weigh every check of both sources, apply the waivers and write ``gate/verdict.json``.

    ``facts`` are the candidate's inputs: ``region``, ``month`` and ``inputs_hash`` are taken from them. Raises
    ConfigurationError for a waiver of a check that does not exist, LusError where two checks share a name or one of
    the sources has given no check at all.
    """
    found = sorted(checks, key=lambda check: check.check_name)
    names = Counter(check.check_name for check in found)
    if twice := [name for name, times in names.items() if times > 1]:
        raise LusError(f"Two checks of the gate are named {', '.join(twice)}: a waiver could not tell them apart.")
    for source in SOURCES:
        if not any(check.source == source for check in found):
            raise LusError(f"The gate has no result from {source}: without it nothing can be decided. Run it again.")
    rows = list(waivers)
    waiving.check_names(rows, names)
    judged, used = waiving.apply(found, rows, newest_extracted_at)
    verdict = Verdict(
        region=facts["region"],
        month=facts["month"],
        content_hash=content_hash,
        inputs_hash=facts["inputs_hash"],
        checks=tuple(judged),
        waivers=tuple(_waiver_row(waiver) for waiver in used),
    )
    path = private_directory(candidate_dir / "gate") / FILE_NAME
    path.write_bytes(verdict.as_bytes())
    path.chmod(0o600)
    return verdict


def _waiver_row(waiver: Waiver) -> dict[str, str]:
    return {
        "check": waiver.check,
        "month": waiver.month,
        "reason": waiver.reason,
        "who": waiver.who,
        "until": waiver.until.isoformat(),
    }


def read(path: Path) -> Verdict:
    """The verdict in a file, wholly validated: what is written there must follow from the checks it lists.

    Raises LusError where there is no file, it is no verdict, or its ``green`` or counts do not agree with its checks.
    """
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise LusError(f"There is no verdict at {path}: the gate has not judged this candidate.") from None
    except ValueError as error:
        raise LusError(f"{path} is no verdict: it is not JSON ({error}). Run the gate again.") from None
    try:
        verdict = _parse(content)
    except (ValueError, TypeError) as error:
        raise LusError(f"{path} is no verdict: {error}. Run the gate again.") from None
    if json.loads(verdict.as_bytes()) != content:
        raise LusError(f"{path} contradicts itself: its outcome is not what its checks amount to. Run the gate again.")
    return verdict


def _parse(content: Any) -> Verdict:
    if not isinstance(content, dict) or set(content) != _KEYS:
        raise ValueError("it has other keys than " + ", ".join(sorted(_KEYS)))
    for key in ("region", "month", "content_hash", "inputs_hash"):
        if not isinstance(content[key], str) or not content[key]:
            raise ValueError(f"{key} is not a text")
    for key in ("checks", "waivers"):
        if not isinstance(content[key], list):
            raise ValueError(f"{key} is not a list")
    for waiver in content["waivers"]:
        if not isinstance(waiver, dict) or set(waiver) != set(_WAIVER_KEYS):
            raise ValueError("a waiver has other keys than " + ", ".join(_WAIVER_KEYS))
        if not all(isinstance(value, str) for value in waiver.values()):
            raise ValueError("a waiver's value is not text")
    checks = tuple(CheckResult.from_row(row) for row in content["checks"])
    names = [check.check_name for check in checks]
    if names != sorted(set(names)):
        raise ValueError("its checks are not sorted by name, each once")
    return Verdict(
        region=content["region"],
        month=content["month"],
        content_hash=content["content_hash"],
        inputs_hash=content["inputs_hash"],
        checks=checks,
        waivers=tuple(content["waivers"]),
    )


def audit_rows(verdict: Verdict) -> list[dict[str, str | date | None]]:
    """The rows of ``audit_gate``: text, null where a check is not waived; ``waived_until`` a date."""
    rows: list[dict[str, str | date | None]] = []
    for check in verdict.checks:
        row: dict[str, str | date | None] = {**check.as_row()}
        row["waived_by"] = check.waived_by or None
        row["waived_until"] = date.fromisoformat(check.waived_until) if check.waived_until else None
        rows.append(row)
    return rows


def explain(verdict: Verdict) -> str:
    """One paragraph: what blocks, what was observed and expected, and what to do."""
    release = f"{verdict.region}/{verdict.month}"
    if verdict.green:
        return f"The gate lets {release} through: {len(verdict.checks)} checks, none blocks."
    faults = "; ".join(
        f"{check.check_name} ({check.result}, protects {check.protects}): {check.observed}, expected {check.expected}"
        for check in verdict.blocking
    )
    return (
        f"The gate blocks {release}: {len(verdict.blocking)} of {len(verdict.checks)} checks. {faults}. Correct the "
        f"delivery and send it as its next version, or add a row to {waiving.FILE_NAME} under the region's landing "
        "zone (check;month;reason;who;until) if the month is right as it is."
    )
