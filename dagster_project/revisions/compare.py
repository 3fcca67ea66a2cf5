"""Every figure that differs between two editions, found in SQL over the Parquet files of both."""

from __future__ import annotations

import duckdb

from dagster_project.releases.hashing import literal, parquet, quoted
from dagster_project.revisions.causes import cause
from dagster_project.revisions.edition import Edition, Mart, common_months

CHANGES = "changes"
_NUMBER = "decimal(18, 6)"
"""Holds every published number: money, shares, means, days and counts."""

SAID_LATER = ("expected_at_release", "late_adjustment")
"""What a month's own release leaves empty (rules §5): its first value is told, and revises nothing."""


def write_changes(connection: duckdb.DuckDBPyConnection, before: Edition, now: Edition) -> None:
    """Create table ``changes``: one row per figure that differs, of the months, marts and figures that both have.

    Of a table by year the years are compared that both close: until January's release a year grows with every one.
    Columns ``table_name``, ``key`` (JSON of the row's primary key), ``figure``, ``month``, ``old_value``,
    ``new_value``, ``difference`` (new less old; null where one is) and ``cause``. A row that only one of the two has
    gives null for the other, which is not 0.
    """
    create_changes(connection)
    months = common_months(before, now)
    if months[1] < months[0]:
        return
    for name in now.keys:
        old, new = before.mart(connection, name), now.mart(connection, name)
        if old and new and old.key == new.key and (figures := [one for one in new.figures if one in old.figures]):
            _insert(connection, old, new, figures, months, cause(before, now, name))


def create_changes(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"create or replace temp table {CHANGES} (table_name varchar, key varchar, figure varchar, month date, "
        f"old_value {_NUMBER}, new_value {_NUMBER}, difference {_NUMBER}, cause varchar)"
    )


def _insert(
    connection: duckdb.DuckDBPyConnection,
    old: Mart,
    new: Mart,
    figures: list[str],
    months: tuple[str, str],
    why: str,
) -> None:
    same_key = " and ".join(f"before.{quoted(one)} is not distinct from now.{quoted(one)}" for one in new.key)
    key_json = ", ".join(f"{quoted(one)}: {_in_json(one, type_)}" for one, type_ in new.key.items())
    values = ", ".join(
        f"{{figure: {literal(one)}, old_value: before.{column}::{_NUMBER}, new_value: now.{column}::{_NUMBER}}}"
        for one, column in ((figure, quoted(figure)) for figure in figures)
    )
    differs = " or ".join(f"before.{quoted(one)} is distinct from now.{quoted(one)}" for one in figures)
    connection.execute(
        f"""
        insert into {CHANGES}
        with
        before as (select * from {parquet(old.path)} where {old.is_between(months)}),
        now as (select * from {parquet(new.path)} where {new.is_between(months)}),
        figures as (
            select
                to_json({{{key_json}}})::varchar as key,
                {_month(new)} as month,
                unnest([{values}], recursive := true)
            from before
            full join now on {same_key}
            where {differs}
        )
        select ?, key, figure, month, old_value, new_value, new_value - old_value, ?
        from figures
        where
            old_value is distinct from new_value
            and not (old_value is null and list_contains(?, figure))
        """,
        [new.name, why, list(SAID_LATER)],
    )


def _month(mart: Mart) -> str:
    """SQL: the month of a row that one of the two has."""
    return "make_date(coalesce(now.year, before.year), 12, 1)" if mart.by_year else "coalesce(now.month, before.month)"


def _in_json(column: str, type_: str) -> str:
    """A key column's value; a number with decimals as text, since JSON would make it a double."""
    value = f"coalesce(now.{quoted(column)}, before.{quoted(column)})"
    return f"{value}::varchar" if type_.startswith("DECIMAL") else value
