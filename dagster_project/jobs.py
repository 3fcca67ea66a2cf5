"""The two jobs of a month: release it, or do everything but publish."""

from __future__ import annotations

from dagster import AssetSelection, define_asset_job, in_process_executor

from dagster_project.releases.assets import RELEASE

_EVERYTHING = AssetSelection.all()

release_month = define_asset_job(
    "release_month",
    selection=_EVERYTHING,
    executor_def=in_process_executor,
    description="From landing to release: ingest, build, test, judge, publish, and serve where there is a database.",
)

check_month = define_asset_job(
    "check_month",
    selection=_EVERYTHING - AssetSelection.assets(RELEASE).downstream(),
    executor_def=in_process_executor,
    description="Everything but publishing: says what would block.",
)
