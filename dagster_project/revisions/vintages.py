"""All vintages of a figure: what each release of a region says of it, and what a reader saw on a date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from dagster_project.errors import ConfigurationError
from dagster_project.months import first_day
from dagster_project.releases import history
from dagster_project.releases.catalogue import Withdrawal
from dagster_project.releases.hashing import parquet, quoted
from dagster_project.releases.history import Published
from dagster_project.revisions.edition import Edition, Mart, check_names, of_release, seen_before
from dagster_project.revisions.numbers import for_machines
from dagster_project.settings import TIME_ZONE, Settings


@dataclass(frozen=True)
class Vintage:
    """What one release says. ``value`` is the sum of the figure over ``rows`` rows; None where none of them has one.

    ``rows`` is None where the release publishes no such figure of the month. ``published_at`` is UTC in ISO 8601.
    """

    release: str
    published_at: str
    rows: int | None
    value: int | Decimal | None
    withdrawal: Withdrawal | None


@dataclass(frozen=True)
class Vintages:
    """In order of publication. ``seen`` is what readers of ``current`` saw at the end of the date that was asked for,
    None where nothing was published by then, or no date was given.
    """

    vintages: list[Vintage]
    seen: Vintage | None

    def as_json(self) -> dict[str, Any]:
        return dict(for_machines(asdict(self)))


def vintages(
    settings: Settings,
    region: str,
    table: str,
    figure: str,
    month: str,
    key: Mapping[str, str],
    as_of: date | None = None,
) -> Vintages:
    """The figure of ``month`` (yyyy-mm) in the rows whose columns have the values of ``key``, in every release.

    Of a table by year it is that of the month's year, a running one's too: what the release says of it so far.
    The region has releases. Days, counts and money are added up; ``as_of`` is a date in Sweden. Raises
    ConfigurationError where a name is none, or where another figure has several rows; VerificationFailed where a
    release is damaged.
    """
    published = history.published(settings, region)
    with settings.connect() as connection:
        newest = of_release(published[-1])
        check_names(newest.figures(connection), table, figure)
        _check_key(newest, table, key)
        told = [_vintage(connection, one, table, figure, month, key) for one in published]
    until = [one for one in published if as_of and _day(one) <= as_of]
    seen = seen_before(until, max(one.release.month for one in published))
    return Vintages(told, told[published.index(seen)] if seen else None)


def parse_key(parts: Sequence[str]) -> dict[str, str]:
    """``column=value`` of each; the value is empty for null. Raises ConfigurationError on one that is not."""
    key = {}
    for part in parts:
        column, sign, value = part.partition("=")
        if not sign:
            raise ConfigurationError(f"'{part}' names no rows: write COLUMN=VALUE, as municipality_code=0180.")
        key[column] = value
    return key


def parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(f"'{text}' is not a date: write it as 2026-10-31.") from error


def _check_key(edition: Edition, table: str, key: Mapping[str, str]) -> None:
    columns = [column for column in edition.keys[table] if column not in ("region_code", "month", "year")]
    if strangers := [column for column in key if column not in columns]:
        raise ConfigurationError(
            f"{', '.join(strangers)} is not in the key of {table}: name rows by {', '.join(columns)}."
        )


def _vintage(
    connection: duckdb.DuckDBPyConnection,
    published: Published,
    table: str,
    figure: str,
    month: str,
    key: Mapping[str, str],
) -> Vintage:
    edition = of_release(published)
    mart = edition.mart(connection, table)
    first, last = edition.months
    rows, value = None, None
    if mart and mart.by_year:
        first, last = f"{first[:4]}-01", f"{last[:4]}-12"
    if mart and figure in mart.figures and key.keys() <= mart.key.keys() and first <= month <= last:
        rows, value = _told(connection, mart, figure, month, key)
        if rows > 1 and not mart.adds_up(figure):
            open_columns = [column for column in mart.key if column not in ("region_code", "month", "year", *key)]
            raise ConfigurationError(
                f"{figure} cannot be added up, and {published.release.name} has {rows} such rows of {table} for "
                f"{month}: say of which {', '.join(open_columns)}, as in {open_columns[0]}=VALUE."
            )
    release = published.release
    return Vintage(release.name, published.manifest["published_at"], rows, value, release.withdrawal)


def _told(
    connection: duckdb.DuckDBPyConnection, mart: Mart, figure: str, month: str, key: Mapping[str, str]
) -> tuple[int, int | Decimal | None]:
    alike = "".join(f" and coalesce({quoted(column)}::varchar, '') = ?" for column in key)
    same_time, time = ("year", int(month[:4])) if mart.by_year else ("month", first_day(month))
    found = connection.execute(
        f"select count(*), sum({quoted(figure)}) from {parquet(mart.path)} where {same_time} = ?{alike}",
        [time, *key.values()],
    ).fetchone()
    assert found is not None
    return found[0], found[1]


def _day(published: Published) -> date:
    return published.published_at.astimezone(ZoneInfo(TIME_ZONE)).date()
