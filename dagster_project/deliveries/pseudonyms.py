"""Person ids: their normal form, and the keyed pseudonym that replaces them before anything is stored."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import duckdb

from dagster_project.errors import ConfigurationError
from dagster_project.settings import Settings, private_directory

VARIABLE = "LUS_PSEUDONYM_KEY"
SHORTEST_KEY = 16
LENGTH = 32


def read_key(settings: Settings) -> bytes:
    """The installation's pseudonym key: ``LUS_PSEUDONYM_KEY``, else ``secrets/pseudonym.key``, made at the first run.

    Raises ConfigurationError for a key that is too short or a file that others may read.
    """
    given = os.environ.get(VARIABLE)
    if given is not None:
        return _long_enough(given.encode(), f"The environment variable {VARIABLE}")
    path = settings.secrets / "pseudonym.key"
    if not path.exists():
        _make_key(path)
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(f"{path} may be read by others than its owner: run 'chmod 600' on it.")
    return _long_enough(path.read_bytes().strip(), f"The file {path}")


def _long_enough(key: bytes, what: str) -> bytes:
    if len(key) < SHORTEST_KEY:
        raise ConfigurationError(
            f"{what} holds a pseudonym key of {len(key)} characters: use at least {SHORTEST_KEY}, such as 64 random "
            "hexadecimal digits. The same key must be used for all months, or persons cannot be told to be the same."
        )
    return key


def _make_key(path: Path) -> None:
    private_directory(path.parent)
    mine = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # Another process may have made one meanwhile: then that is the key.
        os.link(mine, path)
    except FileExistsError:
        pass
    finally:
        mine.unlink()


def fingerprint(key: bytes) -> str:
    """A short text that differs between keys and tells nothing about them."""
    return hmac.new(key, b"lus pseudonym key", hashlib.sha256).hexdigest()[:16]


def pseudonym(key: bytes, normalised: str) -> str:
    """What a person id in normal form is replaced by: 32 hexadecimal digits of HMAC-SHA256."""
    return hmac.new(key, normalised.encode(), hashlib.sha256).hexdigest()[:LENGTH]


def set_key(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Give the key to the connection as two variables: it is never part of a statement, hence of no error or log."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    connection.execute("set variable lus_inner = ?", [bytes(byte ^ 0x36 for byte in block)])
    connection.execute("set variable lus_outer = ?", [bytes(byte ^ 0x5C for byte in block)])


def sql_pseudonym(normalised: str) -> str:
    """SQL for ``pseudonym`` of the SQL expression ``normalised``; ``set_key`` must have been called."""
    inner = f"unhex(sha256(getvariable('lus_inner') || encode({normalised})))"
    return f"left(sha256(getvariable('lus_outer') || {inner}), {LENGTH})"


def sql_normalised(person_id: str, birth_date: str | None = None) -> str:
    """SQL for a person id's normal form (feeds contract): no blanks, ``-`` or ``+``, upper case, twelve digits.

    Ten digits become twelve where the first six are ``birth_date``'s (a SQL date), the day as it is or plus 60.
    """
    cleaned = f"nullif(upper(regexp_replace({person_id}, '[\\s\\x{{00A0}}+-]', '', 'g')), '')"
    # Nearly all ids are in normal form as they come.
    bare = f"case when regexp_full_match({person_id}, '\\d{{12}}') then {person_id} else {cleaned} end"
    if birth_date is None:
        return bare
    day = f"strftime({birth_date}, '%y%m') || lpad((day({birth_date}) + {{}})::varchar, 2, '0')"
    same = f"left({bare}, 6) in ({day.format(0)}, {day.format(60)})"
    century = f"lpad((year({birth_date}) // 100)::varchar, 2, '0')"
    is_short = f"length({bare}) = 10 and regexp_full_match({bare}, '\\d{{10}}')"
    return f"case when {is_short} and {same} then {century} || {bare} else {bare} end"


def sql_is_known_form(normalised: str) -> str:
    """SQL: twelve digits, or a reserve number ``<HSA-id>:<number>``. Any other form is reported."""
    return f"regexp_full_match({normalised}, '\\d{{12}}|[^:]+:.+')"
