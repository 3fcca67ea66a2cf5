"""The seal of a candidate: what exactly was built, so that the verdict is a verdict on this and nothing else.

Sealing writes all that a release publishes and records the hash of every file of it, with the bytes of the warehouse
and of the inputs that they were built from, and the releases that readers had seen by then. The gate judges what is
sealed; publishing recomputes all of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from dagster_project.disclosure import tables as open_tables
from dagster_project.errors import GateBlocked, LusError
from dagster_project.packages import annual, county, municipality
from dagster_project.releases import export, files, history
from dagster_project.releases.described import described_tables
from dagster_project.releases.export import TableFact
from dagster_project.releases.hashing import content_hash, file_sha256
from dagster_project.releases.manifest import is_content
from dagster_project.revisions import edition, mart_revisions
from dagster_project.settings import Settings

SEAL = "seal.json"
INPUTS = "inputs.json"
WAREHOUSE = "warehouse.duckdb"
VERDICT = "gate/verdict.json"
CONTENT = ("marts/parquet", "open", "municipalities", "annual")
"""The folders of a candidate, as far as there are any, whose files a release of it publishes."""


@dataclass(frozen=True)
class Seal:
    """``content`` is every file's SHA-256 by its path, ``content_hash`` covers those that are a function of the inputs.

    The other two hashes are of what they were made from. ``published_before`` names the releases that they take into
    account, with the hash of each one's manifest.
    """

    region: str
    month: str
    content_hash: str
    content: dict[str, str]
    warehouse_sha256: str
    inputs_sha256: str
    published_before: list[dict[str, str]]
    tables: list[TableFact]


def seal_candidate(settings: Settings, region: str, month: str) -> Seal:
    """Write the published tables, the open ones, the packages and ``seal.json``. An earlier verdict is removed.

    A warehouse without the cells of open tables has none of these, and the gate will say so. Nothing may write to the
    candidate's warehouse, inputs or Parquet afterwards. Raises LusError where the candidate was not built to the end,
    VerificationFailed where an earlier release is damaged.
    """
    candidate = settings.candidate(region, month)
    for stale in (candidate / SEAL, candidate / VERDICT):
        stale.unlink(missing_ok=True)
    warehouse = candidate / WAREHOUSE
    if not warehouse.is_file() or not (candidate / INPUTS).is_file() or _write_ahead_log(candidate).exists():
        raise LusError(
            f"The candidate of {region}/{month} was not built to the end ({candidate}): there is nothing to seal. "
            "Run the month again."
        )
    before = history.published(settings, region)
    described = described_tables(candidate)
    parquet_dir = candidate / "marts" / "parquet"
    inputs = json.loads((candidate / INPUTS).read_text(encoding="utf-8"))
    with settings.connect(warehouse, read_only=True) as connection:
        tables = export.export_tables(connection, parquet_dir, described)
        tables.append(
            mart_revisions.write(connection, region, before, edition.of_candidate(candidate, inputs), parquet_dir)
        )
        has_cells = open_tables.has_cells(connection)
    if has_cells:
        from dagster_project.disclosure import write  # SciPy: a second that only this needs

        write.write_open_tables(settings, candidate, warehouse, before)
    with settings.connect(warehouse, read_only=True) as connection:
        county.write(connection, candidate, described)
        municipality.write(connection, candidate, described, before)
        annual.write(connection, candidate, described, before)
    content = {name: file_sha256(path) for name, path in content_files(candidate).items()}
    sealed = Seal(
        region,
        month,
        judged_hash(content),
        content,
        file_sha256(warehouse),
        file_sha256(candidate / INPUTS),
        history.facts_of(before),
        tables,
    )
    text = json.dumps(asdict(sealed), ensure_ascii=False, indent=1, sort_keys=True)
    files.write_whole(candidate / SEAL, text, mode=0o600)
    return sealed


def read(candidate: Path) -> Seal:
    """The candidate's seal. Raises GateBlocked where there is none that can be read."""
    try:
        facts = json.loads((candidate / SEAL).read_text(encoding="utf-8"))
        tables = [
            TableFact(**{**table, "columns": [(name, type_) for name, type_ in table["columns"]]})
            for table in facts.pop("tables")
        ]
        return Seal(**facts, tables=tables)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise GateBlocked(
            f"The candidate in {candidate} has not been sealed, so no verdict can hold for it. Run the month from the "
            "start with 'lus release'."
        ) from error


def content_files(candidate: Path) -> dict[str, Path]:
    """Every file under ``CONTENT`` that is there now, by its path in the candidate."""
    return {f"{folder}/{name}": path for folder in CONTENT for name, path in files.tree(candidate / folder).items()}


def judged_hash(content: Mapping[str, str]) -> str:
    """What a verdict holds for: the hash of the files, by path and SHA-256, that are a function of the inputs."""
    return content_hash({name: sha256 for name, sha256 in content.items() if is_content(name)})


def changed_since(candidate: Path, sealed: Seal, found: Mapping[str, str]) -> list[str]:
    """What of the candidate is not as it was sealed, in words; ``found`` is its files as path and SHA-256."""
    expected = sealed.content
    changed = [f"{name} is gone" for name in expected if name not in found]
    changed += [f"{name} was added" for name in found if name not in expected]
    changed += [f"{name} has other bytes" for name in expected if found.get(name, expected[name]) != expected[name]]
    log = _write_ahead_log(candidate)
    if log.exists():
        changed.append(f"{log.name} is there: something wrote to the warehouse")
    for name, sha256 in ((WAREHOUSE, sealed.warehouse_sha256), (INPUTS, sealed.inputs_sha256)):
        path = candidate / name
        if not path.is_file():
            changed.append(f"{name} is gone")
        elif file_sha256(path) != sha256:
            changed.append(f"{name} has other bytes")
    if not changed and judged_hash(found) != sealed.content_hash:
        changed.append(f"{SEAL} does not agree with itself")
    return changed


def _write_ahead_log(candidate: Path) -> Path:
    """Where DuckDB keeps changes that are not yet in the file itself: a changed cell may be here alone."""
    return candidate / f"{WAREHOUSE}.wal"
