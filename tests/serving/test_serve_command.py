"""``lus serve``, and a month that is published and not served: exit codes, messages, and no password in any of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from dagster import DagsterInstance, materialize
from psycopg import conninfo
from typer.testing import CliRunner, Result

from dagster_project import pipeline
from dagster_project.cli.main import app
from dagster_project.errors import ConfigurationError, NotServed
from dagster_project.partitions import partition_key
from dagster_project.pipeline import Outcome
from dagster_project.progress import Progress
from dagster_project.serving.assets import serve_release, serving_assets
from dagster_project.serving.serve import serve
from dagster_project.settings import Settings
from dagster_project.workplace import Workplace
from tests.serving import small_releases

Ask = Callable[..., list[tuple[Any, ...]]]
PASSWORD = "s3cret/päss word"
IN_URL = "s3cret%2Fp%C3%A4ss%20word"


def _lus(settings: Settings, *arguments: str, url: str | None = None) -> Result:
    environment = {"LUS_POSTGRES_URL": settings.postgres_url if url is None else url}
    return CliRunner().invoke(app, [*arguments, "--home", str(settings.home)], env=environment)


def test_serves_every_region_and_a_release_by_name(settings: Settings, ask: Ask) -> None:
    small_releases.release(settings, "2026-09", region="01")
    small_releases.release(settings, "2026-10", region="01")
    small_releases.release(settings, "2026-10", region="24")
    served = _lus(settings, "serve")
    assert (served.exit_code, served.stdout.splitlines()) == (
        0,
        ["PostgreSQL shows 01/2026-10/r01 (loaded 01/2026-10/r01)",
         "PostgreSQL shows 24/2026-10/r01 (loaded 24/2026-10/r01)"],
    )  # fmt: skip
    named = _lus(settings, "serve", "--release", "01/2026-09", "--json")
    assert json.loads(named.stdout) == {
        "served": [{"shown": "01/2026-10/r01", "loaded": ["01/2026-09/r01"]}],
        "failed": [],
    }
    assert ask("select count(*) from lus_01_2026_09_r01.fct_spells", "lus_analyst") == [(2,)]


def test_a_region_that_fails_does_not_keep_the_others(settings: Settings, ask: Ask) -> None:
    damaged = small_releases.release(settings, region="01")
    (damaged.path / "marts" / "marts.duckdb").unlink()
    small_releases.release(settings, region="24")
    served = _lus(settings, "serve")
    assert served.exit_code == 1
    assert "could not be given 01/2026-10/r01" in served.stderr
    assert ask("select release from lus.served_releases") == [("24/2026-10/r01",)]


def test_withdrawing_tells_the_database_s_readers(settings: Settings, ask: Ask) -> None:
    small_releases.release(settings)
    assert _lus(settings, "serve").exit_code == 0
    assert _lus(settings, "withdraw", "2026-10", "--reason", "Solna is missing").exit_code == 0
    assert ask("select withdrawn_reason from lus_open.served_releases", "lus_reader") == [("Solna is missing",)]


def test_wrong_use_is_told_before_anything_is_done(settings: Settings) -> None:
    assert _lus(settings, "serve").exit_code == 2  # no release
    small_releases.release(settings)
    missing = _lus(settings, "serve", url="")
    assert (missing.exit_code, "LUS_POSTGRES_URL is not set" in missing.stderr) == (2, True)
    for command in ("serve", "release"):
        wrong = _lus(settings, command, url=f"host=db password={PASSWORD}")
        assert (wrong.exit_code, "LUS_POSTGRES_URL is no address" in wrong.stderr) == (2, True)
        assert PASSWORD not in wrong.output


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://with_password:{IN_URL}x@/postgres?host=SOCKET",
        f"postgresql://with_password:{IN_URL}@localhost:1/postgres",
        f"postgresql://with_password:{IN_URL}@localhost:{IN_URL}/postgres",
        f"postgresql://with_password:{IN_URL}@/{IN_URL}?host=SOCKET",
        f"postgresql://with_password:{IN_URL}@localhost/postgres?{IN_URL}",
    ],
)
def test_no_error_shows_the_password(settings: Settings, postgres: str, url: str) -> None:
    small_releases.release(settings)
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("drop role if exists with_password")
        connection.execute(f"create role with_password login password '{PASSWORD}'")
    socket = conninfo.conninfo_to_dict(postgres)["host"]
    own = Settings(settings.home, settings.landing, postgres_url=url.replace("SOCKET", str(socket)))
    with pytest.raises(NotServed) as refused:
        serve(own, "01")
    for secret in (PASSWORD, IN_URL):
        assert secret not in f"{refused.value}{own}"
    assert refused.value.__cause__ is None and refused.value.__suppress_context__


def test_a_loader_without_rights_is_told_what_is_missing(settings: Settings, database: str) -> None:
    small_releases.release(settings)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("create role own_loader login")
    own = Settings(settings.home, settings.landing, postgres_url=database.replace("//postgres@", "//own_loader@"))
    with pytest.raises(NotServed, match="permission denied for database"):
        serve(own, "01")


def test_a_loader_needs_no_superuser(settings: Settings, database: str, ask: Ask) -> None:
    """What docs/bi.md tells the administrator to create is enough."""
    small_releases.release(settings)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("create role own_loader login createrole")
        name = conninfo.conninfo_to_dict(database)["dbname"]
        connection.execute(f"grant create, connect on database {name} to own_loader")
    own = Settings(settings.home, settings.landing, postgres_url=database.replace("//postgres@", "//own_loader@"))
    serve(own, "01")
    serve(own, "01")
    assert ask("select ready_days from lus_open.mart_ready_days_monthly", "lus_reader") == [(1,)]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("drop owned by own_loader")


def test_nothing_to_do_is_served_all_the_same(settings: Settings, ask: Ask) -> None:
    release = small_releases.release(settings)
    done = Outcome("01", "2026-10", "nothing_to_do", 0, "Nothing to do.", release.name, str(release.path))
    assert pipeline.served(settings, done) == done
    assert ask("select release from lus.served_releases") == [(release.name,)]
    gone = Settings(settings.home, settings.landing, postgres_url="postgresql://localhost:1/lus")
    outcome = pipeline.served(gone, done)
    assert (outcome.status, outcome.exit_code, outcome.release) == ("not_served", 1, release.name)
    assert outcome.message.startswith("Nothing to do. PostgreSQL could not be given 01/2026-10/r01")


def test_the_asset_serves_where_there_is_a_database(settings: Settings, ask: Ask) -> None:
    assert serving_assets(Settings(settings.home, settings.landing)) == []
    assert serving_assets(settings) == [serve_release]
    small_releases.release(settings)
    workplace = Workplace(settings, Progress(quiet=True))
    with DagsterInstance.ephemeral() as instance:
        result = materialize(
            [serve_release],
            instance=instance,
            partition_key=partition_key("01", "2026-10"),
            resources={"workplace": workplace},
            raise_on_error=False,
        )
        assert result.success
        (metadata,) = (event.metadata for event in result.asset_materializations_for_node("serving__postgresql"))
        assert metadata["shown"].value == "01/2026-10/r01"
    assert ask("select release from lus.served_releases") == [("01/2026-10/r01",)]


def test_an_address_that_is_none_stops_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUS_POSTGRES_URL", f"mysql://{PASSWORD}@db/lus")
    with pytest.raises(ConfigurationError, match="LUS_POSTGRES_URL is no address") as refused:
        Settings.from_environment()
    assert PASSWORD not in str(refused.value)
