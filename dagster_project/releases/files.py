"""Files that are either there whole or not at all, and still there after a power cut."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from dagster_project.errors import ConfigurationError
from dagster_project.settings import Settings

CHUNK = 1 << 20

DIRECTORY_MODE = 0o750
FILE_MODE = 0o440
"""Releases are for the owner and the group of readers (BI tools); nobody writes to a published file."""


def tree(root: Path) -> dict[str, Path]:
    """Every file below ``root`` by its relative path with ``/``, in order; none where ``root`` does not exist."""
    return {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if not path.is_dir()}


def copy(source: Path, target: Path) -> str:
    """Copy a file, making the target's directory, and return the SHA-256 of the bytes that were written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with source.open("rb") as reader, target.open("xb") as writer:
        while chunk := reader.read(CHUNK):
            digest.update(chunk)
            writer.write(chunk)
    return digest.hexdigest()


def write_whole(path: Path, text: str, mode: int) -> None:
    """Write a text file that a reader sees whole or not at all, in place of what was there."""
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    partial.write_text(text + "\n", encoding="utf-8")
    partial.chmod(mode)
    flush(partial)
    partial.replace(path)
    flush(path.parent)


def make_permanent(root: Path) -> None:
    """Give everything below ``root`` a release's rights and flush it to the disk, the directories last."""
    for path in tree(root).values():
        path.chmod(FILE_MODE)
        flush(path)
    for directory in sorted((path for path in root.rglob("*") if path.is_dir()), reverse=True):
        directory.chmod(DIRECTORY_MODE)
        flush(directory)
    root.chmod(DIRECTORY_MODE)
    flush(root)


def flush(path: Path) -> None:
    """Wait until a file's bytes, or a directory's entries, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def open_directory(path: Path) -> Path:
    """Make a directory that a release's readers may pass through."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(DIRECTORY_MODE)
    return path


def check_new_place(settings: Settings, out: Path, why_outside: str) -> None:
    """Raise ConfigurationError unless ``out`` is outside ``LUS_HOME`` and the landing zone, and not there or empty.

    ``why_outside`` ends the sentence that says where it may not be.
    """
    place = out.resolve()
    for what, taken in (("LUS_HOME", settings.home.resolve()), ("the landing zone", settings.landing.resolve())):
        if place == taken or taken in place.parents:
            raise ConfigurationError(
                f"--out {out} is inside {what} ({taken}): {why_outside}. Name a directory elsewhere."
            )
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise ConfigurationError(f"--out {out} is there already and not empty: name a new directory.")


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file at ``path``, waiting for whoever holds it; a process that dies lets go of it."""
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        flock(handle, LOCK_EX)
        yield
    finally:
        os.close(handle)
