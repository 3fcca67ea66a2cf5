"""The README's pictures: the month's report and Dagster's asset graph, in a real browser. ``make pictures``.

They are taken of what ``make release`` publishes in ``LUS_HOME``, a synthetic region and no other, and written beside
this file. Needs Chromium.
"""

from __future__ import annotations

from pathlib import Path

from dagster_project.settings import Settings
from tests.reports import browser
from tests.run import interface

HERE = Path(__file__).parent
REPORT = "01/current/municipalities/0180/report.html"
SYNTHETIC = "det här är en demonstration"


def main() -> None:
    settings = Settings.from_environment()
    page = settings.releases / REPORT
    if not page.is_file() or SYNTHETIC not in page.read_text(encoding="utf-8"):
        raise SystemExit(f"{page} is no page of a demonstration: pictures are taken of synthetic data alone.")
    browser.picture(page.as_uri(), HERE / "report.png", width=1200, height=950)
    with interface.running(settings.home) as address:
        browser.picture(f"{address}/asset-groups", HERE / "assets.png", width=1900, height=640)


if __name__ == "__main__":
    main()
