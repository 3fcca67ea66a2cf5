"""How dbt's nodes appear in Dagster: the asset key's first part is the room of the house, and so is the group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster import AssetKey
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

from dagster_project.workplace import OWNER

_FEED_RECORDS = {"quarantine", "files", "reports", "deliveries", "candidate"}


def room(node: Mapping[str, Any]) -> str:
    """landing → bronze → reference, staging, core, rules, marts, gate: the folder that the node lives in."""
    if node["resource_type"] == "source":
        return str(node["source_name"])
    if node["resource_type"] == "seed":
        return "reference"
    return str(node["fqn"][1])


def asset_key(node: Mapping[str, Any]) -> AssetKey:
    if node["resource_type"] == "source":
        if node["source_name"] == "installation":
            return AssetKey(["reference", "installation"])
        if node["source_name"] == "released":
            return AssetKey(["release", "earlier_releases"])
        if node["name"] in _FEED_RECORDS:
            return AssetKey(["bronze", "deliveries"])
    return AssetKey([room(node), node["name"]])


class LusTranslator(DagsterDbtTranslator):
    def __init__(self) -> None:
        # Several sources are one thing here: a delivery's records, the installation's own rows, earlier releases.
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        return asset_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return room(dbt_resource_props)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return [OWNER]
