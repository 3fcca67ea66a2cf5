"""The month on one page, ``report.html``: of the county, for everyone, and of each municipality, for itself.

The county's page reads open tables alone (``open/parquet``), a municipality's its own rows of the internal ones; both
are made by the same code. Beside them they read the reference tables, which hold no person, and of the internal tables
of trust how much was quarantined, which checks warned and why a table changed. They are written when a release is
published, since they tell what the gate found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dagster_project.releases.hashing import parquet, quoted
from dagster_project.releases.history import Published
from dagster_project.reports import pages
from dagster_project.reports.monthly.context import Context, Source, context_of, source_of
from dagster_project.reports.monthly.figures import of_internal, of_open
from dagster_project.reports.monthly.page import read
from dagster_project.revisions.edition import seen_before
from dagster_project.settings import Settings

PAGE = "report.html"
OPEN = "open"
MUNICIPALITIES = "municipalities"
TEMPLATE = "monthly.html.j2"


def is_page(name: str) -> bool:
    """Whether a release's file, by its relative path, is one of these pages."""
    parts = name.split("/")
    return parts[-1] == PAGE and (parts[:-1] == [OPEN] or (len(parts) == 3 and parts[0] == MUNICIPALITIES))


def write(settings: Settings, directory: Path, inputs: Mapping[str, Any], history: Sequence[Published]) -> None:
    """Write the county's page into the release at ``directory`` where that has open tables, and each municipality's.

    ``inputs`` are the release's; ``history`` is what was published before. Raises VerificationFailed where a file of
    the release before is damaged.
    """
    before = seen_before(history, inputs["month"])
    with settings.connect() as connection:
        for path in sorted((directory / "marts" / "parquet").glob("*.parquet")):
            connection.execute(f"create view {quoted(path.stem)} as from {parquet(path)}")
        context = context_of(connection, inputs, before)
        sources = {
            f"{OPEN}/parquet": (of_open, {context.region: OPEN}),
            "marts/parquet": (of_internal, {code: f"{MUNICIPALITIES}/{code}" for code in context.municipalities}),
        }
        for folder, (of, places) in sources.items():
            if places and (directory / folder).is_dir():
                source = source_of(context, inputs, before, directory, folder, of)
                for place, its_folder in places.items():
                    _write(directory / its_folder, context, source, place)


def _write(directory: Path, context: Context, source: Source, place: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    files = sorted(path.name for path in directory.iterdir() if path.suffix in (".xlsx", ".json"))
    html = pages.render(TEMPLATE, page=read(context, source, place, files))
    (directory / PAGE).write_text(html, encoding="utf-8", newline="\n")
