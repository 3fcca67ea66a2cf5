"""What changed between two releases of a region: what they were made from, how many rows, and which figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from dagster_project.errors import ConfigurationError
from dagster_project.releases import history
from dagster_project.releases.catalogue import Release
from dagster_project.releases.history import Published
from dagster_project.revisions import causes, compare
from dagster_project.revisions.edition import Edition, check_names, common_months, of_release
from dagster_project.revisions.numbers import for_machines
from dagster_project.settings import Settings

Sides = dict[str, tuple[Any, Any]]
"""What differs, by name: as it was and as it is, None where there was or is none."""


@dataclass(frozen=True)
class Figure:
    """How one figure of one table moved. ``changed`` counts the values that differ, those that ``appeared`` or
    ``vanished`` (there was or is none) among them.

    ``net`` is what the figure's sum grew by, None where it does not add up (shares, means); ``largest`` is the size of
    the greatest difference, None where every value did so.
    """

    table_name: str
    figure: str
    changed: int
    appeared: int
    vanished: int
    net: Decimal | None
    largest: Decimal | None
    cause: str


@dataclass(frozen=True)
class Change:
    """One value that differs; ``key`` is the JSON of its row's primary key."""

    table_name: str
    key: str
    figure: str
    month: date
    old_value: Decimal | None
    new_value: Decimal | None
    difference: Decimal | None
    cause: str


@dataclass(frozen=True)
class Diff:
    """From ``before`` to ``now``. ``months`` (yyyy-mm, the first and the last) are those that both have figures of.

    ``deliveries`` are versions by month, ``waivers`` texts by check, ``rows`` numbers by table. ``read_anew``: months
    whose delivery is the same and was read by another mapping or other code. ``changes`` are of one table, the largest
    first; None where no table was asked for.
    """

    before: Published
    now: Published
    months: tuple[str, str]
    deliveries: Sides
    read_anew: list[str]
    reference: list[str]
    code_version: tuple[str, str]
    waivers: Sides
    rows: Sides
    figures: list[Figure]
    changes: list[Change] | None

    def as_json(self) -> dict[str, Any]:
        facts = {
            "before": _release_json(self.before),
            "now": _release_json(self.now),
            "months": {"first": self.months[0], "last": self.months[1]},
            "deliveries": _json(self.deliveries),
            "read_anew": self.read_anew,
            "reference": self.reference,
            "code_version": {"before": self.code_version[0], "now": self.code_version[1]},
            "waivers": _json(self.waivers),
            "rows": _json(self.rows),
            "figures": [asdict(figure) for figure in self.figures],
            "changes": None if self.changes is None else [asdict(change) for change in self.changes],
        }
        return dict(for_machines(facts))


def diff(settings: Settings, a: Release, b: Release, table: str | None = None, figure: str | None = None) -> Diff:
    """What changed from ``a`` to ``b``; figures of one table, or of one name, alone where these are given.

    Raises ConfigurationError where the two are of different regions or a name is none, VerificationFailed where a
    release is damaged.
    """
    if a.region != b.region:
        raise ConfigurationError(f"{a.name} and {b.name} are of different regions: nothing of them can be compared.")
    before, now = history.read(a), history.read(b)
    old, new = of_release(before), of_release(now)
    with settings.connect() as connection:
        check_names(new.figures(connection), table, figure)
        compare.write_changes(connection, old, new)
        figures = _figures(connection, new, table, figure)
        changes = _changes(connection, table, figure) if table else None
    return Diff(
        before=before,
        now=now,
        months=common_months(old, new),
        deliveries=_sides(old, new, _deliveries),
        read_anew=causes.read_anew(old, new),
        reference=causes.changed_reference(old, new),
        code_version=(old.facts["code_version"], new.facts["code_version"]),
        waivers=_sides(old, new, _waivers),
        rows=_sides(old, new, lambda side: {name: one["rows"] for name, one in side.facts["tables"].items()}),
        figures=figures,
        changes=changes,
    )


def _figures(
    connection: duckdb.DuckDBPyConnection, new: Edition, table: str | None, figure: str | None
) -> list[Figure]:
    rows = connection.execute(
        f"""
        select
            table_name,
            figure,
            count(*),
            count(*) filter (old_value is null),
            count(*) filter (new_value is null),
            sum(coalesce(new_value, 0) - coalesce(old_value, 0)),
            max(abs(difference)),
            any_value(cause)
        from {compare.CHANGES}
        where table_name = coalesce($table, table_name) and figure = coalesce($figure, figure)
        group by table_name, figure
        order by table_name, figure
        """,
        {"table": table, "figure": figure},
    ).fetchall()
    adding = {name: mart for name in {row[0] for row in rows} if (mart := new.mart(connection, name))}
    return [
        Figure(name, of, changed, new, old, net if adding[name].adds_up(of) else None, largest, why)
        for name, of, changed, new, old, net, largest, why in rows
    ]


def _changes(connection: duckdb.DuckDBPyConnection, table: str, figure: str | None) -> list[Change]:
    rows = connection.execute(
        f"""
        select table_name, key, figure, month, old_value, new_value, difference, cause
        from {compare.CHANGES}
        where table_name = $table and figure = coalesce($figure, figure)
        order by abs(coalesce(new_value, 0) - coalesce(old_value, 0)) desc, figure, key
        """,
        {"table": table, "figure": figure},
    ).fetchall()
    return [Change(*row) for row in rows]


def _sides(old: Edition, new: Edition, facts: Callable[[Edition], Mapping[str, Any]]) -> Sides:
    before, now = facts(old), facts(new)
    names = sorted(before.keys() | now.keys())
    return {name: (before.get(name), now.get(name)) for name in names if before.get(name) != now.get(name)}


def _deliveries(side: Edition) -> dict[str, str]:
    return {month: f"v{version:02d}" for month, (version, _) in causes.deliveries(side).items()}


def _waivers(side: Edition) -> dict[str, str]:
    return {one["check"]: f"{one['reason']} ({one['who']}, until {one['until']})" for one in side.facts["waivers"]}


def _json(sides: Sides) -> dict[str, Any]:
    return {name: {"before": before, "now": now} for name, (before, now) in sides.items()}


def _release_json(published: Published) -> dict[str, Any]:
    withdrawal = published.release.withdrawal
    return {
        "release": published.release.name,
        "published_at": published.manifest["published_at"],
        "withdrawn": asdict(withdrawal) if withdrawal else None,
    }
