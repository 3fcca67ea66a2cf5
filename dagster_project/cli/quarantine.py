"""``lus quarantine``: quarantined rows as files to correct and send again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli import options
from dagster_project.cli.catalogue import Name


def quarantine(
    release: Name,
    out: Annotated[Path, typer.Option(help="A new or empty directory outside LUS_HOME: the files hold person ids.")],
    region: options.Region = None,
    landing: options.Landing = None,
    home: options.Home = None,
) -> None:
    """Copy the quarantined rows of a release, as they were delivered, with the reasons beside them.

    The originals come from the landing zone and hold person ids in clear: send them to those who answer for the
    source, then delete them.
    """

    def copy() -> None:
        from dagster_project.releases import catalogue
        from dagster_project.releases.quarantine import write_quarantined

        settings = options.settings(home, landing)
        written = write_quarantined(settings, catalogue.find(settings, release, region), out)
        for one in written:
            what = f"not copied: {one.fault}" if one.fault else f"in {one.directory}"
            print(f"{one.delivery}: {one.rows} rows {what}")
        if not written:
            print("No row of this release is in quarantine.")
        raise typer.Exit(3 if any(one.fault for one in written) else 0)

    options.guarded(copy, home)
