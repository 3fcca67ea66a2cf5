"""Verifying: recompute every hash and count of a release, and say in words what differs from its manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from dagster_project.disclosure import tables as open_tables
from dagster_project.errors import LusError
from dagster_project.gate import verdict as gate_verdict
from dagster_project.packages import annual
from dagster_project.releases import audit_gate, catalogue, files, manifest, seal
from dagster_project.releases.catalogue import MANIFEST, Release
from dagster_project.releases.hashing import file_sha256, logical_hash, parquet, quoted
from dagster_project.reports.monthly import report
from dagster_project.settings import Settings

MARTS = "marts/marts.duckdb"
PARQUET = "marts/parquet/"
OPEN_MARTS = open_tables.MARTS
OPEN_PARQUET = f"{open_tables.PARQUET}/"


def verify(settings: Settings, release: Release) -> list[str]:
    """Every difference between a release and its manifest, in words; empty where there is none.

    A manifest or file that is damaged or cannot be read is a difference, never an error. A withdrawn release is
    verified like any other: withdrawing changes nothing of it.
    """
    try:
        facts = Release(release.region, release.month, release.revision, release.path).manifest
    except LusError as error:
        return [str(error)]
    try:
        return [
            *_manifest(release, facts),
            *_files(release.path, facts),
            *_tables(settings, release.path, facts["tables"], PARQUET, MARTS),
            *_open_tables(settings, release.path, facts.get("open_tables")),
            *_verdict(release, facts),
            *_current(settings, release),
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return [f"{MANIFEST} is damaged: what it says cannot be understood ({type(error).__name__}: {error})"]


def _manifest(release: Release, facts: dict[str, Any]) -> list[str]:
    found = []
    if facts.get("manifest_hash") != manifest.own_hash(facts):
        found.append(f"{MANIFEST} has been changed: its own hash is another")
    expected = {"release": release.name, "region": release.region, "month": release.month, "revision": release.revision}
    found += [
        f"{MANIFEST} says {key} {facts.get(key)!r}, its place says {value!r}"
        for key, value in expected.items()
        if facts.get(key) != value
    ]
    return found


def _files(directory: Path, facts: dict[str, Any]) -> list[str]:
    listed: dict[str, dict[str, Any]] = facts["files"]
    there = files.tree(directory)
    found = [f"{name} is missing" for name in listed if name not in there]
    found += [f"{name} is not in the manifest" for name in there if name not in listed and name != MANIFEST]
    hashes = {}
    for name, entry in listed.items():
        if name not in there:
            continue
        try:
            hashes[name] = file_sha256(there[name])
            size = there[name].stat().st_size
        except OSError as error:
            found.append(f"{name} cannot be read: {error.strerror}")
            continue
        if hashes[name] != entry["sha256"]:
            found.append(f"{name} has SHA-256 {hashes[name]}, the manifest says {entry['sha256']}")
        if size != entry["bytes"]:
            found.append(f"{name} has {size} bytes, the manifest says {entry['bytes']}")
        if entry["is_content"] != manifest.is_content(name):
            found.append(f"{MANIFEST} is wrong on whether {name} is content or a record of the run")
    content = manifest.content_of({**{name: entry["sha256"] for name, entry in listed.items()}, **hashes})
    if content != facts.get("content_hash"):
        found.append(f"the content hash is {content}, the manifest says {facts.get('content_hash')}")
    return found


def _open_tables(settings: Settings, directory: Path, listed: dict[str, dict[str, Any]] | None) -> list[str]:
    """Like ``_tables`` for the open ones; a release from before there were any lists none."""
    if not listed and not (directory / OPEN_PARQUET).exists():
        return []
    return _tables(settings, directory, listed or {}, OPEN_PARQUET, OPEN_MARTS)


def _tables(
    settings: Settings, directory: Path, listed: dict[str, dict[str, Any]], folder: str, marts: str
) -> list[str]:
    stored = {path.stem: path for path in sorted((directory / folder).glob("*.parquet"))}
    found = [f"table {name} has no Parquet file" for name in listed if name not in stored]
    found += [f"table {name} is not in the manifest" for name in stored if name not in listed]
    with settings.connect() as connection:
        for name, path in stored.items():
            if name in listed:
                found += _table(connection, parquet(path), f"{folder}{path.name}", listed[name])
    try:
        with settings.connect(directory / marts, read_only=True) as connection:
            in_marts = {row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()}
            found += [f"{marts} holds a table {name} that is not in the manifest" for name in in_marts - set(listed)]
            for name, entry in listed.items():
                found += _table(connection, quoted(name), f"{name} in {marts}", entry)
    except duckdb.Error as error:
        found.append(f"{marts} cannot be read: {_first_line(error)}")
    return found


def _table(connection: duckdb.DuckDBPyConnection, relation: str, called: str, entry: dict[str, Any]) -> list[str]:
    try:
        table = logical_hash(connection, relation)
    except duckdb.Error as error:
        return [f"{called} cannot be read: {_first_line(error)}"]
    found = []
    if table.rows != entry["rows"]:
        found.append(f"{called} has {table.rows} rows, the manifest says {entry['rows']}")
    if dict(table.columns) != entry["columns"]:
        found.append(f"{called} has other columns or types than the manifest says")
    if table.logical_hash != entry["logical_hash"]:
        found.append(f"{called} has logical hash {table.logical_hash}, the manifest says {entry['logical_hash']}")
    return found


def _verdict(release: Release, facts: dict[str, Any]) -> list[str]:
    try:
        verdict = gate_verdict.read(release.path / seal.VERDICT)
    except (LusError, OSError) as error:
        return [f"the verdict cannot be read: {error}"]
    found = []
    if not verdict.green:
        found.append(f"{seal.VERDICT} is not green: this release should not have been published")
    if (verdict.region, verdict.month) != (release.region, release.month):
        found.append(f"{seal.VERDICT} is of {verdict.region}/{verdict.month}")
    if verdict.inputs_hash != facts.get("inputs_hash"):
        found.append(f"{seal.VERDICT} is on other inputs than the manifest lists")
    judged = {
        name: entry["sha256"]
        for name, entry in facts["files"].items()
        if name.startswith(tuple(f"{folder}/" for folder in seal.CONTENT))
        and name != f"{PARQUET}{audit_gate.TABLE}.parquet"
        and not report.is_page(name)
        and not annual.is_page(name)
    }
    if verdict.content_hash != seal.judged_hash(judged):
        found.append(f"{seal.VERDICT} is on other content than the manifest lists")
    if any(facts.get(key) != value for key, value in manifest.verdict_facts(verdict).items()):
        found.append(f"{MANIFEST} tells another verdict or other waivers than {seal.VERDICT}")
    return found


def _current(settings: Settings, release: Release) -> list[str]:
    points_to = catalogue.current(settings, release.region)
    newest = catalogue.newest_of_region(settings, release.region)
    if points_to == newest:
        return []
    where = points_to.name if points_to else "no release"
    expected = newest.name if newest else "none"
    return [f"current of region {release.region} points to {where}, the newest release is {expected}"]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
