"""``lus serve``: PostgreSQL brought in line with what was published."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from dagster_project.cli import options
from dagster_project.errors import LusError


def serve(
    release: Annotated[
        str | None,
        typer.Option(
            "--release",
            help="[region/]yyyy-mm[/rNN]: load this one too, beside the current, in a schema of its own.",
            metavar="RELEASE",
        ),
    ] = None,
    region: Annotated[
        str | None,
        typer.Option(help="Two-digit county code, as 01. Default: every region with releases.", metavar="CODE"),
    ] = None,
    landing: options.Landing = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Let PostgreSQL (LUS_POSTGRES_URL) show each region's current release.

    'lus release' does it after publishing; this does it by hand, as after a failure. The views of the schemas lus and
    lus_open move from one release to the next in one transaction. Where loading fails, readers see what they saw.

    Exit codes: 0 served, 1 it failed (the message says why), 2 wrong use or no address.
    """

    def run() -> None:
        from dagster_project.releases import catalogue
        from dagster_project.serving.serve import serve as served_of

        settings = options.settings(home, landing)
        named = catalogue.find(settings, release, region) if release else None
        regions = [named.region] if named else [region] if region else catalogue.regions(settings)
        done, failed = [], []
        for code in regions or [catalogue.latest(settings).region]:
            try:
                done.append(served_of(settings, code, named))
            except LusError as error:
                failed.append(error)
        if as_json:
            options.print_json({"served": [asdict(one) for one in done], "failed": [str(error) for error in failed]})
        else:
            for one in done:
                print(f"PostgreSQL shows {one.shown}" + (f" (loaded {', '.join(one.loaded)})" if one.loaded else ""))
            for failure in failed:
                print(f"lus: {failure}", file=sys.stderr)
        raise typer.Exit(max((failure.exit_code for failure in failed), default=0))

    options.guarded(run, home, as_json=as_json)
