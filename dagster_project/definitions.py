"""Wires the rooms of the house together for Dagster. Nothing is computed here."""

from __future__ import annotations

from dagster import Definitions

from dagster_project import jobs
from dagster_project.deliveries.assets import DELIVERY, ingest_delivery
from dagster_project.deliveries.triggers import complete_delivery, late_delivery, late_delivery_alarm
from dagster_project.gate.assets import sealed_candidate_asset, verdict_asset
from dagster_project.reference.assets import INSTALLATION
from dagster_project.releases.assets import EARLIER_RELEASES, publish_release
from dagster_project.serving.assets import serving_assets
from dagster_project.settings import Settings
from dagster_project.warehouse.assets import profile_keys, published_keys, warehouse_assets
from dagster_project.workplace import Workplace


def definitions(settings: Settings) -> Definitions:
    build_warehouse = warehouse_assets(settings)
    return Definitions(
        assets=[
            DELIVERY,
            INSTALLATION,
            EARLIER_RELEASES,
            ingest_delivery,
            build_warehouse,
            sealed_candidate_asset(published_keys(build_warehouse)),
            verdict_asset(profile_keys(build_warehouse)),
            publish_release,
            *serving_assets(settings),
        ],
        jobs=[jobs.release_month, jobs.check_month, late_delivery_alarm],
        sensors=[complete_delivery],
        schedules=[late_delivery],
        resources={"workplace": Workplace(settings)},
    )
