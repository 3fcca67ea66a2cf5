"""The annual follow-up as pages: ``report.html`` for the steering group, and one for each municipality beside it.

They read the tables of ``annual/`` alone, beside names of places and, of the tables of trust, how it was checked.
The running year's pages are made anew in each release; a closed year's are those of the release that closed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dagster_project.packages import annual
from dagster_project.releases.hashing import parquet, quoted
from dagster_project.releases.history import Published
from dagster_project.reports import pages
from dagster_project.reports.annual import figures, municipality, page
from dagster_project.reports.monthly.context import context_of
from dagster_project.revisions.edition import seen_before
from dagster_project.settings import Settings

PAGE = f"report{annual.PAGE}"
MUNICIPALITIES = "municipalities"
TEMPLATE, MUNICIPALITY_TEMPLATE = "annual.html.j2", "annual_municipality.html.j2"


def write(settings: Settings, directory: Path, inputs: Mapping[str, Any], history: Sequence[Published]) -> None:
    """Write the pages into the release at ``directory``, where that has ``annual/``.

    ``inputs`` are the release's; ``history`` is what was published before. Raises VerificationFailed where a file of
    the release that closed the last year is damaged.
    """
    folder = directory / annual.FOLDER
    if not folder.is_dir():
        return
    year = int(inputs["month"][:4])
    closed = annual.closed_year(inputs["month"], inputs["deliveries"][0]["month"])
    closing = annual.closing(history, closed) if closed else None
    with settings.connect() as connection:
        for path in sorted((directory / "marts" / "parquet").glob("*.parquet")):
            connection.execute(f"create view {quoted(path.stem)} as from {parquet(path)}")
        context = context_of(connection, inputs, seen_before(history, inputs["month"]))
        years = {year: folder}
        if closed and closing:
            annual.copy_closed(closing, closed, directory, pages=True)
        elif closed:
            years[closed] = folder / str(closed)
        for one, its_folder in years.items():
            its = figures.read(connection, its_folder, one)
            of = closed if one == year else None
            by = closing.release.name if closing else None
            files = sorted(path.name for path in its_folder.iterdir() if path.suffix in (".xlsx", ".json"))
            _write(its_folder / PAGE, TEMPLATE, page.read(context, its, of, by, files))
            for code in context.municipalities:
                its_page = municipality.read(context, its, code, of, by)
                _write(its_folder / MUNICIPALITIES / f"{code}{annual.PAGE}", MUNICIPALITY_TEMPLATE, its_page)


def _write(path: Path, template: str, its_page: page.Page | municipality.Page) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(pages.render(template, page=its_page), encoding="utf-8", newline="\n")
