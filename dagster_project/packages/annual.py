"""``annual/``: the annual follow-up as tables: the running year's and, in ``annual/<year>/``, the last closed year's.

What belongs here: what the packages are called and say of themselves, and that a closed year stays as it was closed.
Which figures are hidden is in ``disclosure/primary.py`` and ``secondary.py``; the pages beside are written in
``reports/annual/``.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from dagster_project.disclosure import primary
from dagster_project.disclosure import tables as open_tables
from dagster_project.packages import facts
from dagster_project.packages.tables import describe
from dagster_project.packages.write import write_package
from dagster_project.releases import files
from dagster_project.releases.dbt_facts import Described
from dagster_project.releases.hashing import literal, parquet
from dagster_project.releases.history import Published
from dagster_project.warehouse.candidate import read_inputs

FOLDER = "annual"
PAGE = ".html"
PLAN = "dim_follow_up_plan"
REVISIONS = "annual_revisions"

SHEETS = {
    primary.FOLLOW_UP: "Indikatorer",
    primary.DIFFERENCES: "Skillnader",
    primary.COMMITMENTS: "Åtaganden",
    primary.DEVIATIONS: "Avvikelser",
    primary.COOPERATION: "Lokal samverkan",
    PLAN: "Uppföljningsplan",
    primary.MONTHS: "Månader",
    REVISIONS: "Ändrat efter stängning",
}

LICENCE = {
    "name": "other-closed",
    "title": "för dem som ansvarar för den årliga uppföljningen; inte öppen statistik",
}

_KEY = ("region_code", "year", "municipality_code", "district_code", "indicator_id", "sex")
_DESCRIBED = {
    REVISIONS: Described(list(_KEY), "tal för det stängda året som har ändrats sedan det stängdes"),
    primary.MONTHS: Described(["region_code", "month"], "länets utskrivningsklara dagar månad för månad"),
}

_RULES = "reference.ref_disclosure_rules"
_BESIDE = ("fct_liable_days", "mart_ready_days_monthly", "mart_payment_responsibility_monthly", "dim_indicator", PLAN)
_EXPLANATION = [
    "Den årliga uppföljningen enligt överenskommelsen om utskrivning från slutenvård: indikatorerna för länet, "
    "kommunerna och stadsdelsområdena, skillnader med 95 procents intervall, bilagans åtaganden, avvikelser och lokal "
    "samverkan. Läs report.html först; metodbeskrivningen är docs/method.md.",
    "Ett pågående år jämförs med samma månader året före. Målen är förslag: inget av dem är beslutat av parterna.",
    "Tal som få vårdepisoder, perioder, avvikelser eller fakturarader står bakom är dolda, också när få är bland de "
    "övriga, och så många till att inget dolt tal går att räkna fram ur årets tabeller, månadens öppna tabeller eller "
    "tidigare utgåvor. Personerna kan vara färre, och tal från andra håll kan säga mer: tabellerna är till för "
    "uppföljningen, inte för att spridas. Värdet året före visas bara för båda könen tillsammans.",
]


def is_page(name: str) -> bool:
    """Whether a release's file, by its relative path, is a page of the annual follow-up."""
    return name.startswith(f"{FOLDER}/") and name.endswith(PAGE)


def closed_year(month: str, first_month: str) -> int | None:
    """The last closed year in a release of the month (yyyy-mm); None where the region had not begun to deliver."""
    year = int(month[:4]) - 1
    return year if int(first_month[:4]) <= year else None


def closing(history: Sequence[Published], year: int) -> Published | None:
    """The release that closed the year: the first, not withdrawn, that held it as closed. None where none has yet.

    That is January's, unless the region's first release is of a later month.
    """
    held = f"{FOLDER}/{year}/datapackage.json"
    return next((one for one in history if one.sha256(held) and not one.release.is_withdrawn), None)


def copy_closed(published: Published, year: int, directory: Path, *, pages: bool) -> None:
    """Copy the closed year's pages, or its other files, into ``directory``. Raises VerificationFailed if damaged."""
    for name in sorted(published.manifest["files"]):
        if name.startswith(f"{FOLDER}/{year}/") and is_page(name) is pages:
            source = published.file(name)
            assert source is not None
            files.copy(source, directory / name)


