"""What the month's page says of the data behind it: what was set aside, what the gate found, and the billing verdict.

It names checks and files, never what was observed: that may be another municipality's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from dagster_project.reports.billing_readiness import Unit
from dagster_project.reports.figure import Figure, derived
from dagster_project.reports.query import rows

_FEEDS = {
    "episodes": "vårdtillfällen",
    "cases": "ärenden",
    "messages": "meddelanden",
    "invoices": "fakturarader",
    "identity_links": "identitetslänkar",
    "deviations": "avvikelser",
    "contacts": "kontaktlista",
    "population": "befolkning",
}


@dataclass(frozen=True)
class File:
    """A file of the month's delivery; ``quarantined`` is the share of its rows that were set aside, missing of none."""

    name: str
    quarantined: Figure


@dataclass(frozen=True)
class Check:
    """A check of the gate that did not pass; ``waived_until`` where it was let through."""

    name: str
    protects: str
    waived_until: date | None


@dataclass(frozen=True)
class Quality:
    """``checks`` counts all of the gate's, ``unit`` is the municipality's billing readiness, null for the county."""

    files: list[File]
    checks: int
    passed: int
    warnings: list[Check]
    waived: list[Check]
    unit: Unit | None


def quality(connection: duckdb.DuckDBPyConnection, on: date, unit: Unit | None) -> Quality:
    """Of the release whose tables ``connection`` has, for the month with this first date."""
    delivered = rows(
        connection,
        "select file, rows_delivered, rows_quarantined from audit_deliveries where delivery_month = ? order by file",
        [on],
    )
    checks = rows(
        connection, "select check_name, protects, result, severity, waived_until from audit_gate order by check_name"
    )
    failed = [row for row in checks if row["result"] != "passed"]
    found = [(row["severity"], Check(row["check_name"], row["protects"], row["waived_until"])) for row in failed]
    return Quality(
        files=[File(_name(row["file"]), _share(row["rows_quarantined"], row["rows_delivered"])) for row in delivered],
        checks=len(checks),
        passed=len(checks) - len(failed),
        warnings=[check for severity, check in found if severity == "warn" and check.waived_until is None],
        waived=[check for _, check in found if check.waived_until is not None],
        unit=unit,
    )


def _name(file: str) -> str:
    feed = file.split(".", 1)[0]
    return _FEEDS.get(feed, feed)


def _share(part: int, whole: int) -> Figure:
    return derived((), Decimal(part) / whole if whole else None)
