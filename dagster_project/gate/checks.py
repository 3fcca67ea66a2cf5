"""What one check of the gate found: the same shape whether dbt or Great Expectations looked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

SOURCES = ("dbt", "expectations")
CATEGORIES = ("completeness", "conformance", "plausibility")
SEVERITIES = ("block", "warn")
RESULTS = ("passed", "failed", "error")

_ALLOWED = {"source": SOURCES, "category": CATEGORIES, "severity": SEVERITIES, "result": RESULTS}


@dataclass(frozen=True)
class CheckResult:
    """One row of ``audit_gate``.

    ``result`` is "error" where the check could not run, which counts as failed. ``waived_by`` and ``waived_until``
    (ISO date) are empty unless a waiver holds for the check. Raises ValueError for a word outside the contract.
    """

    check_name: str
    source: str
    category: str
    severity: str
    protects: str
    result: str
    observed: str
    expected: str
    waived_by: str = ""
    waived_until: str = ""

    def __post_init__(self) -> None:
        for name, allowed in _ALLOWED.items():
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"check {self.check_name}: {name} '{getattr(self, name)}' is none of {', '.join(allowed)}"
                )

    @property
    def is_blocking(self) -> bool:
        """Keeps the month from being published: failed or could not run, blocks, and is not waived."""
        return self.result != "passed" and self.severity == "block" and not self.waived_by

    def as_row(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in COLUMNS}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> CheckResult:
        """The inverse of ``as_row``; raises ValueError where a column is missing, unknown or not text."""
        if not isinstance(row, Mapping) or set(row) != set(COLUMNS):
            raise ValueError("a check has other columns than " + ", ".join(COLUMNS))
        if not all(isinstance(value, str) for value in row.values()):
            raise ValueError(f"check {row['check_name']}: a value is not text")
        return cls(**row)


COLUMNS = tuple(field.name for field in fields(CheckResult))
"""The columns of ``audit_gate``, in order."""


def plain_message(message: str, limit: int = 200) -> str:
    """An engine's error message in one line, without what may not stand in a verdict.

    Paths are left out (the same run elsewhere must give the same bytes), and so are long numbers and quoted values
    (an engine quotes the value that it stumbled on) and the query that an engine repeats.
    """
    text = " ".join(re.split(r"\n\s*LINE \d+:", message)[0].split())
    text = re.sub(r"(?:[\w.~-]*/)+[\w.-]+", "…", text)
    text = re.sub(r"'[^']*'", "'…'", text)
    text = re.sub(r"\d{5,}", "…", text)
    return text if len(text) <= limit else text[: limit - 1] + "…"
