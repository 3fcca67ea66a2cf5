"""What every package of a candidate tells of itself, and the terms that its columns have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from dagster_project import months
from dagster_project.packages.tables import Package, Terms
from dagster_project.releases.hashing import literal, parquet
from dagster_project.reports import swedish
from dagster_project.warehouse.candidate import read_inputs


def package(
    connection: duckdb.DuckDBPyConnection, candidate: Path, explanation: Sequence[str], licence: Mapping[str, str]
) -> Package:
    """The region's package of the candidate's month; a part of it gets a name, workbook and title of its own."""
    inputs = read_inputs(candidate)
    region, month, deliveries = inputs["region"], inputs["month"], inputs["deliveries"]
    called = f"lus-{region}-{month}"
    systems = ", ".join(sorted({delivery["source_system"] for delivery in deliveries}))
    name = _region_name(connection, candidate, region)
    return Package(
        name=called,
        workbook=f"{called}.xlsx",
        title=f"utskrivning från slutenvård, {swedish.month_name(months.first_day(month))}",
        explanation=list(explanation),
        licence=licence,
        sources=[f"{name}: leveranser {deliveries[0]['month']} till {deliveries[-1]['month']} ({systems})"],
        version=month,
        created=datetime.fromisoformat(inputs["newest_extracted_at"]).astimezone(UTC),
        is_synthetic=any(delivery["is_synthetic"] for delivery in deliveries),
    )


def terms(connection: duckdb.DuckDBPyConnection, candidate: Path) -> Terms:
    """Swedish title and definition by column, from ``dim_term``."""
    source = parquet(candidate / "marts" / "parquet" / "dim_term.parquet")
    rows = connection.execute(f"select name, term_sv, definition_sv from {source}").fetchall()
    return {name: (term, definition) for name, term, definition in rows}


def _region_name(connection: duckdb.DuckDBPyConnection, candidate: Path, region: str) -> str:
    source = parquet(candidate / "marts" / "parquet" / "dim_region.parquet")
    found = connection.execute(f"select name from {source} where region_code = {literal(region)}").fetchone()
    return str(found[0]) if found else region
