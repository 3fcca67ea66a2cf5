from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dagster_project.settings import Settings
from tests.serving import server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server for all tests of a process, as its superuser."""
    with server.running() as url:
        yield url


@pytest.fixture
def database(postgres: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database of the test's own; the roles, which all databases share, are new too."""
    name = f"db_{abs(hash(request.node.name))}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"create database {name}")
        yield postgres.replace("/postgres?", f"/{name}?")
        connection.execute(f"drop database {name} with (force)")
        connection.execute("drop role if exists lus_reader, lus_analyst, own_loader, dashboard")


@pytest.fixture
def settings(tmp_path: Path, database: str) -> Settings:
    home = tmp_path / "home"
    home.mkdir()
    return Settings(home, home / "landing", postgres_url=database)


@pytest.fixture
def ask(database: str) -> Callable[..., list[tuple[Any, ...]]]:
    """The rows of a query, as the superuser or as the role that is named."""

    def asked(query: str, role: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(f"set role {role}")
            return connection.execute(query).fetchall()

    return asked