def write(
    connection: duckdb.DuckDBPyConnection,
    candidate: Path,
    described: Mapping[str, Described],
    history: Sequence[Published],
) -> None:
    """Write ``annual/`` into the candidate, in place of what was there, if it has the annual tables.

    The rows come from its ``marts/parquet/``, the threshold from its warehouse, to which ``connection`` is. Raises
    VerificationFailed where the release that closed the last year is damaged.
    """
    from dagster_project.disclosure import annual_earlier, secondary  # SciPy: a second that only this needs

    shutil.rmtree(candidate / FOLDER, ignore_errors=True)
    if primary.FOLLOW_UP not in described:
        return
    inputs = read_inputs(candidate)
    region, month = inputs["region"], inputs["month"]
    year, closed = int(month[:4]), closed_year(month, inputs["deliveries"][0]["month"])
    before = closing(history, closed) if closed else None
    package = facts.package(connection, candidate, _EXPLANATION, LICENCE)
    told = told_before(history)
    for one, folder in ((closed, candidate / FOLDER / str(closed)), (year, candidate / FOLDER)):
        if one is None or (one == closed and before):
            continue
        called = f"lus-{FOLDER}-{region}-{one}"
        title = f"årlig uppföljning {one}, {package.title}"
        rows = _relations(candidate, region, one)
        earlier = annual_earlier.read(connection, told, one)
        least = primary.least(_RULES, one)
        rows |= secondary.protected(
            connection, _published(candidate), rows, one, least, open_months(candidate), earlier
        )
        if one == year:
            rows[REVISIONS] = _revisions(candidate, region, closed or year, before)
        terms = facts.terms(connection, candidate)
        texts = {**described, **_DESCRIBED}
        tables = [
            describe(connection, name, sheet, texts[name], terms, rows[name])
            for name, sheet in SHEETS.items()
            if name in rows
        ]
        of_year = replace(package, name=called, workbook=f"{called}.xlsx", title=title)
        write_package(connection, of_year, tables, folder)
        told.append(follow_up(folder / "parquet"))
    if closed and before:
        copy_closed(before, closed, candidate, pages=False)


def _published(candidate: Path) -> dict[str, str]:
    """The published tables behind those of the year, with every figure: SQL that can stand after ``from``, by name."""
    return {name: parquet(candidate / "marts" / "parquet" / f"{name}.parquet") for name in (*primary.FIGURES, *_BESIDE)}


def _relations(candidate: Path, region: str, year: int) -> dict[str, str]:
    """The rows of the year's tables by the primary rule, as SQL that can stand after ``from``, by name."""
    published = _published(candidate)
    plan = f"(select * from {published[PLAN]} where year = {year} and region_code in ({literal(region)}, 'SE'))"
    return {**primary.protected(published, _RULES, year), PLAN: plan}


def open_months(candidate: Path) -> dict[str, str]:
    """The candidate's open tables with what they hide, as SQL that can stand after ``from``, by name."""
    internal = candidate / open_tables.INTERNAL
    return {
        path.stem: open_tables.with_truth(path.stem, path, internal / path.name)
        for path in sorted((candidate / open_tables.PARQUET).glob("*.parquet"))
        if path.stem != open_tables.ANNUAL
    }


def follow_up(folder: Path) -> dict[str, str]:
    """The follow-up and the differences in a folder of Parquet, as SQL that can stand after ``from``, by name."""
    return {name: parquet(folder / f"{name}.parquet") for name in (primary.FOLLOW_UP, primary.DIFFERENCES)}


def told_before(history: Sequence[Published]) -> list[dict[str, str]]:
    """Every follow-up that readers have, withdrawn releases' too, as ``follow_up`` gives it, and none twice.

    Raises VerificationFailed if one is damaged.
    """
    found: dict[str, dict[str, str]] = {}
    for one in history:
        for name in sorted(one.manifest["files"]):
            folder, _, file = name.rpartition("/")
            if folder.startswith(FOLDER) and file == f"{primary.FOLLOW_UP}.parquet":
                paths = [one.file(f"{folder}/{table}.parquet") for table in (primary.FOLLOW_UP, primary.DIFFERENCES)]
                if paths[0] and paths[1]:
                    found[str(one.sha256(name))] = follow_up(paths[0].parent)
    return list(found.values())


def _revisions(candidate: Path, region: str, closed: int, before: Published | None) -> str:
    """Figures of the closed year that are another now than in ``before``, which closed it; hidden ones are not told."""
    now = _relations(candidate, region, closed)[primary.FOLLOW_UP]
    then = before.file(f"{FOLDER}/{closed}/parquet/{primary.FOLLOW_UP}.parquet") if before else None
    return f"""(
        select {", ".join(_KEY)}, closed.value as old_value, now.value as new_value,
            (now.value - closed.value)::decimal(18, 6) as difference
        from {now} as now full join {parquet(then) if then else now} as closed using ({", ".join(_KEY)})
        where now.value is distinct from closed.value
            and coalesce(now.value_status, '') <> 'suppressed' and coalesce(closed.value_status, '') <> 'suppressed'
    )"""
