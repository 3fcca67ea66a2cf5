"""Landing and bronze as Dagster assets.

What belongs here: how deliveries show in Dagster. How they are read and checked is in the modules beside this one.
"""

import json
from collections.abc import Iterator

from dagster import AssetExecutionContext, AssetKey, AssetSpec, MaterializeResult, ResourceParam, multi_asset

from dagster_project.deliveries import bronze
from dagster_project.deliveries.contract import feeds
from dagster_project.partitions import REGION_MONTHS
from dagster_project.workplace import OWNER, Workplace

DELIVERY = AssetSpec(
    key=AssetKey(["landing", "delivery"]),
    group_name="landing",
    owners=[OWNER],
    kinds={"csv", "file"},
    partitions_def=REGION_MONTHS,
    description="What a region hands over for a month. Made by the source systems; a version without delivery.json "
    "is an upload under way.",
)

DELIVERY_RECORD = AssetKey(["bronze", "deliveries"])


def _bronze(key: AssetKey, description: str) -> AssetSpec:
    return AssetSpec(
        key=key,
        deps=[DELIVERY.key],
        group_name="bronze",
        owners=[OWNER],
        kinds={"parquet", "duckdb"},
        description=description,
    )


@multi_asset(
    name="ingest_delivery",
    partitions_def=REGION_MONTHS,
    specs=[
        *(_bronze(AssetKey(["bronze", name]), feed.description) for name, feed in feeds().items()),
        _bronze(DELIVERY_RECORD, "The record of each delivery: its files, quarantined rows and counted oddities."),
    ],
)
def ingest_delivery(context: AssetExecutionContext, workplace: ResourceParam[Workplace]) -> Iterator[MaterializeResult]:
    """Verify, pseudonymise and keep every delivery through the month that is not in bronze yet."""
    with workplace.step(context, "ingest") as (region, month):
        deliveries = bronze.ingest_through(workplace.settings, region, month, workplace.progress.say)
        record = json.loads((deliveries[-1].path / bronze.FACTS).read_text(encoding="utf-8"))
    loaded = dict.fromkeys(feeds(), 0)
    quarantined = dict(loaded)
    for file in record["files"].values():
        loaded[file["feed"]] += file["rows_loaded"]
        quarantined[file["feed"]] += file["rows_quarantined"]
    for name in feeds():
        yield MaterializeResult(
            asset_key=AssetKey(["bronze", name]),
            metadata={"dagster/row_count": loaded[name], "rows_quarantined": quarantined[name]},
        )
    yield MaterializeResult(
        asset_key=DELIVERY_RECORD,
        metadata={
            "version": record["version"],
            "extracted_at": record["extracted_at"],
            "source_system": record["source_system"],
            "digest": record["digest"],
            "deliveries_through_month": len(deliveries),
        },
    )
