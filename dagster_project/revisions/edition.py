"""One side of a comparison: a release or a candidate, its figures by key, and what each table was made from."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.errors import ConfigurationError, VerificationFailed
from dagster_project.months import first_day
from dagster_project.releases import dbt_facts
from dagster_project.releases.hashing import columns_of, parquet
from dagster_project.releases.history import Published

DBT_MANIFEST = "dbt/manifest.json"

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE")
_MONEY = "DECIMAL(14,2)"


@dataclass(frozen=True)
class Mart:
    """A published table with a month or a year in its key, and its figures: its other numbers. Both with their DuckDB
    types.
    """

    name: str
    path: Path
    key: dict[str, str]
    figures: dict[str, str]

    @property
    def by_year(self) -> bool:
        return "month" not in self.key

    @property
    def month(self) -> str:
        """SQL: the month of a row, of a year its December."""
        return "make_date(year, 12, 1)" if self.by_year else "month"

    def is_between(self, months: tuple[str, str]) -> str:
        """SQL: the row's month is one of these; a year's December lies before the last, for that closes the year."""
        first, last = (f"date '{first_day(month)}'" for month in months)
        return f"{self.month} >= {first} and {self.month} {'<' if self.by_year else '<='} {last}"

    def adds_up(self, figure: str) -> bool:
        """Days, counts and money may be added over rows; shares, means and values of a criterion may not, nor what is
        by year: such tables have rows of totals beside their parts."""
        if self.by_year:
            return False
        return self.figures[figure].endswith("INT") or self.figures[figure] in ("INTEGER", _MONEY)


@dataclass(frozen=True)
class Edition:
    """``facts`` are a manifest's or a candidate's inputs; ``file`` gives the file of a relative path, None without."""

    facts: Mapping[str, Any]
    file: Callable[[str], Path | None]

    @property
    def months(self) -> tuple[str, str]:
        """The first and the last month (yyyy-mm) that it has figures of."""
        return self.facts["deliveries"][0]["month"], self.facts["month"]

    @cached_property
    def dbt(self) -> dict[str, Any]:
        """dbt's manifest. Raises VerificationFailed where there is none."""
        return dict(json.loads(self._dbt_manifest.read_text(encoding="utf-8")))

    @cached_property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """Of every published mart that has a month or a year in its key: the key."""
        described = dbt_facts.described_tables(self._dbt_manifest)
        return {
            name: tuple(table.primary_key)
            for name, table in sorted(described.items())
            if name.startswith("mart_") and not {"month", "year"}.isdisjoint(table.primary_key)
        }

    def mart(self, connection: duckdb.DuckDBPyConnection, name: str) -> Mart | None:
        """The mart as it was published; None where there is none of this name, or it has neither month nor year."""
        path = self.file(f"marts/parquet/{name}.parquet") if name in self.keys else None
        if path is None:
            return None
        types = dict(columns_of(connection, parquet(path)))
        key = {column: types[column] for column in self.keys[name]}
        figures = {column: type_ for column, type_ in types.items() if type_.startswith(_NUMBERS) and column not in key}
        return Mart(name, path, key, figures)

    def figures(self, connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
        """The figures of every mart that there is, by the mart's name."""
        return {name: list(mart.figures) for name in self.keys if (mart := self.mart(connection, name))}

    @property
    def _dbt_manifest(self) -> Path:
        path = self.file(DBT_MANIFEST)
        if path is None:
            raise VerificationFailed(
                f"{self.facts['release']} has no {DBT_MANIFEST}: what its figures are keyed by cannot be told."
            )
        return path


def of_release(published: Published) -> Edition:
    """A release's files are checked against its manifest when they are asked for."""
    return Edition(published.manifest, published.file)


def of_candidate(directory: Path, inputs: Mapping[str, Any]) -> Edition:
    def file(name: str) -> Path | None:
        return directory / name if (directory / name).is_file() else None

    return Edition(inputs, file)


def seen_before(history: Sequence[Published], month: str) -> Published | None:
    """The release that a new one of ``month`` is compared with, of those published before: None for the first.

    It is what ``current`` showed, were no later month published: the newest month's newest revision.
    """
    earlier = [one for one in history if one.release.month <= month]
    return max(earlier, key=lambda one: (one.release.month, one.release.revision), default=None)


def common_months(before: Edition, now: Edition) -> tuple[str, str]:
    """The first and last month that both have figures of; the last is before the first where there is none."""
    return max(before.months[0], now.months[0]), min(before.months[1], now.months[1])


def check_names(known: Mapping[str, Sequence[str]], table: str | None, figure: str | None) -> None:
    """Raise ConfigurationError unless these are, where given, a table of ``known`` and a figure of it or of any."""
    if table is not None and table not in known:
        raise ConfigurationError(f"There is no table '{table}' with figures by month or year.{_near(table, known)}")
    figures = {one for name, several in known.items() if table in (None, name) for one in several}
    if figure is not None and figure not in figures:
        raise ConfigurationError(f"There is no figure '{figure}' in {table or 'any table'}.{_near(figure, figures)}")


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.5) or sorted(known)
    return f" There is {', '.join(near)}." if near else ""
