"""What changed of the figures that the month's page shows, since the release before, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from dagster_project.reports import swedish
from dagster_project.reports.figure import Figure
from dagster_project.reports.monthly.figures import ALL, Figures, figure
from dagster_project.revisions.causes import CHANGED_FROZEN, CHANGED_REFERENCE, CHANGED_RULE, LATE_DATA, NOT_TOLD

_CAUSES = {
    LATE_DATA: "sena uppgifter",
    CHANGED_RULE: "ändrad regel",
    CHANGED_FROZEN: "ändrat fastställt belopp",
    NOT_TOLD: "går inte att utläsa",
}
OTHER_PROTECTION = "annat skydd av små tal"


@dataclass(frozen=True)
class Change:
    """A figure that both releases have, and that is not the same in both; ``is_money`` is in kronor."""

    month: str
    name: str
    old: Figure
    new: Figure
    cause: str
    is_money: bool = False


def changes(
    connection: duckdb.DuckDBPyConnection, before: Figures, now: Figures, place: str, months: Sequence[date]
) -> list[Change]:
    """The changed figures of the months that both releases have, the newest month first.

    The causes are read from table ``mart_revisions`` of ``connection``, which tells one for each table.
    """
    causes = dict(connection.execute("select table_name, min(cause) from mart_revisions group by all").fetchall())
    found = []
    for month in sorted(months, reverse=True):
        if not (before.has(month) and now.has(month)):
            continue
        for name, table, old, new, is_money in _figures(before, now, place, month):
            if old != new:
                cause = worded(causes[table]) if table in causes else OTHER_PROTECTION
                found.append(Change(swedish.month_name(month), name, old, new, cause, is_money))
    return found


def worded(cause: str) -> str:
    """A cause of ``mart_revisions`` in Swedish."""
    parts = []
    for code in cause.split("|"):
        kind, _, table = code.partition(":")
        parts.append(f"ändrad referenstabell ({table})" if kind == CHANGED_REFERENCE else _CAUSES[kind])
    return swedish.listed(parts)


def _figures(before: Figures, now: Figures, place: str, month: date) -> list[tuple[str, str, Figure, Figure, bool]]:
    """Name, table, old and new figure, and whether it is money, of all that the page shows of a place's month."""
    days = [
        (name, "mart_ready_days_monthly", before.day(place, month, column), now.day(place, month, column), False)
        for name, column in (
            ("Utskrivningsklara dagar", "ready_days"),
            ("Utskrivningsklara vid månadens slut", "open_at_month_end"),
        )
    ]
    agreements = {
        row["agreement_id"]: row["payment_class"]
        for side in (now, before)
        for row in side.payment.get((place, month), [])
    }
    classes = {"somatic": "somatisk vård", "psychiatric": "psykiatrisk vård"}
    paid = [
        (
            f"{name}, {classes[payment_class]}",
            "mart_payment_responsibility_monthly",
            figure(before.paid(place, agreement, month), column),
            figure(now.paid(place, agreement, month), column),
            column == "amount",
        )
        for agreement, payment_class in sorted(agreements.items(), key=lambda one: (one[1] != "somatic", one[0]))
        for name, column in (("Dagar med betalningsansvar", "liable_days"), ("Belopp", "amount"))
    ]
    old, new = (side.readmissions.get((place, ALL, month)) for side in (before, now))
    readmitted = [
        (name, "mart_readmissions_headline", figure(old, column), figure(new, column), False)
        for name, column in (
            ("Utskrivna, 65 år och äldre", "index_discharges"),
            ("Oplanerat återinskrivna inom sju dagar", "readmissions"),
        )
    ]
    return [*days, *paid, *readmitted]


def revised(connection: duckdb.DuckDBPyConnection, place: str) -> int:
    """How many of the place's published figures this release changed."""
    found = connection.execute(
        "select count(*) from mart_revisions where ? in "
        "(json_extract_string(key, '$.municipality_code'), json_extract_string(key, '$.unit_id'))",
        [place],
    ).fetchone()
    assert found is not None
    return int(found[0])
