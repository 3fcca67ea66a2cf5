"""What is loaded in the database, and which release of each region readers are shown.

The registry is a table of the database itself, so that several regions, each with a home of its own, can share one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import sql

from dagster_project.errors import NotServed
from dagster_project.releases.catalogue import Release
from dagster_project.serving.postgres import Connection

READERS = "lus_reader"
ANALYSTS = "lus_analyst"

_PREPARE = """
create schema if not exists lus_serving;
create table if not exists lus_serving.releases (
    schema_name text primary key,
    open_schema_name text,
    region_code text not null,
    month date not null,
    revision integer not null,
    release text not null,
    manifest_hash text not null,
    published_at timestamptz not null,
    withdrawn_at timestamptz,
    withdrawn_reason text,
    is_shown boolean not null default false
);
create schema if not exists lus;
create schema if not exists lus_open;
"""

_MAKE_ROLE = """
do $$ begin
    if to_regrole('{role}') is null then create role {role} nologin; end if;
end $$
"""


@dataclass(frozen=True)
class Loaded:
    """A release in the database; ``open_schema`` is None where it has no open tables."""

    region: str
    release: str
    schema: str
    open_schema: str | None


def prepare(connection: Connection) -> None:
    """Make the registry, the schemas of the views and the two roles, where they are missing."""
    with connection.transaction():
        connection.execute(sql.SQL(_PREPARE))
        for role in (READERS, ANALYSTS):
            connection.execute(sql.SQL(_MAKE_ROLE.format(role=role)))


def schemas_of(release: Release) -> dict[str, str]:
    """The names of the release's schemas, as ``lus_01_2026_10_r02``, by ``marts`` and ``open``."""
    schema = f"lus_{release.region}_{release.month.replace('-', '_')}_{release.path.name}"
    return {"marts": schema, "open": f"{schema}_open"}


def is_loaded(connection: Connection, release: Release) -> bool:
    """Raises NotServed where another release of the same name is loaded: the database is another installation's."""
    row = connection.execute(
        "select manifest_hash from lus_serving.releases where schema_name = %s", [schemas_of(release)["marts"]]
    ).fetchone()
    if row is None:
        return False
    if row[0] != release.manifest["manifest_hash"]:
        raise NotServed(
            f"Another release that is called {release.name} too is loaded there: the database belongs to another "
            "LUS_HOME. Give this one a database of its own, or drop the schemas whose names begin with lus."
        )
    return True


def enter(connection: Connection, release: Release, *, has_open: bool) -> None:
    """Enter a release that has been loaded."""
    schemas = schemas_of(release)
    connection.execute(
        "insert into lus_serving.releases (schema_name, open_schema_name, region_code, month, revision, release, "
        "manifest_hash, published_at) values (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            schemas["marts"],
            schemas["open"] if has_open else None,
            release.region,
            f"{release.month}-01",
            release.revision,
            release.name,
            release.manifest["manifest_hash"],
            release.manifest["published_at"],
        ],
    )


def show(connection: Connection, release: Release) -> None:
    """Make the release the shown one of its region, with what there is to say of its withdrawal."""
    withdrawal = release.withdrawal
    connection.execute(
        "update lus_serving.releases set is_shown = (schema_name = %s) where region_code = %s",
        [schemas_of(release)["marts"], release.region],
    )
    connection.execute(
        "update lus_serving.releases set withdrawn_at = %s, withdrawn_reason = %s where schema_name = %s",
        [
            (withdrawal.withdrawn_at or None) if withdrawal else None,
            withdrawal.reason if withdrawal else None,
            schemas_of(release)["marts"],
        ],
    )


def shown(connection: Connection) -> list[Loaded]:
    """The shown release of each region, the one that was published last first."""
    return _loaded(connection, "is_shown", [])


def of_region(connection: Connection, region: str) -> list[Loaded]:
    """Every loaded release of the region."""
    return _loaded(connection, "region_code = %s", [region])


def forget(connection: Connection, loaded: Loaded) -> None:
    """Strike a release out whose schemas are dropped."""
    connection.execute("delete from lus_serving.releases where schema_name = %s", [loaded.schema])


def _loaded(connection: Connection, condition: str, parameters: list[Any]) -> list[Loaded]:
    rows = connection.execute(
        sql.SQL(
            "select region_code, release, schema_name, open_schema_name from lus_serving.releases "
            f"where {condition} order by published_at desc, region_code"
        ),
        parameters,
    ).fetchall()
    return [Loaded(*row) for row in rows]
