"""The options that every command shares, and how a command ends."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from dagster_project.errors import LusError
from dagster_project.settings import Settings

Region = Annotated[
    str | None,
    typer.Option(
        "--region", help="Two-digit county code, as 01. Default: every region of the landing zone.", metavar="CODE"
    ),
]
Landing = Annotated[
    Path | None, typer.Option("--landing", help="The landing zone. Default: LUS_LANDING, else HOME/landing.")
]
Home = Annotated[Path | None, typer.Option("--home", help="Where LUS keeps its data. Default: LUS_HOME, else var/.")]
Json = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON on standard output, for machines.")]


def settings(home: Path | None, landing: Path | None) -> Settings:
    return Settings.from_environment(home, landing)


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def fail(error: LusError, *, as_json: bool = False) -> NoReturn:
    """One paragraph on standard error and the error's exit code; with ``as_json`` the same on standard output."""
    if as_json:
        print_json({"status": "error", "exit_code": error.exit_code, "message": str(error)})
    else:
        print(f"lus: {error}", file=sys.stderr)
    raise typer.Exit(error.exit_code)


def guarded(command: Callable[[], None], home: Path | None, *, as_json: bool = False) -> None:
    """Run a command's body; whatever it raises ends in one paragraph and an exit code, never in a trace."""
    try:
        command()
    except (typer.Exit, typer.Abort):
        raise
    except LusError as error:
        fail(error, as_json=as_json)
    except Exception as error:
        from dagster_project.internal_errors import internal_error

        fail(internal_error(Settings.from_environment(home), error), as_json=as_json)
