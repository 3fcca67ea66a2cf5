"""``lus release`` and ``lus check``: one monthly run, with or without publishing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dagster_project.cli import options

if TYPE_CHECKING:
    from dagster_project.pipeline import Outcome

Month = Annotated[
    str | None,
    typer.Argument(
        help="The month, as 2026-10. Default: the newest month with a complete delivery.", show_default=False
    ),
]


def release(
    month: Month = None,
    region: options.Region = None,
    landing: options.Landing = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Publish a month: ingest, build, judge, publish.

    Deliveries are read from the landing zone, judged by the gate, and published as an immutable release. Nothing is
    published unless the gate is green; 'current' then stays the release that it was. Running it again when nothing
    has changed does nothing.

    Exit codes: 0 published or nothing to do, 1 internal error, 2 wrong use, 3 a delivery is rejected or missing, 4
    the gate blocked.
    """
    options.guarded(lambda: _run(month, region, landing, home, as_json, publish=True), home, as_json=as_json)


def check(
    month: Month = None,
    region: options.Region = None,
    landing: options.Landing = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Do everything but publish, and say what would block.

    Exit codes as for 'lus release': 0 when the month is fit to publish, 3 or 4 when it is not.
    """
    options.guarded(lambda: _run(month, region, landing, home, as_json, publish=False), home, as_json=as_json)


def _run(month, region, landing, home, as_json, *, publish: bool) -> None:  # type: ignore[no-untyped-def]
    from dagster_project import pipeline
    from dagster_project.months import parse_month
    from dagster_project.progress import Progress

    settings = options.settings(home, landing)
    if month is not None:
        parse_month(month)
    outcomes = []
    for code in pipeline.regions_to_run(settings, region):
        chosen = month or pipeline.latest_month(settings, code)
        outcome = pipeline.run_month(settings, code, chosen, Progress(), publish=publish)
        outcomes.append(outcome)
        if not as_json:
            _show(outcome)
    if as_json:
        options.print_json([outcome.as_json() for outcome in outcomes] if len(outcomes) > 1 else outcomes[0].as_json())
    raise typer.Exit(max(outcome.exit_code for outcome in outcomes))


def _show(outcome: Outcome) -> None:
    if outcome.exit_code:
        print(f"lus: {outcome.message}", file=sys.stderr)
        return
    print(outcome.message)
    if outcome.path:
        print(f"  marts   {outcome.path}/marts/marts.duckdb")
        print(f"  billing {outcome.path}/marts/billing_readiness.html")
        print(f"  annual  {outcome.path}/annual/report.html")
    if outcome.report:
        print(f"  report  {outcome.report}")
    if outcome.gate:
        print(f"  gate    {outcome.gate}")
    for step in outcome.steps:
        print(f"  {step['seconds']:7.1f} s  {step['step']}")
