"""The installation's own reference rows as a Dagster asset; the shipped ones are dbt's seeds."""

from __future__ import annotations

from dagster import AssetKey, AssetSpec

from dagster_project.workplace import OWNER

INSTALLATION = AssetSpec(
    key=AssetKey(["reference", "installation"]),
    group_name="reference",
    owners=[OWNER],
    kinds={"csv"},
    description="Rows of LUS_HOME/reference/ that add to or replace shipped reference rows, by key.",
)
