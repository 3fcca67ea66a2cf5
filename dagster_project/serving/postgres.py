"""The connection to PostgreSQL, and what may be told of an error: never the password, never a value of a row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import conninfo

from dagster_project.errors import ConfigurationError, NotServed
from dagster_project.settings import Settings

Connection = psycopg.Connection[tuple[Any, ...]]

OLDEST_VERSION = 15
"""The first version whose unique indexes can take two nulls for equal, as the keys of the marts do."""

_LOADERS = "select pg_advisory_lock(hashtext('lus_serving'))"


@contextmanager
def connected(settings: Settings) -> Iterator[Connection]:
    """A connection in autocommit mode; no other loader is at work in the database meanwhile.

    Raises ConfigurationError without ``LUS_POSTGRES_URL``, and NotServed, which tells neither password nor rows,
    where PostgreSQL cannot be reached, is too old, or anything that is done on the connection fails.
    """
    url = settings.postgres_url
    if not url:
        raise ConfigurationError(
            "LUS_POSTGRES_URL is not set: give the database as postgresql://user:password@host:5432/database."
        )
    try:
        password = str(conninfo.conninfo_to_dict(url).get("password") or "")
    except psycopg.Error:  # its message quotes the address
        raise NotServed("LUS_POSTGRES_URL cannot be read as an address of PostgreSQL.") from None
    try:
        with psycopg.connect(url, autocommit=True, client_encoding="utf8", application_name="lus") as connection:
            if connection.info.server_version < OLDEST_VERSION * 10_000:
                raise NotServed(f"PostgreSQL {OLDEST_VERSION} or newer is needed.")
            connection.execute("set statement_timeout = 0")  # a limit that is meant for readers
            connection.execute(_LOADERS)
            yield connection
    except psycopg.Error as error:
        raise NotServed(_told(error, password)) from None


def _told(error: psycopg.Error, password: str) -> str:
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
    if isinstance(error, psycopg.DataError):
        return f"PostgreSQL could not take a value ({kind})."  # its message quotes the value
    text = error.diag.message_primary or (str(error).splitlines() or [""])[0]
    for secret in filter(None, (password, quote(password, safe=""))):
        text = text.replace(secret, "***")
    return f"PostgreSQL says: {text.rstrip('.')} ({kind})."
