"""``audit_gate``: the gate's checks as a published table. It tells of the verdict, so it is made after it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dagster_project.gate.verdict import Verdict, audit_rows
from dagster_project.releases.dbt_facts import Described, with_term
from dagster_project.releases.export import TableFact, export_table

TABLE = "audit_gate"

COLUMNS = {
    "check_name": ("varchar", "kontroll", "name of the check, as in verdict.json and waivers.csv"),
    "source": ("varchar", "kontrollens ursprung", "dbt or expectations"),
    "category": ("varchar", "kategori", "completeness, conformance or plausibility"),
    "severity": ("varchar", "allvarlighetsgrad", "block or warn"),
    "protects": ("varchar", "skyddar", "the table that the check protects"),
    "result": ("varchar", "utfall", "passed, failed, or error where the check could not run"),
    "observed": ("varchar", "uppmätt", "what was found"),
    "expected": ("varchar", "förväntat", "what was expected"),
    "waived_by": ("varchar", "undantag beviljat av", "who answers for the waiver; null where there is none"),
    "waived_until": ("date", "undantag till och med", "the waiver's last date; null where there is none"),
}

DESCRIBED = Described(
    primary_key=["check_name"],
    text="One row per check of the gate that this release passed or was waived from.",
    columns={name: with_term(text, term) for name, (_, term, text) in COLUMNS.items()},
)


def write(connection: duckdb.DuckDBPyConnection, verdict: Verdict, out: Path) -> TableFact:
    """Write ``out/audit_gate.parquet`` from the verdict's checks."""
    columns = ", ".join(f"{name} {type_}" for name, (type_, _, _) in COLUMNS.items())
    connection.execute(f"create or replace temp table {TABLE} ({columns})")
    connection.executemany(
        f"insert into {TABLE} values ({', '.join('?' for _ in COLUMNS)})",
        [[row[name] for name in COLUMNS] for row in audit_rows(verdict)],
    )
    return export_table(connection, TABLE, out, DESCRIBED.primary_key)
