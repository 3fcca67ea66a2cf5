"""What all pages of a release share, and where a page's figures come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import months
from dagster_project.releases.history import Published
from dagster_project.reports import billing_readiness
from dagster_project.reports.monthly.figures import TABLES, Figures
from dagster_project.reports.query import rows

MONTHS_SHOWN = 13
"""The month and the twelve before it, so that the same month a year ago stands beside."""


@dataclass(frozen=True)
class Source:
    """A page's figures, and those of the release before: null where it has no such tables."""

    figures: Figures
    before: Figures | None


@dataclass(frozen=True)
class Context:
    """What all pages of a release share. ``municipalities`` are names of the county's by code, ``others`` of the rest.

    ``connection`` has the release's tables; ``units`` are the municipalities' billing readiness by code.
    """

    connection: duckdb.DuckDBPyConnection
    region: str
    region_name: str
    on: date
    is_synthetic: bool
    before: str | None
    municipalities: Mapping[str, str]
    others: Mapping[str, str]
    districts: Mapping[tuple[str, str], str]
    indicators: Mapping[str, Mapping[str, Any]]
    units: Mapping[str, billing_readiness.Unit]

    @property
    def months(self) -> list[date]:
        """The months shown, the last one the page's."""
        first = months.next_month(f"{self.on:%Y-%m}", -(MONTHS_SHOWN - 1))
        return [months.first_day(month) for month in months.months_between(first, f"{self.on:%Y-%m}")]


def context_of(connection: duckdb.DuckDBPyConnection, inputs: Mapping[str, Any], before: Published | None) -> Context:
    """From a release's tables, which ``connection`` has, and its inputs; ``before`` is the release before."""
    region, on = inputs["region"], months.first_day(inputs["month"])
    names = connection.execute("select name from dim_region where region_code = ?", [region]).fetchone()
    municipalities = rows(
        connection,
        """
        select municipality_code, display_name, region_code = ? as is_own from dim_municipality
        where valid_from <= last_day(?) and coalesce(valid_to, date '9999-12-31') >= last_day(?)
        order by municipality_code
        """,
        [region, on, on],
    )
    districts = rows(connection, "select municipality_code, district_code, name from dim_district")
    indicators = rows(connection, "select indicator_id, term_sv, direction from dim_indicator")
    units = billing_readiness.group(connection, "municipality", on).units
    return Context(
        connection=connection,
        region=region,
        region_name=str(names[0]) if names else region,
        on=on,
        is_synthetic=any(delivery["is_synthetic"] for delivery in inputs["deliveries"]),
        before=before.release.name if before else None,
        municipalities={row["municipality_code"]: row["display_name"] for row in municipalities if row["is_own"]},
        others={row["municipality_code"]: row["display_name"] for row in municipalities if not row["is_own"]},
        districts={(row["municipality_code"], row["district_code"]): row["name"] for row in districts},
        indicators={row["indicator_id"]: row for row in indicators},
        units={unit.unit_id: unit for unit in units},
    )


def source_of(
    context: Context,
    inputs: Mapping[str, Any],
    before: Published | None,
    directory: Path,
    folder: str,
    of: Callable[[duckdb.DuckDBPyConnection, Mapping[str, Path], date, date], Figures],
) -> Source:
    """The figures of the tables in ``folder`` of the release at ``directory``, read by ``of``, and of those before."""
    first = months.first_day(inputs["deliveries"][0]["month"])
    figures = of(
        context.connection, {name: directory / folder / f"{name}.parquet" for name in TABLES}, first, context.on
    )
    if before is None:
        return Source(figures, None)
    found = {name: path for name in TABLES if (path := before.file(f"{folder}/{name}.parquet"))}
    if len(found) < len(TABLES):
        return Source(figures, None)
    its_first, its_last = before.manifest["deliveries"][0]["month"], before.release.month
    return Source(figures, of(context.connection, found, months.first_day(its_first), months.first_day(its_last)))
