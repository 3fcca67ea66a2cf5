"""``mart_revisions``: what changed since the release before, from the published files of both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from dagster_project.releases.dbt_facts import Described, with_term
from dagster_project.releases.export import TableFact, export_table
from dagster_project.releases.hashing import literal
from dagster_project.releases.history import Published
from dagster_project.revisions import compare
from dagster_project.revisions.edition import Edition, of_release, seen_before

TABLE = "mart_revisions"

COLUMNS = {
    "region_code": ("varchar", "regionkod", "two-digit county code"),
    "table_name": ("varchar", "tabell", "the table that the figure is published in"),
    "key": ("varchar", "nyckel", "primary key of the figure's row, as JSON"),
    "figure": ("varchar", "mått", "the figure's column"),
    "month": ("date", "månad", "first date of the month that the figure is of; of a year that of its December"),
    "old_value": ("decimal(18, 6)", "tidigare värde", "value in the release before; null where it had none, never 0"),
    "new_value": ("decimal(18, 6)", "nytt värde", "value in this release; null where it has none, never 0"),
    "difference": ("decimal(18, 6)", "skillnad", "new value less the old; null where one of them is"),
    "cause": (
        "varchar",
        "orsak",
        "late_data, changed_rule, changed_reference:<table> and changed_frozen_amount: all that differs of what the "
        "table rests on, joined by |; not_told where nothing does",
    ),
}

DESCRIBED = Described(
    primary_key=["region_code", "table_name", "key", "figure"],
    term_sv="revideringar",
    text="One row per figure of an earlier month or closed year that changed since the release before. **Metod.** "
    "Varje tal som båda utgåvorna publicerar jämförs, ett års först när januariutgåvan har stängt året; orsaken är "
    "allt som skiljer av det som tabellen vilar på, eftersom det inte går att säga vilket av flera som ändrade ett "
    "visst tal. Swedish term: revideringar.",
    columns={name: with_term(text, term) for name, (_, term, text) in COLUMNS.items()},
)


def write(
    connection: duckdb.DuckDBPyConnection, region: str, history: Sequence[Published], candidate: Edition, out: Path
) -> TableFact:
    """Write ``out/mart_revisions.parquet`` for a candidate; ``history`` is what was published before it.

    A region's first release has an empty one. Raises VerificationFailed where the release before is damaged.
    """
    before = seen_before(history, candidate.facts["month"])
    if before:
        compare.write_changes(connection, of_release(before), candidate)
    else:
        compare.create_changes(connection)
    typed = ", ".join(f"{name}::{type_} as {name}" for name, (type_, _, _) in COLUMNS.items())
    connection.execute(
        f"create or replace temp table {TABLE} as select {typed} "
        f"from (select {literal(region)} as region_code, * from {compare.CHANGES})"
    )
    return export_table(connection, TABLE, out, DESCRIBED.primary_key)
