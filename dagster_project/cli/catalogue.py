"""``lus releases``, ``lus verify`` and ``lus withdraw``: what was published, and whether it still is what it was."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from dagster_project.cli import options

Name = Annotated[
    str,
    typer.Argument(
        help="[region/]yyyy-mm[/rNN], as 2026-10 or 01/2026-10/r02; without a revision the newest.", metavar="RELEASE"
    ),
]


def releases(
    region: options.Region = None,
    landing: options.Landing = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """List every release: when it was published, its size, and whether it is current or withdrawn."""

    def show() -> None:
        from rich.console import Console
        from rich.table import Table

        from dagster_project.releases.listing import listed

        settings = options.settings(home, landing)
        found = listed(settings, region)
        if as_json:
            options.print_json([asdict(release) for release in found])
            return
        if not found:
            print(f"No release yet in {settings.releases}: publish one with 'lus release'.")
            return
        table = Table(box=None, pad_edge=False)
        for title in ("release", "published", "tables", "rows", "waivers", ""):
            table.add_column(title, justify="right" if title in ("tables", "rows", "waivers") else "left")
        for one in found:
            numbers = (str(one.tables), f"{one.rows:,}".replace(",", " "), str(one.waivers))
            table.add_row(one.release, one.published_at, *numbers, one.status)
        Console().print(table)

    options.guarded(show, home, as_json=as_json)


def verify(
    release: Name,
    region: options.Region = None,
    landing: options.Landing = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Recompute every hash and count of a release and compare them with its manifest.

    Exit codes: 0 all agree, 4 something differs (each difference is a line).
    """

    def check() -> None:
        from dagster_project.releases import catalogue
        from dagster_project.releases.verify import verify as differences_of

        settings = options.settings(home, landing)
        found = catalogue.find(settings, release, region)
        differences = differences_of(settings, found)
        withdrawal = found.withdrawal
        if as_json:
            options.print_json(
                {
                    "release": found.name,
                    "agrees": not differences,
                    "differences": differences,
                    "withdrawn": asdict(withdrawal) if withdrawal else None,
                }
            )
        else:
            for difference in differences:
                print(f"lus: {difference}", file=sys.stderr)
            if not differences:
                print(f"{found.name}: every file, hash and count agrees with the manifest.")
            if withdrawal:
                print(f"{found.name} was withdrawn {withdrawal.withdrawn_at}: {withdrawal.reason}")
        raise typer.Exit(4 if differences else 0)

    options.guarded(check, home, as_json=as_json)


def withdraw(
    release: Name,
    reason: Annotated[str, typer.Option(help="Why: readers of the release see it.")],
    region: options.Region = None,
    landing: options.Landing = None,
    home: options.Home = None,
) -> None:
    """Mark a release as withdrawn. It keeps its place and its bytes, and says so from now on.

    Readers of 'current' keep what they have until the month is published again from corrected data.
    """

    def mark() -> None:
        from dagster_project.releases import catalogue
        from dagster_project.releases.withdraw import withdraw as mark_withdrawn

        settings = options.settings(home, landing)
        found = catalogue.find(settings, release, region)
        withdrawal = mark_withdrawn(settings, found, reason)
        print(f"{found.name} is withdrawn since {withdrawal.withdrawn_at}: {withdrawal.reason}")
        if settings.postgres_url:
            from dagster_project.serving.serve import serve

            serve(settings, found.region)

    options.guarded(mark, home)
