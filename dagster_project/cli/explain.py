"""``lus explain``: a case's whole story, as a release has it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from dagster_project.cli import options


class Language(StrEnum):
    """The languages of a story."""

    sv = "sv"
    en = "en"


def explain(
    case: Annotated[
        str,
        typer.Argument(help="The case's id in its source system (ärende-id); never a person id.", metavar="CASE-ID"),
    ],
    release: Annotated[
        str | None,
        typer.Option(
            "--release", help="[region/]yyyy-mm[/rNN]. Default: the current release of the region.", metavar="RELEASE"
        ),
    ] = None,
    region: options.Region = None,
    lang: Annotated[Language, typer.Option("--lang", help="Swedish or English.")] = Language.sv,
    landing: options.Landing = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Explain a case to someone who disputes it: what happened, which rule gave what, and what the municipality pays.

    Stays and messages, each readiness interval with its agreement and conditions, its dates one by one, the amount, and
    what it would have been otherwise: as the release was published, nothing is recomputed from the warehouse.

    Exit codes: 0 explained, 2 no such case or release, 4 the release is damaged.
    """

    def show() -> None:
        from dagster_project.explain import lookup, render, story

        settings = options.settings(home, landing)
        told = story.tell(lookup.facts_of(settings, case, release, region))
        if as_json:
            options.print_json(story.as_json(told))
        else:
            print(render.text(told, lang.value), end="")

    options.guarded(show, home, as_json=as_json)
