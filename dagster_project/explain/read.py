"""Reads a case out of a release: ``marts/marts.duckdb`` read-only, so that what is explained is what was published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import duckdb

from dagster_project.errors import ConfigurationError, VerificationFailed
from dagster_project.explain import facts
from dagster_project.explain.facts import TABLES, CaseFacts, Edition, Interval, Row
from dagster_project.months import first_day, last_day
from dagster_project.releases import catalogue
from dagster_project.releases.catalogue import Release
from dagster_project.releases.hashing import quoted
from dagster_project.settings import Settings

MARTS = Path("marts") / "marts.duckdb"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_T = TypeVar("_T", bound=Row)


@contextmanager
def marts(settings: Settings, release: Release) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release's marts, read-only. Raises VerificationFailed where they cannot be read.

    Raises ConfigurationError where a table or column that a story needs was not published yet when the release was
    made.
    """
    try:
        with settings.connect(release.path / MARTS, read_only=True) as connection:
            _check_tables(connection, release)
            yield connection
    except duckdb.Error as error:
        raise VerificationFailed(
            f"{release.path / MARTS} cannot be read: the release is damaged. Restore it from a backup; 'lus verify "
            f"{release.name}' lists what differs."
        ) from error


def holds(connection: duckdb.DuckDBPyConnection, case_id: str) -> bool:
    """Whether the release has any event of the case: every case that counts has at least its stay's start."""
    found = connection.execute("select 1 from fct_case_events where case_id = ? limit 1", [case_id]).fetchone()
    return found is not None


def case(settings: Settings, connection: duckdb.DuckDBPyConnection, release: Release, case_id: str) -> CaseFacts:
    """Everything that the release says of a case that it holds."""
    [spell] = _rows(
        connection,
        facts.Spell,
        "spell_id = (select spell_id from fct_case_events where case_id = ? limit 1)",
        [case_id],
    )
    events = _rows(connection, facts.Event, "spell_id = ?", [spell.spell_id], 'order by "at", event_id')
    intervals = _rows(connection, Interval, "spell_id = ?", [spell.spell_id], "order by ready_at, interval_id")
    own = [interval for interval in intervals if interval.case_id == case_id]
    ids = [interval.interval_id for interval in own]
    payers = sorted({interval.payer_municipality_code for interval in own})
    of_payers = "list_contains(?, municipality_code) and payment_class = ?"
    keys = [payers, own[0].payment_class if own else None]
    region = "region_code in (?, 'SE')"
    return CaseFacts(
        case_id=case_id,
        edition=_edition(settings, connection, release),
        spell=spell,
        events=events,
        intervals=intervals,
        liable_days=_rows(
            connection, facts.LiableDay, "list_contains(?, interval_id)", [ids], "order by interval_id, liable_on"
        ),
        payer_months=_rows(connection, facts.PayerMonth, of_payers, keys, "order by month, municipality_code"),
        basis=_rows(
            connection,
            facts.BasisRow,
            "list_contains(?, interval_id)",
            [ids],
            "order by month, interval_id, sek_per_day",
        ),
        reconciliations=_rows(connection, facts.Reconciliation, of_payers, keys, "order by month, municipality_code"),
        agreements=_rows(connection, facts.Agreement, region, [release.region], "order by valid_from, agreement_id"),
        rates=_rows(connection, facts.Rate, region, [release.region], "order by valid_from, region_code"),
        invoicing_periods=_rows(
            connection, facts.InvoicingPeriod, region, [release.region], "order by valid_from, region_code"
        ),
        deadlines=_rows(connection, facts.Deadline, order="order by deadline_id, valid_from"),
        conditions=_rows(connection, facts.Condition, order="order by position"),
        terms={term.name: term for term in _rows(connection, facts.Term)},
        calendar={day.date_on: day for day in _rows(connection, facts.CalendarDate)},
        municipalities={row.municipality_code: row for row in _rows(connection, facts.Municipality)},
        districts={(row.municipality_code, row.district_code): row for row in _rows(connection, facts.District)},
        regions={row.region_code: row.name for row in _rows(connection, facts.Region)},
    )


def _check_tables(connection: duckdb.DuckDBPyConnection, release: Release) -> None:
    published: dict[str, set[str]] = {}
    for table, column in connection.execute("select table_name, column_name from duckdb_columns()").fetchall():
        published.setdefault(table, set()).add(column)
    needed = {TABLES[row]: {field.name for field in fields(row)} for row in TABLES}
    absent = [table for table in needed if table not in published]
    absent += [
        f"{table}.{column}"
        for table, columns in needed.items()
        for column in sorted(columns - published.get(table, columns))
    ]
    if absent:
        raise ConfigurationError(
            f"Release {release.name} was made by an older version of LUS and cannot explain a case: its marts lack "
            f"{', '.join(absent)}. Publish the month again with 'lus release {release.month}' and explain the case by "
            "the new revision."
        )


def _rows(
    connection: duckdb.DuckDBPyConnection,
    row: type[_T],
    where: str = "true",
    parameters: list[Any] | None = None,
    order: str = "",
) -> list[_T]:
    """Rows of a table as objects. Instants cross as microseconds: no zone of the engine or the machine has a say."""
    instants = {field.name for field in fields(row) if str(field.type).startswith("datetime")}
    columns = [
        f"epoch_us({quoted(field.name)})" if field.name in instants else quoted(field.name) for field in fields(row)
    ]
    found = connection.execute(
        f"select {', '.join(columns)} from {TABLES[row]} where {where} {order}", parameters or []
    ).fetchall()
    is_instant = [field.name in instants for field in fields(row)]
    make = cast(Callable[..., _T], row)
    return [
        make(*(_instant(value) if at else value for value, at in zip(values, is_instant, strict=True)))
        for values in found
    ]


def _instant(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


def _edition(settings: Settings, connection: duckdb.DuckDBPyConnection, release: Release) -> Edition:
    month = first_day(release.month)
    months = [delivery.delivery_month for delivery in _rows(connection, facts.Delivery)]
    withdrawal = release.withdrawal
    current = catalogue.current(settings, release.region)
    published_at = None
    with suppress(VerificationFailed):
        published_at = _time(str(release.manifest.get("published_at", "")))
    return Edition(
        name=release.name,
        region_code=release.region,
        month=month,
        last_on=last_day(release.month),
        first_month=min(months, default=month),
        published_at=published_at,
        withdrawn_at=_time(withdrawal.withdrawn_at) if withdrawal else None,
        withdrawn_reason=withdrawal.reason if withdrawal else None,
        current=current.name if current else None,
    )


def _time(text: str) -> datetime | None:
    """An instant that a manifest or a withdrawal tells; None where it cannot be read."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
