"""The release as a Dagster asset, the end of the data's way, and the releases before it as one of its sources.

What belongs here: how a release shows in Dagster. Publishing itself, and its refusals, are in ``publish.py``.
"""

from dagster import AssetExecutionContext, AssetKey, AssetSpec, MaterializeResult, ResourceParam, asset

from dagster_project.gate.assets import VERDICT
from dagster_project.partitions import REGION_MONTHS
from dagster_project.workplace import OWNER, Workplace

RELEASE = AssetKey(["release", "release"])

EARLIER_RELEASES = AssetSpec(
    key=AssetKey(["release", "earlier_releases"]),
    group_name="release",
    owners=[OWNER],
    kinds={"parquet"},
    description="What the releases of earlier months said of their own months before corrections ended. A build "
    "never reads one of its own month.",
)


@asset(
    key=RELEASE,
    deps=[VERDICT],
    partitions_def=REGION_MONTHS,
    group_name="release",
    owners=[OWNER],
    kinds={"duckdb", "parquet"},
    description="The immutable release of a region's month. Refuses without a green verdict for the candidate's very "
    "content, whoever starts it.",
)
def publish_release(context: AssetExecutionContext, workplace: ResourceParam[Workplace]) -> MaterializeResult:
    from dagster_project.releases import publish

    with workplace.step(context, "publish") as (region, month):
        release = publish.publish(workplace.settings, region, month)
    return MaterializeResult(
        metadata={"release": release.name, "path": str(release.path), "dagster/row_count": release.rows}
    )
