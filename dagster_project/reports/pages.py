"""Templates to pages: the one place where Jinja is set up, so that every text is escaped on every page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.reports import swedish, words

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: Any) -> str:
    """The template of this directory as HTML."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for name in ("capitalized", "counted", "hyphenated", "listed", "tied"):
        environment.filters[name] = getattr(swedish, name)
    for name in (
        "count",
        "days",
        "one_decimal",
        "kronor",
        "percent",
        "percent_up",
        "difference",
        "mean",
        "interval",
        "of",
        "change",
    ):
        environment.globals[name] = getattr(words, name)
    return environment
