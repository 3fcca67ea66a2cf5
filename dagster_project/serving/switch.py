"""The switch: all views move to another release in one transaction, and the schemas that nobody needs are dropped."""

from __future__ import annotations

import time
from collections.abc import Sequence

import psycopg
from psycopg import sql

from dagster_project.errors import NotServed
from dagster_project.releases.catalogue import Release
from dagster_project.serving import registry, views
from dagster_project.serving.postgres import Connection
from dagster_project.serving.registry import ANALYSTS, READERS, Loaded
from dagster_project.serving.views import View

PATIENCE = 60.0
"""Seconds during which the switch looks for a moment in which no reader is in the midst of a transaction."""

PAUSE = 0.2
"""Seconds that readers have to themselves after each attempt."""

_VIEWS = """
select table_schema, table_name from information_schema.views
where table_schema in ('lus', 'lus_open') order by table_schema, table_name
"""

_GRANTS = f"""
revoke all on schema lus, lus_open from public, {READERS}, {ANALYSTS};
revoke all on all tables in schema lus, lus_open from public, {READERS}, {ANALYSTS};
grant usage on schema lus to {ANALYSTS};
grant select on all tables in schema lus to {ANALYSTS};
grant usage on schema lus_open to {READERS}, {ANALYSTS};
grant select on all tables in schema lus_open to {READERS}, {ANALYSTS}
"""


def switch(connection: Connection, release: Release) -> None:
    """Let the views show this loaded release of its region; what they show of other regions stays.

    Waits for readers who have begun a transaction, and never so long that PostgreSQL would break one of them off.
    Raises NotServed where they leave no moment within ``PATIENCE``.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with connection.transaction():
                _lock_views(connection)
                registry.show(connection, release)
                _make_views(connection)
                connection.execute(_GRANTS)
            return
        except psycopg.errors.QueryCanceled:
            if time.monotonic() > until:
                raise NotServed(
                    f"For {PATIENCE:.0f} seconds some reader was always in the midst of a transaction; one that is "
                    "left open holds the views too (pg_stat_activity lists them)."
                ) from None
        time.sleep(PAUSE)


def drop_unused(connection: Connection, region: str, wanted: Sequence[str]) -> None:
    """Drop the region's schemas, but not the shown release's nor those of the releases called ``wanted``.

    A schema that someone is reading is left for the next time.
    """
    kept = {*wanted, *(loaded.release for loaded in registry.shown(connection))}
    for loaded in registry.of_region(connection, region):
        if loaded.release not in kept:
            _drop(connection, loaded)


def _drop(connection: Connection, loaded: Loaded) -> None:
    schemas = [loaded.schema, *([loaded.open_schema] if loaded.open_schema else [])]
    try:
        with connection.transaction():
            connection.execute("set local lock_timeout = '2s'")
            connection.execute(
                sql.SQL("drop schema if exists {} cascade").format(sql.SQL(", ").join(map(sql.Identifier, schemas)))
            )
            registry.forget(connection, loaded)
    except psycopg.errors.LockNotAvailable:
        pass


def _lock_views(connection: Connection) -> None:
    """Hold every view until the transaction ends, or give up long before PostgreSQL would look for a deadlock.

    A reader holds each view that it has read until its own transaction ends, so that it never sees two releases. One
    who holds what is wanted here, and wants what is held here, is thus let through and not broken off.
    """
    names = connection.execute(_VIEWS).fetchall()
    if not names:
        return
    connection.execute(
        "select set_config('statement_timeout', (setting::integer / 4)::text, true) from pg_settings "
        "where name = 'deadlock_timeout'"
    )
    connection.execute(
        sql.SQL("lock table {} in access exclusive mode").format(sql.SQL(", ").join(sql.Identifier(*n) for n in names))
    )
    connection.execute("set local statement_timeout = 0")


def _make_views(connection: Connection) -> None:
    wanted = views.all_views(connection)
    for schema, name in connection.execute(_VIEWS).fetchall():
        if (schema, name) not in {(view.schema, view.name) for view in wanted}:
            connection.execute(sql.SQL("drop view {}").format(sql.Identifier(schema, name)))
    for view in wanted:
        _make_view(connection, view)


def _make_view(connection: Connection, view: View) -> None:
    """Replace a view in place, with what others have built on it, unless a column of it has gone or changed."""
    create = sql.SQL("create or replace view {} as {}").format(view.identifier, view.query)
    try:
        with connection.transaction():
            connection.execute(create)
    except psycopg.errors.InvalidTableDefinition:
        connection.execute(sql.SQL("drop view {}").format(view.identifier))
        connection.execute(create)
    statements = [sql.SQL("comment on view {} is {}").format(view.identifier, sql.Literal(view.text))]
    for name, text in view.texts.items():
        column = sql.SQL("{}.{}").format(view.identifier, sql.Identifier(name))
        statements.append(sql.SQL("comment on column {} is {}").format(column, sql.Literal(text)))
    connection.execute(sql.SQL("; ").join(statements))
