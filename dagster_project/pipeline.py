"""One monthly run, as the command line starts it: the same Dagster job that the interface and the sensor start."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from dagster_project.errors import ConfigurationError, LusError, NotServed
from dagster_project.internal_errors import internal_error
from dagster_project.progress import Progress
from dagster_project.settings import Settings

REPORT = "open/report.html"
GATE = "gate/data_docs/index.html"


@dataclass(frozen=True)
class Outcome:
    """How a run of one region and month ended; ``exit_code`` as the contract of releases numbers them.

    ``report`` is the county's page of the month, ``gate`` the one on what the gate found, where there are such.
    """

    region: str
    month: str
    status: str  # published, nothing_to_do, fit_to_publish, not_served, blocked, rejected, misconfigured, failed
    exit_code: int
    message: str
    release: str | None = None
    path: str | None = None
    report: str | None = None
    gate: str | None = None
    steps: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


_STATUS = {1: "failed", 2: "misconfigured", 3: "rejected", 4: "blocked"}


def regions_to_run(settings: Settings, region: str | None) -> list[str]:
    """The named region, or every region of the landing zone in code order."""
    from dagster_project.deliveries import landing

    found = landing.regions(settings.landing)
    if region is not None:
        if region not in found:
            raise ConfigurationError(
                f"There is no delivery of region {region} in {settings.landing}. "
                f"{'It holds ' + ', '.join(found) if found else 'It is empty'}: check --region and --landing."
            )
        return [region]
    if not found:
        raise ConfigurationError(
            f"There is no delivery in {settings.landing}. Put deliveries there, name another place with --landing, "
            "or make demonstration data with 'lus generate'."
        )
    return found


def latest_month(settings: Settings, region: str) -> str:
    """The newest month of the region with a complete delivery."""
    from dagster_project.deliveries import landing

    months = landing.months(settings.landing, region)
    if not months:
        raise ConfigurationError(
            f"Region {region} has no complete delivery in {settings.landing}: one is complete with delivery.json."
        )
    return months[-1]


def run_month(settings: Settings, region: str, month: str, progress: Progress, *, publish: bool) -> Outcome:
    """Ingest, build, judge and, where ``publish``, release one month. Never raises: the outcome says what happened."""
    try:
        if publish:
            done = _already_published(settings, region, month)
            if done is not None:
                return served(settings, done)
        return _run_job(settings, region, month, progress, publish=publish)
    except LusError as error:
        return _failed(error, region, month, progress)
    except Exception as error:
        return _failed(internal_error(settings, error), region, month, progress)


def _already_published(settings: Settings, region: str, month: str) -> Outcome | None:
    """The outcome 'nothing to do' where the newest revision was made from just these inputs; else None."""
    from dagster_project.deliveries import bronze
    from dagster_project.releases import publish
    from dagster_project.warehouse import candidate

    if not bronze.is_ingested_through(settings, region, month):
        return None
    inputs = candidate.gather_inputs(settings, region, month, candidate.collect(settings, region, month))
    release = publish.already_published(settings, region, month, inputs["inputs_hash"])
    if release is None:
        return None
    withdrawn = " It has been withdrawn since." if release.is_withdrawn else ""
    return Outcome(
        region=region,
        month=month,
        status="nothing_to_do",
        exit_code=0,
        message=f"Nothing to do: {release.name} was made from these deliveries, reference rows and this code."
        + withdrawn,
        release=release.name,
        path=str(release.path),
        report=_page(release.path, REPORT),
        gate=_page(release.path, GATE),
    )


def served(settings: Settings, done: Outcome) -> Outcome:
    """The outcome of a month that is published already, after PostgreSQL was brought in line with it."""
    if settings.postgres_url is None:
        return done
    from dagster_project.serving.serve import serve

    try:
        serve(settings, done.region)
    except NotServed as error:
        return _not_served(done, error)
    return done


def _not_served(done: Outcome, error: NotServed) -> Outcome:
    return replace(done, status="not_served", exit_code=error.exit_code, message=f"{done.message} {error}")


def _run_job(settings: Settings, region: str, month: str, progress: Progress, *, publish: bool) -> Outcome:
    with progress.step("start"):
        from dagster import DagsterInvalidInvocationError, DagsterUnknownPartitionError

        from dagster_project.instance import open_instance
        from dagster_project.partitions import partition_key
        from dagster_project.releases import catalogue
        from dagster_project.workplace import Workplace

        instance = open_instance(settings)
        from dagster_project.definitions import definitions

        job = definitions(settings).resolve_job_def("release_month" if publish else "check_month")
        workplace = Workplace(settings, progress)
    try:
        result = job.execute_in_process(
            instance=instance,
            partition_key=partition_key(region, month),
            resources={"workplace": workplace},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )
    except (DagsterUnknownPartitionError, DagsterInvalidInvocationError) as error:
        raise ConfigurationError(
            f"Region {region} and month {month} are no partition: the month must lie between 2018-01 and this month, "
            "and the region must be a row of seeds/regions.csv."
        ) from error
    finally:
        instance.dispose()
    if workplace.error is not None and not isinstance(workplace.error, NotServed):
        return _failed(workplace.error, region, month, progress)
    if not result.success and workplace.error is None:
        step = next(event for event in result.all_events if event.is_step_failure)
        failure = step.step_failure_data.error
        raise RuntimeError(f"step {step.step_key}: {failure.to_string() if failure else 'no reason given'}")
    steps = _steps(progress)
    if not publish:
        message = f"{region}/{month} is fit to publish."
        gate = _page(settings.candidate(region, month), GATE)
        return Outcome(region, month, "fit_to_publish", 0, message, gate=gate, steps=steps)
    release = catalogue.newest(settings, region, month)
    published = Outcome(
        region=region,
        month=month,
        status="published",
        exit_code=0,
        message=f"Published {release.name}.",
        release=release.name,
        path=str(release.path),
        report=_page(release.path, REPORT),
        gate=_page(release.path, GATE),
        steps=steps,
    )
    return _not_served(published, workplace.error) if workplace.error else published


def _page(directory: Path, name: str) -> str | None:
    return str(directory / name) if (directory / name).exists() else None


def _steps(progress: Progress) -> list[dict[str, Any]]:
    return [{"step": name, "seconds": round(seconds, 2)} for name, seconds in progress.steps]


def _failed(error: LusError, region: str, month: str, progress: Progress) -> Outcome:
    return Outcome(region, month, _STATUS[error.exit_code], error.exit_code, str(error), steps=_steps(progress))
