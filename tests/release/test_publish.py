"""Publishing: what a release holds, when it is refused, and what stays when it fails."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import ConfigurationError, GateBlocked, LusError, VerificationFailed
from dagster_project.releases import catalogue, dbt_facts, publish, seal
from dagster_project.releases.verify import verify
from dagster_project.reports import billing_readiness
from dagster_project.settings import Settings
from tests.release import candidates
from tests.release.candidates import MONTH, REGION


def current_link(settings: Settings, region: str = REGION) -> str:
    return (settings.releases / region / "current").readlink().as_posix()


def test_a_release_has_its_layout_and_rights(settings: Settings) -> None:
    release = candidates.released(settings)
    assert release.name == "01/2026-10/r01"
    assert current_link(settings) == "2026-10/r01"
    files = candidates.snapshot(release.path)
    assert set(files) == {
        "manifest.json",
        "marts/billing_readiness.html",
        "marts/marts.duckdb",
        *(
            f"marts/parquet/{name}.parquet"
            for name in [*sorted(candidates.PRIMARY_KEYS), "audit_quarantine", "mart_revisions", "audit_gate"]
        ),
        "gate/verdict.json",
        "gate/data_docs/index.html",
        *(f"dbt/{name}" for name in publish.DBT_RECORDS),
    }
    for path in release.path.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o750 if path.is_dir() else 0o440), path
    for directory in (release.path, release.path.parent, release.path.parent.parent, settings.releases):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o750
    assert verify(settings, release) == []


def test_the_manifest_tells_what_the_release_was_made_from(settings: Settings) -> None:
    facts = candidates.released(settings).manifest
    inputs = json.loads((settings.candidate(REGION, MONTH) / "inputs.json").read_text())
    assert inputs.items() <= facts.items()
    assert facts["release"] == "01/2026-10/r01"
    assert facts["revision"] == 1
    assert facts["published_at"] == "2026-11-05T08:00:00+00:00"
    assert facts["earlier_releases"] == []
    assert facts["verdict"]["green"] is True
    assert facts["verdict"]["counts"]["passed"] == 2
    assert facts["waivers"] == []
    assert facts["tables"]["fct_spells"]["rows"] == 200
    assert facts["tables"]["audit_gate"]["rows"] == 2
    records = {name for name, entry in facts["files"].items() if not entry["is_content"]}
    assert records == {"marts/marts.duckdb", "gate/data_docs/index.html", *(f"dbt/{n}" for n in publish.DBT_RECORDS)}


def test_the_page_on_billing_readiness_is_content(settings: Settings) -> None:
    release = candidates.released(settings)
    page = (release.path / billing_readiness.PATH).read_text(encoding="utf-8")
    assert "0 av 26" in page
    assert release.manifest["files"][billing_readiness.PATH]["is_content"] is True


def test_readers_open_the_marts_read_only_with_types_and_descriptions(settings: Settings) -> None:
    release = candidates.released(settings)
    database = settings.releases / REGION / "current" / "marts" / "marts.duckdb"
    with duckdb.connect(str(database), read_only=True) as marts:
        stored = {name: kind for name, kind, *_ in marts.execute("describe mart_ready_days_monthly").fetchall()}
        assert stored["month"] == "DATE"
        assert stored["amount"] == "DECIMAL(14,2)"
        described = marts.execute(
            "select comment from duckdb_tables() where table_name = 'fct_spells' union all select comment from "
            "duckdb_columns() where table_name = 'fct_spells' and column_name = 'region_code'"
        ).fetchall()
        assert described == [
            ("One row per key of fct_spells; it's a test. Swedish term: vårdepisoder.",),
            ("region: the region",),
        ]
        assert marts.execute("select check_name, result, waived_until from audit_gate").fetchall() == [
            ("hospitals_are_there", "passed", None),
            ("keys_are_unique", "passed", None),
        ]
        tables = {row[0] for row in marts.execute("show tables").fetchall()}
    assert tables == set(release.manifest["tables"])
    assert "not_published" not in tables


def test_a_release_tells_what_it_changed_since_the_release_before(settings: Settings) -> None:
    first = candidates.released(settings)
    second = candidates.released(settings, factor=2)
    assert first.manifest["tables"]["mart_revisions"]["rows"] == 0
    with settings.connect(second.path / "marts" / "marts.duckdb", read_only=True) as marts:
        changed = marts.execute(
            "select figure, cause, sum(difference)::integer, count(*) from mart_revisions group by all"
        ).fetchall()
        comments = marts.execute(
            "select comment from duckdb_columns() where table_name = 'mart_revisions' and column_name = 'difference'"
        ).fetchall()
    assert changed == [("ready_days", "late_data", 325, 25)]
    assert comments == [("skillnad: new value less the old; null where one of them is",)]
    assert verify(settings, second) == []


def test_the_marts_have_the_storage_version_that_clients_since_1_0_read(settings: Settings) -> None:
    release = candidates.released(settings)
    header = (release.path / "marts" / "marts.duckdb").read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") == 64


def test_parquet_is_in_the_order_of_the_primary_key(settings: Settings) -> None:
    release = candidates.released(settings)
    with settings.connect() as connection:
        ids = connection.execute(
            "select spell_id from read_parquet(?)", [str(release.path / "marts/parquet/fct_spells.parquet")]
        ).fetchall()
    assert ids == sorted(ids)


def test_the_key_is_the_one_that_dbt_tests(tmp_path: Path) -> None:
    def model(name: str, schema: str = "main") -> dict[str, object]:
        return {"resource_type": "model", "schema": schema, "name": name}

    def key(model: str, test: str, **arguments: object) -> dict[str, object]:
        return {
            "resource_type": "test",
            "attached_node": f"model.lus.{model}",
            "test_metadata": {"name": test, "kwargs": arguments},
        }

    manifest = tmp_path / "manifest.json"
    nodes = {
        **{f"model.lus.{name}": model(name) for name in ("dim_region", "dim_district", "dim_term")},
        "model.lus.int_spells": model("int_spells", schema="rules"),
        "test.lus.1": key("dim_region", "unique", column_name="region_code"),
        "test.lus.2": key("dim_district", "unique_key", key=["municipality_code", "district_code"]),
        "test.lus.3": key("dim_district", "unique", column_name="name"),
        "test.lus.4": key("dim_term", "not_null", column_name="name"),
    }
    manifest.write_text(json.dumps({"nodes": nodes}))
    described = dbt_facts.described_tables(manifest)
    assert {name: facts.primary_key for name, facts in described.items()} == {
        "dim_region": ["region_code"],
        "dim_district": ["municipality_code", "district_code"],
        "dim_term": [],
    }


def test_the_same_inputs_give_nothing_to_do_and_other_inputs_the_next_revision(settings: Settings) -> None:
    first = candidates.released(settings)
    inputs_hash = first.manifest["inputs_hash"]
    assert publish.already_published(settings, REGION, MONTH, inputs_hash) == first
    assert publish.already_published(settings, REGION, MONTH, "another") is None
    before = candidates.snapshot(settings.releases)
    assert candidates.released(settings) == first
    assert candidates.snapshot(settings.releases) == before

    second = candidates.released(settings, factor=2)
    assert second.name == "01/2026-10/r02"
    assert current_link(settings) == "2026-10/r02"
    assert candidates.snapshot(first.path) == {
        name.removeprefix("01/2026-10/r01/"): value for name, value in before.items() if "/r01/" in name
    }
    # The first inputs again are no longer those of the newest revision.
    assert candidates.released(settings).name == "01/2026-10/r03"


def test_nothing_was_published_before_the_first_release(settings: Settings) -> None:
    assert publish.already_published(settings, REGION, MONTH, "any") is None
    assert not settings.releases.exists()


def test_current_stays_at_the_newest_month_when_an_older_one_is_revised(settings: Settings) -> None:
    candidates.released(settings, month="2026-09")
    candidates.released(settings, month="2026-10")
    revised = candidates.released(settings, month="2026-09", factor=2)
    assert revised.name == "01/2026-09/r02"
    assert current_link(settings) == "2026-10/r01"
    candidates.released(settings, month="2026-10", factor=2)
    assert current_link(settings) == "2026-10/r02"


def test_revisions_are_counted_as_numbers(settings: Settings) -> None:
    first = candidates.released(settings)
    for number in (9, 100):
        shutil.copytree(first.path, first.path.parent / f"r{number:02d}")
    assert candidates.released(settings, factor=2).name == "01/2026-10/r101"
    assert current_link(settings) == "2026-10/r101"


@pytest.mark.parametrize("other_month", ["2026-08", "2026-10"])
def test_nothing_is_published_past_a_damaged_release_until_it_is_restored(settings: Settings, other_month: str) -> None:
    damaged = candidates.released(settings, month=other_month)
    manifest = damaged.path / "manifest.json"
    kept = manifest.read_text()
    manifest.chmod(0o600)
    manifest.write_text(kept.replace('"revision": 1', '"revision": 2'))
    with pytest.raises(VerificationFailed, match=f"01/{other_month}/r01 is damaged.*Restore its directory"):
        candidates.released(settings, factor=2)
    manifest.write_text(kept)
    assert candidates.released(settings, factor=2).month == MONTH


def test_nothing_is_published_past_a_release_that_is_gone_until_it_is_restored(
    settings: Settings, tmp_path: Path
) -> None:
    gone = candidates.released(settings, month="2026-08")
    candidates.released(settings, month="2026-09")
    kept = shutil.move(gone.path, tmp_path / "kept")
    with pytest.raises(VerificationFailed, match=r"01/2026-08/r01, which 01/2026-09/r01 .* is gone\..*Restore"):
        candidates.released(settings)
    another = candidates.released(Settings(tmp_path / "other", tmp_path / "landing"), month="2026-08", factor=2)
    shutil.copytree(another.path, gone.path)
    with pytest.raises(VerificationFailed, match=r"01/2026-08/r01, which 01/2026-09/r01 .* is another\."):
        candidates.released(settings)
    shutil.rmtree(gone.path)
    shutil.move(kept, gone.path)
    assert candidates.released(settings).month == MONTH


def test_a_release_that_readers_saw_after_the_verdict_is_no_part_of_it(settings: Settings) -> None:
    candidates.prepare(settings)
    candidates.released(settings, month="2026-09")
    with pytest.raises(GateBlocked, match="other releases of the region are there than when it was judged"):
        publish.publish(settings, REGION, MONTH)
    assert catalogue.of_month(settings, REGION, MONTH) == []
    assert candidates.released(settings).manifest["published_before"][0]["release"] == "01/2026-09/r01"


def test_what_is_published_before_makes_no_new_revision(settings: Settings) -> None:
    first = candidates.released(settings)
    candidates.released(settings, month="2026-09")
    assert candidates.released(settings).name == first.name


REFUSED = {
    "no verdict": (lambda c: (c / "gate/verdict.json").unlink(), "There is no verdict"),
    "a verdict cut short": (lambda c: cut(c / "gate/verdict.json"), "is not JSON"),
    "a verdict that says green in place of red": (
        lambda c: replace(c / "gate/verdict.json", '"result": "passed"', '"result": "failed"'),
        "contradicts itself",
    ),
    "a verdict on other content": (
        lambda c: replace(c / "gate/verdict.json", json.loads((c / "seal.json").read_text())["content_hash"], "f" * 64),
        "is on other content or other inputs",
    ),
    "no seal": (lambda c: (c / "seal.json").unlink(), "has not been sealed"),
    "a seal cut short": (lambda c: cut(c / "seal.json"), "has not been sealed"),
    "no inputs": (lambda c: (c / "inputs.json").unlink(), "what the candidate was made from is unknown"),
    "the inputs of a later run": (
        lambda c: candidates.write_inputs(c, REGION, MONTH, 7),
        "is on other content or other inputs",
    ),
    "inputs edited under the same hash": (
        lambda c: replace(c / "inputs.json", "0123456789abcdef", "0123456789abcdee"),
        "inputs.json has other bytes",
    ),
    "one cell of a published table": (
        lambda c: candidates.change_cell(
            c / "warehouse.duckdb",
            "update mart_ready_days_monthly set ready_days = 99 where municipality_code = '0184'",
        ),
        "warehouse.duckdb has other bytes",
    ),
    "one cell of a table that is not published": (
        lambda c: candidates.change_cell(c / "warehouse.duckdb", "update rules.int_intervals set days = 1 where i = 3"),
        "warehouse.duckdb has other bytes",
    ),
    "one cell that is only in the write-ahead log": (
        lambda c: (c / "warehouse.duckdb.wal").write_bytes(b"anything"),
        "warehouse.duckdb.wal is there",
    ),
    "one cell of a Parquet file": (lambda c: change_parquet(c), "fct_spells.parquet has other bytes"),
    "a Parquet file gone": (
        lambda c: (c / "marts/parquet/fct_spells.parquet").unlink(),
        "marts/parquet/fct_spells.parquet is gone",
    ),
    "a Parquet file more": (
        lambda c: (c / "marts/parquet/fct_more.parquet").write_bytes(b"PAR1"),
        "marts/parquet/fct_more.parquet was added",
    ),
    "no warehouse": (lambda c: (c / "warehouse.duckdb").unlink(), "warehouse.duckdb is gone"),
}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def change_parquet(candidate: Path) -> None:
    path = candidate / "marts/parquet/fct_spells.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table t as from read_parquet('{path}')")
        connection.execute("update t set age = 1 where spell_id = (select min(spell_id) from t)")
        connection.execute(f"copy (from t order by spell_id) to '{path}' (format parquet, compression zstd)")


@pytest.mark.parametrize("fault", REFUSED)
def test_publishing_refuses(settings: Settings, fault: str) -> None:
    candidates.released(settings, month="2026-09")
    candidate = candidates.prepare(settings)
    before = candidates.snapshot(settings.releases)
    spoil, message = REFUSED[fault]
    spoil(candidate)
    with pytest.raises(GateBlocked, match=message) as refused:
        publish.publish(settings, REGION, MONTH)
    assert "Run 'lus release 2026-10 --region 01'" in str(refused.value) or "'lus release'" in str(refused.value)
    assert candidates.snapshot(settings.releases) == before
    assert catalogue.of_month(settings, REGION, MONTH) == []


def test_publishing_refuses_a_red_verdict(settings: Settings) -> None:
    candidates.released(settings)
    before = candidates.snapshot(settings.releases)
    candidates.build(settings, factor=2)
    seal.seal_candidate(settings, REGION, MONTH)
    candidates.judge(settings, result="failed")
    with pytest.raises(GateBlocked, match=r"hospitals_are_there .*41 of 500, expected at least 450"):
        publish.publish(settings, REGION, MONTH)
    assert candidates.snapshot(settings.releases) == before


@pytest.mark.parametrize(("region", "month"), [("24", MONTH), (REGION, "2026-09")])
def test_publishing_refuses_the_candidate_of_another_region_or_month(
    settings: Settings, region: str, month: str
) -> None:
    candidates.prepare(settings)
    other = settings.candidate(region, month)
    other.parent.mkdir(parents=True, exist_ok=True)
    settings.candidate(REGION, MONTH).rename(other)
    with pytest.raises(GateBlocked, match="is of 01/2026-10"):
        publish.publish(settings, region, month)
    assert catalogue.all_releases(settings) == []


def test_publishing_refuses_where_there_is_no_candidate(settings: Settings) -> None:
    with pytest.raises(GateBlocked, match="There is no verdict"):
        publish.publish(settings, REGION, MONTH)


def test_sealing_anew_takes_the_earlier_verdict_away(settings: Settings) -> None:
    candidates.prepare(settings)
    seal.seal_candidate(settings, REGION, MONTH)
    with pytest.raises(GateBlocked, match="There is no verdict"):
        publish.publish(settings, REGION, MONTH)


def test_sealing_refuses_what_was_not_built_to_the_end(settings: Settings) -> None:
    with pytest.raises(LusError, match="not built to the end"):
        seal.seal_candidate(settings, REGION, MONTH)
    candidate = candidates.build(settings)
    (candidate / "warehouse.duckdb.wal").write_bytes(b"")
    with pytest.raises(LusError, match="not built to the end"):
        seal.seal_candidate(settings, REGION, MONTH)
    (candidate / "warehouse.duckdb.wal").unlink()
    (candidate / "dbt" / "manifest.json").write_text("[]")
    with pytest.raises(LusError, match="is missing or is not dbt's manifest"):
        seal.seal_candidate(settings, REGION, MONTH)


def test_sealing_refuses_a_type_that_parquet_does_not_keep(settings: Settings) -> None:
    candidate = candidates.build(settings)
    candidates.change_cell(
        candidate / "warehouse.duckdb", "create table mart_sums as select sum(i) as days from range(3) t(i)"
    )
    with pytest.raises(LusError, match=r"mart_sums has columns .*: days \(HUGEINT\)"):
        seal.seal_candidate(settings, REGION, MONTH)


def test_sealing_refuses_a_key_that_the_table_does_not_have(settings: Settings) -> None:
    candidate = candidates.build(settings)
    candidates.change_cell(candidate / "warehouse.duckdb", "alter table fct_spells rename spell_id to other_id")
    with pytest.raises(LusError, match="primary key of fct_spells names spell_id"):
        seal.seal_candidate(settings, REGION, MONTH)


def test_publishing_says_so_when_current_is_no_link(settings: Settings) -> None:
    candidates.released(settings)
    link = settings.releases / REGION / "current"
    link.unlink()
    link.mkdir()
    candidates.prepare(settings, factor=2)
    with pytest.raises(ConfigurationError, match="is not a link"):
        publish.publish(settings, REGION, MONTH)
    assert len(catalogue.all_releases(settings)) == 1
