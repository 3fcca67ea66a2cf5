"""``open/``: the county's open tables as a package for whoever wants them.

What belongs here: what the open package is called and says of itself. What is hidden in its tables was decided before,
in ``disclosure/``: this only writes the tables that are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from dagster_project.disclosure import tables
from dagster_project.packages import facts
from dagster_project.packages.tables import describe
from dagster_project.packages.write import write_package
from dagster_project.releases.dbt_facts import Described
from dagster_project.releases.hashing import parquet

FOLDER = "open"

LICENCE = {"name": "CC0-1.0", "path": "https://creativecommons.org/publicdomain/zero/1.0/", "title": "CC0 1.0"}
"""Provisional: the region decides under what terms it gives its figures away."""

SHEETS = {
    "mart_ready_days_monthly": "Utskrivningsklara dagar",
    "mart_payment_responsibility_monthly": "Betalningsansvar",
    "mart_payment_responsibility_district_monthly": "Betalningsansvar stadsdel",
    "mart_readmissions_monthly": "Återinskrivningar",
    "mart_readmissions_headline": "Återinskrivningar 65+",
    "mart_readmissions_headline_district": "Återinskr 65+ stadsdel",
    "mart_process_indicators_monthly": "Processindikatorer",
    "mart_annual_follow_up": "Årlig uppföljning",
    "mart_deviations_annual": "Avvikelser",
}

_EXPLANATION = [
    "Länets öppna siffror enligt lagen om samverkan vid utskrivning (2017:612), per månad, kommun och, för kommuner "
    "som har stadsdelar, stadsdel, och per år och kommun. De är som de var kända när utgåvan gjordes; senare utgåvor "
    "kan ändra dem.",
    "Siffror som kunde röja enskilda personer är dolda: 1–4 personer, eller en person som står för det mesta. Dolt är "
    "också det som skulle ge en dold siffra genom subtraktion. Varje siffra har en statuskolumn: shown visas, "
    "suppressed är dold, missing saknas eller är inte tillämplig. En nolla är en nolla.",
    "Summarader har länskoden som kommun, all som stadsdel, vårdområde, betalningsklass och åldersgrupp, och 0 som "
    "kön. Vårdområde, kön och åldersgrupp visas ett i taget. Lägg därför inte ihop rader: välj summaraden.",
    "Ett års siffra i den årliga uppföljningen visas bara där alla dess månader visas. Avvikelser visas för år som är "
    "slut.",
]


def write(connection: duckdb.DuckDBPyConnection, candidate: Path, described: Mapping[str, Described]) -> None:
    """Write CSV, workbook, JSON-stat and ``datapackage.json`` beside ``open/parquet/``, where there is that."""
    folder = candidate / FOLDER
    if not (candidate / tables.PARQUET).is_dir():
        return
    terms = facts.terms(connection, candidate)
    package = facts.package(connection, candidate, _EXPLANATION, LICENCE)
    texts = tables.described(described)
    its_tables = []
    for table, sheet in SHEETS.items():
        relation = parquet(candidate / tables.PARQUET / f"{table}.parquet")
        found = describe(connection, table, sheet, texts[table], terms, relation)
        spans = [name for name in found.primary_key if name != "region_code"]
        its_tables.append(replace(found, dimensions=spans))
    write_package(connection, replace(package, title=f"Länet: {package.title}"), its_tables, folder)
