"""``municipalities/<code>/``: a payer's own figures and cases, for each municipality of the region that has any.

What belongs here: what a payer's package is called and says of itself. Which rows are a payer's is in ``own.py``.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from dagster_project.packages import facts, own
from dagster_project.packages.own import Own, Payer
from dagster_project.packages.tables import describe
from dagster_project.packages.write import write_package
from dagster_project.releases.dbt_facts import Described
from dagster_project.releases.hashing import literal
from dagster_project.releases.history import Published
from dagster_project.warehouse.candidate import read_inputs

FOLDER = "municipalities"

LICENCE = {
    "name": "other-closed",
    "title": "endast för kommunens handläggning; uppgifterna kan omfattas av sekretess och får inte spridas vidare",
}

_EXPLANATION = [
    "Kommunens egna siffror och ärenden enligt lagen om samverkan vid utskrivning (2017:612), som de var kända när "
    "utgåvan gjordes. Inget är dolt för små tal: siffrorna är till för kommunens egen handläggning.",
    "Bladet Ärenden har en rad för varje period som utskrivningsklar i de ärenden som pågick under månaden, och i "
    "äldre ärenden som är nya eller ändrade sedan utgåvan för månaden innan (kolumnen changed). Händelser, "
    "vårdepisoder och dagar med betalningsansvar hör till dessa ärenden. Tabeller med kön och åldersgrupp visar "
    "månaden och de tolv före, övriga alla månader; processindikatorerna visas för alla åldrar (all). "
    "Bladen om årlig uppföljning visar hela år, det pågående med de månader som är publicerade (months_included).",
    "Ett ärende känns igen på sitt id i källsystemet; personnummer och pseudonymer finns inte här. Har personen "
    "skyddade personuppgifter är stadsdel, vårdenhet, kön och ålder tomma, och i tabeller med kön och åldersgrupp "
    "är raderna för den månaden, stadsdelen och vårdområdet slagna samman (kön 0, åldersgrupp all).",
    "Bestrida en rad: skriv skälet i den gula kolumnen bestridande på bladet Ärenden, spara arbetsboken och skicka "
    "den på samma säkra väg till regionens kontakt för fakturering; interval_id pekar ut raden. Det som inte reds "
    "ut lokalt går vidare i överenskommelsens tvistetrappa.",
]


def write(
    connection: duckdb.DuckDBPyConnection,
    candidate: Path,
    described: Mapping[str, Described],
    history: Sequence[Published],
) -> None:
    """Write ``municipalities/<code>/`` into the candidate, in place of what was there.

    The rows come from its ``marts/parquet/`` and its warehouse, to which ``connection`` is. Raises VerificationFailed
    where the release before is damaged.
    """
    shutil.rmtree(candidate / FOLDER, ignore_errors=True)
    inputs = read_inputs(candidate)
    region, month = inputs["region"], inputs["month"]
    payers = own.make(connection, candidate, region, month, _intervals_before(history, month))
    if not payers:
        return
    terms = facts.terms(connection, candidate)
    package = facts.package(connection, candidate, _EXPLANATION, LICENCE)
    tables = {
        table.name: describe(connection, table.name, table.sheet, described[table.name], terms, _rows(table, payers[0]))
        for table in own.TABLES
    }
    for payer in payers:
        its_tables = [replace(tables[table.name], relation=_rows(table, payer)) for table in payer.tables]
        called = f"{package.name}-{payer.code}"
        own_package = replace(package, name=called, workbook=f"{called}.xlsx", title=f"{payer.name}: {package.title}")
        write_package(connection, own_package, its_tables, candidate / FOLDER / payer.code)


def _rows(table: Own, payer: Payer) -> str:
    return f"(select * exclude (payer) from own_{table.name} where payer = {literal(payer.code)})"


def _intervals_before(history: Sequence[Published], month: str) -> Path | None:
    """The readiness intervals of the newest release of an earlier month, None where there is no such release."""
    earlier = [one for one in history if one.release.month < month]
    newest = max(earlier, key=lambda one: (one.release.month, one.release.revision), default=None)
    return newest.file(own.INTERVALS) if newest else None
