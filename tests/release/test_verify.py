"""Verifying a release finds every kind of difference, and says it in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dagster_project.releases import manifest, withdraw
from dagster_project.releases.catalogue import Release
from dagster_project.releases.verify import verify
from dagster_project.settings import Settings
from tests.release import candidates

FILES = [
    "marts/parquet/fct_spells.parquet",
    "marts/parquet/audit_gate.parquet",
    "marts/marts.duckdb",
    "gate/verdict.json",
    "gate/data_docs/index.html",
    "dbt/manifest.json",
    "dbt/run_results.json",
]


def writable(path: Path) -> Path:
    path.chmod(0o600)
    return path


def rewrite(release: Release, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest and let its own hash agree: only what it says is wrong then."""
    path = writable(release.path / "manifest.json")
    facts = json.loads(path.read_text())
    change(facts)
    facts["manifest_hash"] = manifest.own_hash(facts)
    path.write_text(json.dumps(facts))


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_found_in_every_kind_of_file(settings: Settings, name: str) -> None:
    release = candidates.released(settings)
    path = writable(release.path / name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    differences = verify(settings, release)
    assert any(difference.startswith(f"{name} has SHA-256") for difference in differences)


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_is_found(settings: Settings, name: str) -> None:
    release = candidates.released(settings)
    path = writable(release.path / name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    differences = verify(settings, release)
    assert any(difference.startswith(f"{name} has") and "bytes" in difference for difference in differences)


@pytest.mark.parametrize("name", FILES)
def test_a_removed_file_is_found(settings: Settings, name: str) -> None:
    release = candidates.released(settings)
    (release.path / name).unlink()
    assert f"{name} is missing" in verify(settings, release)


@pytest.mark.parametrize("name", ["extra.txt", "open/other.csv", "marts/parquet/.hidden"])
def test_an_additional_file_is_found(settings: Settings, name: str) -> None:
    release = candidates.released(settings)
    (release.path / name).parent.mkdir(exist_ok=True)
    (release.path / name).write_text("x")
    assert verify(settings, release) == [f"{name} is not in the manifest"]


def test_a_link_in_place_of_a_file_that_leads_nowhere_is_found(settings: Settings) -> None:
    release = candidates.released(settings)
    path = release.path / "dbt" / "catalog.json"
    path.unlink()
    path.symlink_to("nowhere")
    assert any(difference.startswith("dbt/catalog.json cannot be read") for difference in verify(settings, release))


def test_a_changed_manifest_shows_by_its_own_hash(settings: Settings) -> None:
    release = candidates.released(settings)
    path = writable(release.path / "manifest.json")
    path.write_text(path.read_text().replace("0123456789abcdef", "0123456789abcdee"))
    assert verify(settings, release) == ["manifest.json has been changed: its own hash is another"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda m: m["tables"]["fct_spells"].update(rows=199), "fct_spells in marts/marts.duckdb has 200 rows"),
        (lambda m: m["tables"]["fct_spells"].update(rows=199), "fct_spells.parquet has 200 rows, the manifest"),
        (lambda m: m["tables"]["fct_spells"].update(logical_hash="0"), "fct_spells in marts/marts.duckdb has logical"),
        (lambda m: m["tables"]["fct_spells"]["columns"].update(age="BIGINT"), "has other columns or types"),
        (lambda m: m["tables"].pop("fct_spells"), "table fct_spells is not in the manifest"),
        (lambda m: m["tables"].update(fct_more=m["tables"]["fct_spells"]), "table fct_more has no Parquet file"),
        (lambda m: m["files"].pop("gate/verdict.json"), "gate/verdict.json is not in the manifest"),
        (lambda m: m["files"]["dbt/catalog.json"].update(is_content=True), "whether dbt/catalog.json is content"),
        (lambda m: m.update(content_hash="0"), "the content hash is"),
        (lambda m: m.update(region="24"), "manifest.json says region '24', its place says '01'"),
        (lambda m: m.update(revision=2), "manifest.json says revision 2"),
        (lambda m: m.update(inputs_hash="0"), "gate/verdict.json is on other inputs"),
        (lambda m: m["verdict"].update(green=False), "tells another verdict"),
        (lambda m: m.update(waivers=[{"check": "x"}]), "tells another verdict or other waivers"),
        (lambda m: m["files"].update({"gate/verdict.json": "x"}), "manifest.json is damaged"),
        (lambda m: m["tables"].update(fct_spells=None), "manifest.json is damaged"),
    ],
)
def test_a_manifest_that_says_something_else_is_found(
    settings: Settings, change: Callable[[dict[str, Any]], None], expected: str
) -> None:
    release = candidates.released(settings)
    rewrite(release, change)
    assert any(expected in difference for difference in verify(settings, release))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"files": 1}', b"[" * 100_000, b"null"])
def test_a_manifest_that_cannot_be_read_is_a_difference(settings: Settings, content: bytes) -> None:
    release = candidates.released(settings)
    writable(release.path / "manifest.json").write_bytes(content)
    differences = verify(settings, release)
    assert len(differences) == 1
    assert "manifest.json cannot be read" in differences[0]


def test_a_missing_manifest_is_a_difference(settings: Settings) -> None:
    release = candidates.released(settings)
    (release.path / "manifest.json").unlink()
    assert "manifest.json cannot be read (FileNotFoundError)" in verify(settings, release)[0]


def test_a_verdict_of_another_release_is_found(settings: Settings) -> None:
    other = candidates.released(settings, month="2026-09")
    release = candidates.released(settings)
    verdict = writable(release.path / "gate" / "verdict.json")
    verdict.write_bytes((other.path / "gate" / "verdict.json").read_bytes())
    differences = verify(settings, release)
    assert "gate/verdict.json is of 01/2026-09" in differences
    assert "gate/verdict.json is on other inputs than the manifest lists" in differences


def test_current_in_another_place_is_found(settings: Settings) -> None:
    first = candidates.released(settings)
    candidates.released(settings, factor=2)
    link = settings.releases / "01" / "current"
    link.unlink()
    link.symlink_to("2026-10/r01")
    assert verify(settings, first) == [
        "current of region 01 points to 01/2026-10/r01, the newest release is 01/2026-10/r02"
    ]
    link.unlink()
    assert verify(settings, first) == [
        "current of region 01 points to no release, the newest release is 01/2026-10/r02"
    ]


def test_a_withdrawn_release_still_agrees_with_its_manifest(settings: Settings) -> None:
    release = candidates.released(settings)
    withdraw.withdraw(settings, release, "a hospital's file was another month's")
    assert verify(settings, release) == []


def test_verifying_reads_the_manifest_anew(settings: Settings) -> None:
    release = candidates.released(settings)
    assert release.rows > 0
    rewrite(release, lambda facts: facts.update(content_hash="0"))
    assert verify(settings, release) != []
