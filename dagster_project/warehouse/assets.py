"""dbt's seeds and models as Dagster assets of one region and month, their tests as asset checks.

What belongs here: how a run of dbt shows in Dagster. What dbt does is in ``dbt/``; whether the month may be
published is for ``gate/``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    MaterializeResult,
    ResourceParam,
)
from dagster_dbt import dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test, get_node

from dagster_project.partitions import REGION_MONTHS
from dagster_project.settings import Settings
from dagster_project.warehouse import candidate, dbt_run, parsed
from dagster_project.warehouse.translator import LusTranslator
from dagster_project.workplace import Workplace


def warehouse_assets(settings: Settings) -> AssetsDefinition:
    """The one op that builds and tests a candidate, with an asset for each seed and model."""
    manifest = parsed.manifest(settings)
    translator = LusTranslator()

    @dbt_assets(
        manifest=manifest, dagster_dbt_translator=translator, partitions_def=REGION_MONTHS, name="build_warehouse"
    )
    def build_warehouse(context: AssetExecutionContext, workplace: ResourceParam[Workplace]) -> Iterator[Any]:
        with workplace.step(context, "build") as (region, month):
            here = workplace.settings
            sources = candidate.collect(here, region, month)
            inputs = candidate.gather_inputs(here, region, month, sources)
            directory = candidate.prepare(here, inputs, sources)
            dbt_run.run_dbt(here, directory, workplace.progress)
        selected = context.selected_asset_keys
        rows = _row_counts(here, directory)
        for result in dbt_run.results(directory, "build"):
            node = get_node(manifest, result.unique_id)
            key = translator.get_asset_spec(manifest, result.unique_id, None).key
            if key in selected:
                relation = (node["schema"], node["name"])
                metadata: dict[str, Any] = {"seconds": result.seconds}
                if relation in rows:
                    metadata["dagster/row_count"] = rows[relation]
                yield MaterializeResult(asset_key=key, metadata=metadata)
        for result in dbt_run.results(directory, "test"):
            check = get_asset_check_key_for_test(manifest, translator, result.unique_id, None)
            if check is not None and check in context.selected_asset_check_keys:
                severity = get_node(manifest, result.unique_id)["config"]["severity"].lower()
                yield AssetCheckResult(
                    asset_key=check.asset_key,
                    check_name=check.name,
                    passed=result.status == "pass",
                    severity=AssetCheckSeverity.ERROR if severity == "error" else AssetCheckSeverity.WARN,
                    metadata={
                        "observed": result.message or f"{result.failures or 0} failing rows",
                        "expected": "0 failing rows",
                    },
                )

    return build_warehouse


def _row_counts(settings: Settings, directory: Path) -> dict[tuple[str, str], int]:
    """Rows by (schema, table) as DuckDB's catalogue has them: no table is read."""
    with settings.connect(directory / "warehouse.duckdb", read_only=True) as connection:
        found = connection.execute("select schema_name, table_name, estimated_size from duckdb_tables()").fetchall()
    return {(schema, table): int(size) for schema, table, size in found}


def published_keys(assets: AssetsDefinition) -> list[AssetKey]:
    """What a release is made of: dimensions, facts, marts and audits, and the cells of the open tables."""
    published = ("dim_", "fct_", "mart_", "audit_", "int_disclosure__cells")
    return [key for key in assets.keys if key.path[-1].startswith(published)]


def profile_keys(assets: AssetsDefinition) -> list[AssetKey]:
    """The small tables that the gate judges."""
    return [key for key in assets.keys if key.path[0] == "gate"]
