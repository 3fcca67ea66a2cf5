"""A release in PostgreSQL is what was published, and every region's release is there at once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from dagster_project.errors import NotServed, VerificationFailed
from dagster_project.releases import withdraw
from dagster_project.serving import source
from dagster_project.serving.serve import serve
from dagster_project.settings import Settings
from tests.serving import small_releases

Ask = Callable[..., list[tuple[Any, ...]]]
SCHEMAS = "select nspname from pg_namespace where nspname like 'lus\\_%\\_20%' order by 1"


def test_every_table_has_its_rows_types_and_texts(settings: Settings, ask: Ask) -> None:
    release = small_releases.release(settings)
    serve(settings, "01")
    with settings.connect() as connection:
        for alias, tables in source.attach(connection, release).items():
            for table in tables:
                cells = ", ".join(f'"{column.name}"::text' for column in table.columns)
                published = connection.execute(f"select {cells} from {alias}.{table.name} order by all").fetchall()
                view = f"{'lus' if alias == 'marts' else 'lus_open'}.{table.name}"
                assert sorted(ask(f"select {cells} from {view}"), key=str) == sorted(published, key=str), view
    types = "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = '{}'::regclass"
    assert {
        ("region_code", "text"),
        ("month", "date"),
        ("ready_days", "integer"),
        ("beds_equivalent", "numeric(12,4)"),
    } <= set(ask(types.format("lus.mart_ready_days_monthly")))
    assert ("admitted_at", "timestamp with time zone") in ask(types.format("lus.fct_spells"))
    for relation in ("lus.mart_ready_days_monthly", "lus_01_2026_10_r01.mart_ready_days_monthly"):
        assert ask(f"select obj_description('{relation}'::regclass), col_description('{relation}'::regclass, 4)") == [
            ("One row per month and municipality. It's a test.", "Utskrivningsklara dagar: ready days in the month")
        ]


def test_keys_and_indexes_are_there(settings: Settings, ask: Ask) -> None:
    small_releases.release(settings)
    serve(settings, "01")
    found = dict(ask("select schemaname || '.' || tablename, string_agg(indexdef, '|' order by indexname) "
                     "from pg_indexes where schemaname like 'lus_01%' group by 1"))  # fmt: skip
    for schema in ("lus_01_2026_10_r01", "lus_01_2026_10_r01_open"):
        monthly = found[f"{schema}.mart_ready_days_monthly"]
        for columns in ("(region_code, month, municipality_code)", "(month)", "(municipality_code)"):
            assert columns in monthly
    assert "(region_code, month, interval_id) NULLS NOT DISTINCT" in found["lus_01_2026_10_r01.mart_invoice_basis"]
    assert "_pkey" in found["lus_01_2026_10_r01.fct_spells"]


def test_serving_again_changes_nothing(settings: Settings, ask: Ask) -> None:
    small_releases.release(settings)
    assert serve(settings, "01").loaded == ["01/2026-10/r01"]
    objects = "select oid, relname, relacl::text from pg_class where relnamespace::regnamespace::text like 'lus%'"
    before = sorted(ask(objects))
    assert serve(settings, "01").loaded == []
    assert sorted(ask(objects)) == before


def test_regions_share_the_views(settings: Settings, ask: Ask) -> None:
    small_releases.release(settings, region="01", figure=1)
    small_releases.release(settings, "2026-09", region="24", figure=5, with_open=False)
    serve(settings, "01")
    serve(settings, "24")
    shown = "select region_code, release from {}.served_releases order by 1"
    assert ask(shown.format("lus")) == [("01", "01/2026-10/r01"), ("24", "24/2026-09/r01")]
    assert ask(shown.format("lus_open")) == [("01", "01/2026-10/r01")]
    assert ask("select region_code, sum(ready_days) from lus.mart_ready_days_monthly group by 1 order by 1") == [
        ("01", 3),
        ("24", 15),
    ]
    assert ask("select region_code, check_name from lus.audit_gate order by 1") == [
        ("01", "keys_are_unique"),
        ("24", "keys_are_unique"),
    ]
    # The dimensions' rows once: its own of a region, what is common from the release that was published last.
    assert ask("select * from lus.dim_municipality order by 1") == [
        ("0180", "01", "own row of 01"),
        ("2480", "24", "own row of 24"),
        ("9999", None, "told by 24 2026-09"),
    ]
    small_releases.release(settings, "2026-11", region="01", figure=2)
    serve(settings, "01")
    assert ask("select region_code, sum(ready_days) from lus.mart_ready_days_monthly group by 1 order by 1") == [
        ("01", 6),
        ("24", 15),
    ]


def test_a_column_that_one_region_does_not_have_yet_is_null(settings: Settings, ask: Ask) -> None:
    small_releases.release(settings, region="01")
    small_releases.release(settings, region="24", change="alter table fct_spells add column risk decimal(9, 6);")
    serve(settings, "01")
    serve(settings, "24")
    assert ask("select distinct region_code, risk from lus.fct_spells order by 1") == [("01", None), ("24", None)]
    assert ask("select format_type(atttypid, atttypmod) from pg_attribute where attname = 'risk' and "
               "attrelid = 'lus.fct_spells'::regclass") == [("numeric(9,6)",)]  # fmt: skip


def test_views_follow_current_and_old_schemas_go(settings: Settings, ask: Ask) -> None:
    shown = "select release from lus.served_releases"
    small_releases.release(settings, "2026-09")
    serve(settings, "01")
    small_releases.release(settings, "2026-10")
    serve(settings, "01")
    revised = small_releases.release(settings, "2026-09", 2, figure=7)
    assert serve(settings, "01", revised).loaded == ["01/2026-09/r02"]
    assert ask(shown) == [("01/2026-10/r01",)]
    assert ask("select sum(ready_days) from lus_01_2026_09_r02.mart_ready_days_monthly", "lus_analyst") == [(21,)]
    assert [name for (name,) in ask(SCHEMAS)] == [
        f"lus_01_2026_{release}{which}" for release in ("09_r01", "09_r02", "10_r01") for which in ("", "_open")
    ]
    # The views move: what they showed before stays until they move again, and no other.
    small_releases.release(settings, "2026-10", 2)
    serve(settings, "01")
    assert ask(shown) == [("01/2026-10/r02",)]
    assert [name for (name,) in ask(SCHEMAS)] == [
        f"lus_01_2026_{release}{which}" for release in ("10_r01", "10_r02") for which in ("", "_open")
    ]


def test_a_withdrawn_release_stays_and_says_so(settings: Settings, ask: Ask) -> None:
    release = small_releases.release(settings)
    serve(settings, "01")
    withdraw.withdraw(settings, release, "It's wrong: 100 % of Solna")
    serve(settings, "01")
    ((name, at, reason),) = ask("select release, withdrawn_at, withdrawn_reason from lus.served_releases")
    assert (name, reason) == ("01/2026-10/r01", "It's wrong: 100 % of Solna")
    assert at is not None


def test_readers_see_open_tables_alone(settings: Settings, ask: Ask) -> None:
    small_releases.release(settings)
    serve(settings, "01")
    assert ask("select ready_days from lus_open.mart_ready_days_monthly", "lus_reader") == [(1,)]
    assert ask("select count(*) from lus_open.served_releases", "lus_reader") == [(1,)]
    closed = ["lus.fct_spells", "lus.mart_ready_days_monthly", "lus_01_2026_10_r01.fct_spells",
              "lus_01_2026_10_r01_open.mart_ready_days_monthly", "lus_serving.releases"]  # fmt: skip
    for relation in closed:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(f"select * from {relation}", "lus_reader")
    for relation in closed[:-1]:
        assert ask(f"select count(*) > 0 from {relation}", "lus_analyst") == [(True,)]
    for statement in ("delete from lus.fct_spells returning 1", "create table lus_open.x as select 1 returning 1"):
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.SyntaxError)):
            ask(statement, "lus_analyst")


def test_a_right_that_was_given_by_hand_is_taken_back(settings: Settings, ask: Ask) -> None:
    small_releases.release(settings)
    serve(settings, "01")
    with psycopg.connect(str(settings.postgres_url)) as connection:
        connection.execute("grant usage on schema lus to lus_reader, public; grant select on lus.fct_spells to public")
    serve(settings, "01")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask("select * from lus.fct_spells", "lus_reader")


def test_what_analysts_built_on_a_view_survives(settings: Settings, ask: Ask) -> None:
    small_releases.release(settings, "2026-09")
    serve(settings, "01")
    with psycopg.connect(str(settings.postgres_url)) as connection:
        connection.execute("create view public.mine as select sum(ready_days) as days from lus.mart_ready_days_monthly")
    small_releases.release(
        settings, figure=2, change="alter table mart_ready_days_monthly add column note varchar default 'new';"
    )
    serve(settings, "01")
    assert ask("select days from public.mine") == [(6,)]
    assert ask("select distinct note from lus.mart_ready_days_monthly") == [("new",)]


def test_a_view_whose_column_changed_or_went_is_made_anew(settings: Settings, ask: Ask) -> None:
    small_releases.release(settings, "2026-09")
    serve(settings, "01")
    change = "alter table fct_spells drop column person_key; alter table fct_spells alter stays type decimal(14, 2);"
    small_releases.release(settings, figure=2, change=change)
    serve(settings, "01")
    assert ask("select stays from lus.fct_spells where spell_id = 's1'") == [(Decimal("2.00"),)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask("select * from lus.fct_spells", "lus_reader")


def test_another_installation_s_release_of_the_same_name_is_refused(settings: Settings, ask: Ask) -> None:
    release = small_releases.release(settings, figure=1)
    serve(settings, "01")
    release.path.rename(release.path.with_name("moved"))
    small_releases.release(settings, figure=2)
    with pytest.raises(NotServed, match="another LUS_HOME"):
        serve(settings, "01")
    assert ask("select distinct ready_days from lus.mart_ready_days_monthly") == [(1,)]


def test_a_release_without_marts_in_its_manifest_is_none(settings: Settings) -> None:
    release = small_releases.release(settings)
    (release.path / "manifest.json").write_text("{}")
    with settings.connect() as connection, pytest.raises(VerificationFailed):
        source.attach(connection, release)
