"""What is said of every published table, whoever makes it: dbt, or the release itself."""

from __future__ import annotations

from pathlib import Path

from dagster_project.releases import audit_gate, dbt_facts
from dagster_project.releases.dbt_facts import Described
from dagster_project.revisions import mart_revisions


def described_tables(release: Path) -> dict[str, Described]:
    """By table name, for the release in this directory. Raises LusError where dbt's manifest cannot be read."""
    return {
        **dbt_facts.described_tables(release / "dbt" / "manifest.json"),
        audit_gate.TABLE: audit_gate.DESCRIBED,
        mart_revisions.TABLE: mart_revisions.DESCRIBED,
    }
