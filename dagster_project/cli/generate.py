"""``lus generate``: demonstration deliveries."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from dagster_project.cli import options


def generate(
    first: Annotated[str, typer.Option("--from", help="First month, as 2025-01.", metavar="MONTH")],
    last: Annotated[str, typer.Option("--to", help="Last month, as 2026-10.", metavar="MONTH")],
    region: Annotated[str, typer.Option(help="Two-digit county code.", metavar="CODE")] = "01",
    stays_per_month: Annotated[
        int | None, typer.Option(help="Stays in an ordinary month. Default: by the county's size.", min=1)
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed and arguments give the same files.", min=0)] = 1,
    clean: Annotated[bool, typer.Option("--clean", help="Leave out the little dirt that real feeds hold.")] = False,
    landing: options.Landing = None,
    home: options.Home = None,
) -> None:
    """Make synthetic deliveries like a county's, marked as such in every file.

    They describe nobody: persons, cases and hospitals' activity are drawn at random around published figures. Refuses
    to write beside deliveries that are not synthetic.
    """

    def make() -> None:
        from dagster_project.demo.generate import generate as generate_deliveries
        from dagster_project.months import parse_month

        settings = options.settings(home, landing)
        made = generate_deliveries(
            settings.landing,
            region,
            parse_month(first),
            parse_month(last),
            stays_per_month,
            seed,
            say=lambda text: print(text, file=sys.stderr, flush=True),
            clean=clean,
        )
        print(f"{len(made)} deliveries of synthetic data in {settings.landing / region}")

    options.guarded(make, home)
