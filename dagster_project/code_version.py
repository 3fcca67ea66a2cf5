"""Which code made a release: a hash of every file that can move a figure, with or without git."""

from __future__ import annotations

import hashlib
from functools import cache

from dagster_project.settings import DBT_DIR, EXPECTATIONS_DIR, PROJECT_ROOT, SEEDS_DIR

_SUFFIXES = {".py", ".yml", ".sql", ".csv", ".md", ".j2"}
_MADE_BY_DBT = {"target", "logs", "dbt_packages"}


@cache
def code_version() -> str:
    """First 16 hex digits of the SHA-256 over the paths and bytes of the project's code, models, rules and lock."""
    files = [PROJECT_ROOT / "requirements.lock"]
    for folder in (PROJECT_ROOT / "dagster_project", DBT_DIR, SEEDS_DIR, EXPECTATIONS_DIR):
        files += [
            path
            for path in folder.rglob("*")
            if path.suffix in _SUFFIXES and not _MADE_BY_DBT & set(path.relative_to(folder).parts)
        ]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.relative_to(PROJECT_ROOT).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
