"""The part of ``docs/method.md`` that follows from the reference tables: the indicators, and the days of a release.

``python -m dagster_project.reports.annual.method`` writes it anew; a test keeps it equal to the tables.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from dagster_project.reports import swedish, words
from dagster_project.settings import PROJECT_ROOT, SEEDS_DIR

PAGE = PROJECT_ROOT / "docs" / "method.md"
BEGIN, END = "<!-- from the reference tables: begin -->", "<!-- from the reference tables: end -->"

_DIRECTIONS = {"higher": "högre är bättre", "lower": "lägre är bättre", "none": "ingen riktning är bättre"}
_UNITS = {
    "share": "andel",
    "days": "dagar",
    "mean_days": "dagar i genomsnitt",
    "beds": "vårdplatser",
    "days_per_1000": "dagar per 1 000 invånare",
    "sek": "kronor",
    "count": "antal",
}
_STATUS = {"verified": "källans text är läst", "provisional": "ett val eller en slutsats"}


def generated() -> str:
    """The part as Markdown: the indicators in the order of the newest plan, then those that no plan follows."""
    indicators = {row["indicator_id"]: row for row in _rows("indicators")}
    plan = [row for row in _rows("follow_up_plan") if row["region_code"] == "SE"]
    newest = max(row["year"] for row in plan)
    planned = sorted((row for row in plan if row["year"] == newest), key=lambda row: int(row["position"]))
    parts = [f"Planen för {newest} har {len(planned)} indikatorer."]
    for row in planned:
        one = indicators.pop(row["indicator_id"])
        whole = f"; nämnare: {row['denominator_sv']}" if row["denominator_sv"] else ""
        target = words.aimed(Decimal(row["target"]), one["unit"]) if row["target"] else "inget"
        parts += [
            _heading(one, row["title_sv"]),
            f"{row['definition_sv']} Täljare: {row['numerator_sv']}{whole}. Enhet: {_UNITS[one['unit']]}; "
            f"{_DIRECTIONS[row['direction']]}. Ansvar: {row['responsible_sv']}. Mål: {target} "
            f"({'beslutat ' + row['decided_on'] if row['decided_on'] else 'inte beslutat av parterna'}).",
            _source(one),
        ]
    parts.append("Utanför planen, i månadens tabeller eller som mått på åtaganden:")
    for one in indicators.values():
        parts += [_heading(one, one["term_sv"]), f"{one['definition_sv']} Enhet: {_UNITS[one['unit']]}.", _source(one)]
    (calendar,) = _rows("release_calendar")
    parts.append(
        f"**Kalendern** (ett förslag): månadens leverans senast den {calendar['delivery_due_day']}, publicering "
        f"den {calendar['publication_day']}, rättelser till och med den {calendar['corrections_until_day']} i månaden "
        "efter."
    )
    return "\n\n".join(parts)


def page(text: str) -> str:
    """The page's text with the part as the tables have it now."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{generated()}\n\n{END}{rest.split(END)[1]}"


def _heading(one: dict[str, str], title: str) -> str:
    return f"#### {swedish.capitalized(title)} (`{one['indicator_id']}`)"


def _source(one: dict[str, str]) -> str:
    return f"Definitionens källa: {one['source']} ({_STATUS[one['status']]}). *{one['definition_en']}*"


def _rows(table: str) -> list[dict[str, str]]:
    with Path(SEEDS_DIR / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
