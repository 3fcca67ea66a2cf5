"""The manifest: what a release was made from, what it holds, and the hashes that prove both.

It is a record of the run: it says when the release was published, and is itself outside the content hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dagster_project.gate.verdict import Verdict
from dagster_project.releases import files
from dagster_project.releases.catalogue import MANIFEST
from dagster_project.releases.hashing import TableHash, content_hash, file_sha256

MANIFEST_VERSION = 1


def is_content(path: str) -> bool:
    """Whether a file of a release, by its relative path, is a function of the release's inputs alone.

    The rest are records of the run: hashed one by one, outside the content hash.
    """
    return not (path.startswith(("dbt/", "gate/data_docs/")) or path.endswith(".duckdb") or path == MANIFEST)


def compose(
    directory: Path,
    name: str,
    inputs: Mapping[str, Any],
    verdict: Verdict,
    tables: Mapping[str, TableHash],
    published_at: datetime,
    run: Mapping[str, str],
) -> dict[str, Any]:
    """The manifest of the finished directory of release ``name`` (``region/yyyy-mm/rNN``); every file is hashed."""
    listed = {
        path: {"sha256": file_sha256(file), "bytes": file.stat().st_size, "is_content": is_content(path)}
        for path, file in files.tree(directory).items()
        if path != MANIFEST
    }
    facts: dict[str, Any] = {
        **inputs,
        "manifest_version": MANIFEST_VERSION,
        "release": name,
        "revision": int(name.rsplit("/r", 1)[1]),
        "published_at": published_at.isoformat(timespec="seconds"),
        "run": dict(run),
        "content_hash": content_of({path: str(entry["sha256"]) for path, entry in listed.items()}),
        "files": listed,
        "tables": as_facts(tables),
        **verdict_facts(verdict),
    }
    return {**facts, "manifest_hash": own_hash(facts)}


def as_facts(tables: Mapping[str, TableHash]) -> dict[str, dict[str, Any]]:
    """What the manifest tells of tables, by name."""
    return {
        table: {"rows": found.rows, "logical_hash": found.logical_hash, "columns": dict(found.columns)}
        for table, found in tables.items()
    }


def verdict_facts(verdict: Verdict) -> dict[str, Any]:
    """What the manifest tells of the verdict; its ``content_hash`` is the candidate's, from before ``audit_gate``."""
    return {
        "verdict": {
            "green": verdict.green,
            "content_hash": verdict.content_hash,
            "inputs_hash": verdict.inputs_hash,
            "counts": verdict.counts,
        },
        "waivers": [dict(waiver) for waiver in verdict.waivers],
    }


def content_of(hashes: Mapping[str, str]) -> str:
    """The content hash of a release whose files have these hashes, by relative path."""
    return content_hash({path: sha256 for path, sha256 in hashes.items() if is_content(path)})


def own_hash(facts: Mapping[str, Any]) -> str:
    """SHA-256 over the manifest's other facts, so that a changed one shows."""
    others = {key: value for key, value in facts.items() if key != "manifest_hash"}
    return hashlib.sha256(json.dumps(others, sort_keys=True).encode()).hexdigest()


def as_text(facts: Mapping[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True)
