"""Publishing: from a sealed and judged candidate to an immutable release that appears by one rename.

Publishing reads the verdict itself and recomputes what it holds for, whoever starts it and however. Until the rename a
release is a hidden directory beside its place, which the next publication clears away.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dagster_project.disclosure import tables as open_tables
from dagster_project.errors import ConfigurationError, GateBlocked, LusError, VerificationFailed
from dagster_project.gate import verdict as gate_verdict
from dagster_project.gate.verdict import Verdict
from dagster_project.releases import audit_gate, catalogue, export, files, history, manifest, seal
from dagster_project.releases.catalogue import CURRENT, Release
from dagster_project.releases.described import described_tables
from dagster_project.releases.hashing import TableHash, logical_hash, quoted
from dagster_project.releases.history import Published
from dagster_project.releases.seal import Seal
from dagster_project.reports import billing_readiness
from dagster_project.reports.annual import report as annual_report
from dagster_project.reports.monthly import report
from dagster_project.settings import Settings

LOCK = ".lock"
DBT_RECORDS = ("manifest.json", "run_results.json", "catalog.json", "index.html")


def publish(
    settings: Settings,
    region: str,
    month: str,
    run_facts: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Release:
    """Publish the candidate of a region and month as its next revision, and let ``current`` follow.

    Where the newest revision was made from the same inputs already, that one is returned and nothing is written.
    ``run_facts`` (such as the run's id) go into the manifest. Raises GateBlocked without a green verdict for just this
    content; then, as after a crash at any point, every published release and ``current`` are what they were.
    """
    candidate = settings.candidate(region, month)
    home = settings.releases / region
    for directory in (settings.releases, home):
        files.open_directory(directory)
    with files.exclusive(home / LOCK):
        _tidy(settings, region)
        sealed, inputs, judged = _admit(candidate, region, month)
        if same := _newest_made_from(settings, region, month, judged.inputs_hash):
            return same
        before = _check_history(settings, sealed)
        release = _next_revision(settings, region, month)
        partial = files.open_directory(release.path.parent) / f".{release.path.name}.partial"
        try:
            partial.mkdir(mode=0o700)
            _copy_content(candidate, partial, sealed, judged)
            tables = _build_marts(settings, partial, judged)
            in_open = _build_open(settings, partial)
            _write_reports(settings, partial, inputs, before)
            inputs |= {"published_before": sealed.published_before, "open_tables": manifest.as_facts(in_open)}
            facts = manifest.compose(
                partial, release.name, inputs, judged, tables, now or datetime.now(UTC), run_facts or {}
            )
            (partial / catalogue.MANIFEST).write_text(manifest.as_text(facts) + "\n", encoding="utf-8")
            files.make_permanent(partial)
            partial.rename(release.path)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        files.flush(release.path.parent)
        files.flush(home)
        _move_current(settings, region)
    return release


def already_published(settings: Settings, region: str, month: str, inputs_hash: str) -> Release | None:
    """The month's newest revision if it was made from just these inputs (withdrawn or not), else None.

    A publication that a crash cut short after its rename is finished first: ``current`` follows.
    """
    home = settings.releases / region
    if not home.is_dir():
        return None
    with files.exclusive(home / LOCK):
        _tidy(settings, region)
        return _newest_made_from(settings, region, month, inputs_hash)


def _newest_made_from(settings: Settings, region: str, month: str, inputs_hash: str) -> Release | None:
    revisions = catalogue.of_month(settings, region, month)
    if not revisions:
        return None
    try:
        return revisions[-1] if revisions[-1].manifest.get("inputs_hash") == inputs_hash else None
    except VerificationFailed:
        # A damaged release cannot say what it was made from.
        return None


def _next_revision(settings: Settings, region: str, month: str) -> Release:
    revisions = catalogue.of_month(settings, region, month)
    number = revisions[-1].revision + 1 if revisions else 1
    return Release(region, month, number, settings.releases / region / month / f"r{number:02d}")


def _admit(candidate: Path, region: str, month: str) -> tuple[Seal, dict[str, Any], Verdict]:
    """The candidate's seal, inputs and verdict, if the verdict lets just this candidate through."""
    run_again = _run_again(region, month)
    try:
        judged = gate_verdict.read(candidate / seal.VERDICT)
    except LusError as error:
        raise GateBlocked(f"{region}/{month} cannot be published. {error} {run_again}") from error
    sealed = seal.read(candidate)
    inputs = _inputs(candidate, run_again)
    if not judged.green:
        raise GateBlocked(f"Nothing was published. {gate_verdict.explain(judged)}")
    of = {
        "the verdict": (judged.region, judged.month),
        "the seal": (sealed.region, sealed.month),
        seal.INPUTS: (inputs.get("region"), inputs.get("month")),
    }
    for what, (its_region, its_month) in of.items():
        if (its_region, its_month) != (region, month):
            raise GateBlocked(
                f"{region}/{month} cannot be published: {what} in {candidate} is of {its_region}/{its_month}. "
                f"{run_again}"
            )
    if judged.content_hash != sealed.content_hash or judged.inputs_hash != inputs.get("inputs_hash"):
        raise GateBlocked(
            f"{region}/{month} cannot be published: the verdict in {candidate / seal.VERDICT} is on other content or "
            f"other inputs than the candidate holds. {run_again}"
        )
    return sealed, inputs, judged


def _check_history(settings: Settings, sealed: Seal) -> list[Published]:
    """What was published before. Raises GateBlocked where that has changed since: what may be hidden hangs on it."""
    before = history.published(settings, sealed.region)
    if history.facts_of(before) != sealed.published_before:
        raise GateBlocked(
            f"{sealed.region}/{sealed.month} cannot be published: other releases of the region are there than when it "
            f"was judged. {_run_again(sealed.region, sealed.month)}"
        )
    return before


def _run_again(region: str, month: str) -> str:
    return f"Nothing was published. Run 'lus release {month} --region {region}' to build and judge it anew."


def _inputs(candidate: Path, run_again: str) -> dict[str, Any]:
    path = candidate / seal.INPUTS
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise GateBlocked(f"{path} cannot be read: what the candidate was made from is unknown. {run_again}") from error


def _copy_content(candidate: Path, partial: Path, sealed: Seal, judged: Verdict) -> None:
    """Copy what is published. The hashes compared are of the copies: what was judged is what is published."""
    copied = {name: files.copy(source, partial / name) for name, source in seal.content_files(candidate).items()}
    changed = seal.changed_since(candidate, sealed, copied)
    if changed or seal.judged_hash(copied) != judged.content_hash:
        raise GateBlocked(
            f"{judged.region}/{judged.month} cannot be published: the candidate in {candidate} has changed since the "
            f"gate judged it ({'; '.join(changed) or 'its content hash is another'}). "
            f"{_run_again(judged.region, judged.month)}"
        )
    verdict_copy = partial / seal.VERDICT
    verdict_copy.parent.mkdir()
    verdict_copy.write_bytes(judged.as_bytes())
    for name, source in files.tree(candidate / "gate" / "data_docs").items():
        files.copy(source, partial / "gate" / "data_docs" / name)
    for name in DBT_RECORDS:
        if (candidate / "dbt" / name).is_file():
            files.copy(candidate / "dbt" / name, partial / "dbt" / name)


def _build_marts(settings: Settings, partial: Path, judged: Verdict) -> dict[str, TableHash]:
    """Add ``audit_gate`` and ``marts.duckdb``; returns the tables as readers of the latter find them."""
    parquet_dir = partial / "marts" / "parquet"
    marts = partial / "marts" / "marts.duckdb"
    with settings.connect() as connection:
        audit_gate.write(connection, judged, parquet_dir)
        export.build_marts_duckdb(connection, parquet_dir, marts, described_tables(partial))
    with settings.connect(marts, read_only=True) as connection:
        return {name: logical_hash(connection, quoted(name)) for name in export.published_tables(connection)}


def _build_open(settings: Settings, partial: Path) -> dict[str, TableHash]:
    """Add ``open/marts.duckdb``; returns the tables as readers find them there, none where nothing is open."""
    parquet_dir = partial / open_tables.PARQUET
    if not parquet_dir.is_dir():
        return {}
    described = open_tables.described(described_tables(partial))
    marts = partial / open_tables.MARTS
    with settings.connect() as connection:
        export.build_marts_duckdb(connection, parquet_dir, marts, described)
    with settings.connect(marts, read_only=True) as connection:
        return {name: logical_hash(connection, quoted(name)) for name in export.published_tables(connection)}


def _write_reports(settings: Settings, partial: Path, inputs: Mapping[str, Any], before: list[Published]) -> None:
    with settings.connect(partial / "marts" / "marts.duckdb", read_only=True) as connection:
        billing_readiness.write(connection, partial, inputs)
    report.write(settings, partial, inputs, before)
    annual_report.write(settings, partial, inputs, before)


def _tidy(settings: Settings, region: str) -> None:
    """Clear away what a crash left, and finish a publication that had its release but not yet ``current``."""
    home = settings.releases / region
    for left in [*home.glob(".*.partial"), *home.glob("*/.*.partial")]:
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()
    _move_current(settings, region)


def _move_current(settings: Settings, region: str) -> None:
    """Let ``current`` point to the newest month's newest revision, by one rename, if it does not yet."""
    target = catalogue.newest_of_region(settings, region)
    if target is None or target == catalogue.current(settings, region):
        return
    link = settings.releases / region / CURRENT
    if link.exists() and not link.is_symlink():
        raise ConfigurationError(
            f"{link} is not a link: readers would not see {target.name}. Move it away and run again."
        )
    partial = link.with_name(f".{CURRENT}.partial")
    partial.unlink(missing_ok=True)
    partial.symlink_to(f"{target.month}/{target.path.name}")
    partial.replace(link)
    files.flush(link.parent)
