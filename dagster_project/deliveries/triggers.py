"""When runs start by themselves: a sensor for a complete delivery, a schedule that raises an alarm for a late one."""

import hashlib
from collections.abc import Iterator

from dagster import (
    Config,
    DefaultScheduleStatus,
    DefaultSensorStatus,
    Failure,
    RunConfig,
    RunRequest,
    ScheduleEvaluationContext,
    SensorEvaluationContext,
    job,
    op,
    schedule,
    sensor,
)

from dagster_project.deliveries import landing, lateness
from dagster_project.jobs import release_month
from dagster_project.partitions import partition_key
from dagster_project.settings import TIME_ZONE, Settings


@sensor(
    job=release_month,
    minimum_interval_seconds=60,
    default_status=DefaultSensorStatus.STOPPED,
    description="Starts the run of each region's newest month when its delivery.json is there, and of an older month "
    "when a higher version of it has come since its release.",
)
def complete_delivery(context: SensorEvaluationContext) -> Iterator[RunRequest]:
    from dagster_project.releases import catalogue

    settings = Settings.from_environment()
    for region in landing.regions(settings.landing):
        complete = {
            month: version
            for month in landing.months(settings.landing, region)
            if (version := landing.winning(settings.landing, region, month)) is not None
        }
        released = catalogue.delivered_versions(settings, region)
        for month, version in complete.items():
            newest = month == max(complete)
            if newest or (month in released and int(version.name[1:]) > released[month]):
                content = hashlib.sha256((version / "delivery.json").read_bytes()).hexdigest()[:16]
                yield RunRequest(
                    run_key=f"{region}/{month}/{version.name}/{content}", partition_key=partition_key(region, month)
                )


class LateDeliveryConfig(Config):
    region: str
    month: str
    due_on: str


@op
def raise_alarm(config: LateDeliveryConfig) -> None:
    """Fail, so that whatever the installation hangs on failed runs tells people; pass if it has come meanwhile."""
    settings = Settings.from_environment()
    if landing.winning(settings.landing, config.region, config.month) is None:
        raise Failure(
            f"Region {config.region} owes its delivery for {config.month} since {config.due_on}: it is not complete. "
            "Ask the region's data supplier; the month cannot be released before it is there.",
            allow_retries=False,
        )


@job(description="A red run of this job is an alarm: a delivery is late by the release calendar.")
def late_delivery_alarm() -> None:
    raise_alarm()


@schedule(
    job=late_delivery_alarm,
    cron_schedule="0 7 * * *",
    execution_timezone=TIME_ZONE,
    default_status=DefaultScheduleStatus.STOPPED,
    description="Each morning: an alarm for each delivery that is past due by seeds/release_calendar.csv.",
)
def late_delivery(context: ScheduleEvaluationContext) -> Iterator[RunRequest]:
    from dagster_project.reference import tables

    settings = Settings.from_environment()
    today = context.scheduled_execution_time.date()
    for late in lateness.late_deliveries(settings, tables.load(settings), today):
        config = LateDeliveryConfig(region=late.region, month=late.month, due_on=str(late.due_on))
        yield RunRequest(
            run_key=f"{late.region}/{late.month}/{today}", run_config=RunConfig(ops={"raise_alarm": config})
        )
