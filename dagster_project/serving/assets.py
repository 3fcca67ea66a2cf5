"""What readers of PostgreSQL see, as a Dagster asset behind the release. It is there where LUS_POSTGRES_URL is set."""

from dagster import AssetExecutionContext, AssetKey, AssetsDefinition, MaterializeResult, ResourceParam, asset

from dagster_project.partitions import REGION_MONTHS
from dagster_project.releases.assets import RELEASE
from dagster_project.settings import Settings
from dagster_project.workplace import OWNER, Workplace


@asset(
    key=AssetKey(["serving", "postgresql"]),
    deps=[RELEASE],
    partitions_def=REGION_MONTHS,
    group_name="serving",
    owners=[OWNER],
    kinds={"postgres"},
    description="The month's newest release in a schema of its own, and the views of lus and lus_open on the region's "
    "current one. Where it fails, the release is published all the same and readers see what they saw.",
)
def serve_release(context: AssetExecutionContext, workplace: ResourceParam[Workplace]) -> MaterializeResult:
    from dagster_project.releases import catalogue
    from dagster_project.serving.serve import serve

    with workplace.step(context, "serve in PostgreSQL") as (region, month):
        served = serve(workplace.settings, region, catalogue.newest(workplace.settings, region, month))
    return MaterializeResult(metadata={"shown": served.shown, "loaded": ", ".join(served.loaded)})


def serving_assets(settings: Settings) -> list[AssetsDefinition]:
    """None where no database is to be served."""
    return [serve_release] if settings.postgres_url else []
