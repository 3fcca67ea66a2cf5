"""How much figures move after their own month's release, by the age of the month: out of every release's revisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import duckdb

from dagster_project.months import first_day, months_between
from dagster_project.releases import history
from dagster_project.releases.hashing import literal, parquet, quoted
from dagster_project.releases.history import Published
from dagster_project.revisions import mart_revisions
from dagster_project.revisions.edition import check_names, common_months, of_release, seen_before
from dagster_project.revisions.numbers import for_machines
from dagster_project.settings import Settings

_REVISIONS = f"marts/parquet/{mart_revisions.TABLE}.parquet"


@dataclass(frozen=True)
class Size:
    """The revisions of one figure in the releases ``age`` months after its month; 0 are those of the month's own.

    ``releases`` counts the releases that could revise a month of this age, ``changed`` the values that they revised.
    ``net`` sums the differences, ``gross`` their sizes; ``published`` is what the figure amounts to in these releases.
    The three are None where the figure does not add up (shares, means). A value that appeared or vanished was or is 0
    here. ``largest`` is the size of the greatest difference.
    """

    table_name: str
    figure: str
    age: int
    releases: int
    changed: int
    net: Decimal | None
    gross: Decimal | None
    published: Decimal | None
    largest: Decimal

    @property
    def share(self) -> Decimal | None:
        """``gross`` as a share of what the figure amounts to; None where there is nothing to compare with."""
        return self.gross / self.published if self.gross is not None and self.published else None


@dataclass(frozen=True)
class Sizes:
    """``untold`` are the releases of before there were revisions in a release: what they changed is not counted."""

    sizes: list[Size]
    untold: list[str]

    def as_json(self) -> dict[str, Any]:
        facts = {"sizes": [{**asdict(one), "share": one.share} for one in self.sizes], "untold": self.untold}
        return dict(for_machines(facts))


def sizes(settings: Settings, region: str, table: str | None = None, figure: str | None = None) -> Sizes:
    """Of a region that has releases, by table, figure and age. An age at which nothing was revised has none.

    Raises ConfigurationError where a name is none, VerificationFailed where a release is damaged.
    """
    published = history.published(settings, region)
    with settings.connect() as connection:
        check_names(of_release(published[-1]).figures(connection), table, figure)
        _create(connection)
        told = [_add(connection, published[:place], one) for place, one in enumerate(published)]
        untold = [one.release.name for one, is_told in zip(published, told, strict=True) if not is_told]
        return Sizes(_sums(connection, table, figure), untold)


def _create(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create table ages (table_name varchar, age integer)")
    connection.execute("create table moved (table_name varchar, figure varchar, age integer, moved decimal(18, 6))")
    connection.execute("create table amounts (table_name varchar, figure varchar, age integer, amount decimal(38, 6))")


def _add(connection: duckdb.DuckDBPyConnection, earlier: Sequence[Published], one: Published) -> bool:
    """Take in what a release revised and what its figures amount to; False where it does not tell its revisions."""
    revisions = one.file(_REVISIONS)
    if revisions is None:
        return False
    before = seen_before(earlier, one.release.month)
    if before is None:
        return True
    edition = of_release(one)
    months = common_months(of_release(before), edition)
    age = f"date_diff('month', month, date '{first_day(one.release.month)}')"
    connection.execute(
        f"insert into moved select table_name, figure, {age}, coalesce(new_value, 0) - coalesce(old_value, 0) "
        f"from {parquet(revisions)}"
    )
    for name in edition.keys:
        mart = edition.mart(connection, name)
        if mart is None:
            continue
        connection.execute(
            f"insert into ages select {literal(name)}, {age} from "
            "(select month, year(month) as year from (select unnest(?::date[]) as month)) "
            f"where month = {mart.month} and {mart.is_between(months)}",
            [[first_day(month) for month in months_between(*months)]],
        )
        if adding := [figure for figure in mart.figures if mart.adds_up(figure)]:
            sums = ", ".join(f"{{figure: {literal(of)}, amount: sum(abs({quoted(of)}))}}" for of in adding)
            connection.execute(
                f"insert into amounts select {literal(name)}, figure, age, amount from (select {age} as age, "
                f"unnest([{sums}], recursive := true) from {parquet(mart.path)} where {mart.is_between(months)} "
                "group by age)"
            )
    return True


def _sums(connection: duckdb.DuckDBPyConnection, table: str | None, figure: str | None) -> list[Size]:
    rows = connection.execute(
        """
        with
        counted as (
            select table_name, age, count(*) as releases
            from ages
            group by all
        ),
        amounted as (
            select table_name, figure, age, sum(amount) as amount
            from amounts
            group by all
        ),
        summed as (
            select
                table_name, figure, age, count(*) as changed, sum(moved) as net, sum(abs(moved)) as gross,
                max(abs(moved)) as largest
            from moved
            group by all
        )
        select
            table_name, figure, age, releases, changed, if(amount is null, null, net), if(amount is null, null, gross),
            amount, largest
        from summed
        join counted using (table_name, age)
        left join amounted using (table_name, figure, age)
        where table_name = coalesce($table, table_name) and figure = coalesce($figure, figure)
        order by table_name, figure, age
        """,
        {"table": table, "figure": figure},
    ).fetchall()
    return [Size(*row) for row in rows]
