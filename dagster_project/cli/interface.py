"""``lus ui``: the Dagster web interface on this installation's runs."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from dagster_project.cli import options


def ui(
    port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = 3000,
    host: Annotated[
        str, typer.Option(help="The address to listen on. The interface has no log-in of its own.")
    ] = "127.0.0.1",
    landing: options.Landing = None,
    home: options.Home = None,
) -> None:
    """Open the Dagster web interface: assets, checks, runs, the sensor and the schedule.

    It listens on this machine alone unless --host says otherwise. Stop it with Ctrl-C.
    """

    def start() -> None:
        from dagster_project.instance import write_configuration
        from dagster_project.settings import PROJECT_ROOT

        settings = options.settings(home, landing)
        write_configuration(settings)
        environment = {
            **os.environ,
            "DAGSTER_HOME": str(settings.dagster),
            "LUS_HOME": str(settings.home),
            "LUS_LANDING": str(settings.landing),
        }
        os.chdir(PROJECT_ROOT)
        command = ["dagster", "dev", "--module-name", "dagster_project.code_location"]
        print(f"LUS: http://{host}:{port}", file=sys.stderr)
        arguments = [sys.executable, "-m", *command, "--host", host, "--port", str(port)]
        os.execve(sys.executable, arguments, environment)

    options.guarded(start, home)
