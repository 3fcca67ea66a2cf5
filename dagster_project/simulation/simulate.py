"""A what-if: the payment marts of a published release under other agreement rows, beside what was published.

The release is read and never written. The simulated marts are made by the very models that made the published ones, in
a scratch warehouse that is gone afterwards; only sums leave it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import months
from dagster_project.code_version import code_version
from dagster_project.errors import ConfigurationError, ModelsNotBuilt
from dagster_project.progress import Progress
from dagster_project.reference.rows import Row
from dagster_project.releases import files
from dagster_project.releases.catalogue import Release
from dagster_project.settings import Settings, private_directory
from dagster_project.simulation import agreements, figures, scratch, writing
from dagster_project.simulation.agreements import Change
from dagster_project.simulation.figures import Cell, Pair
from dagster_project.warehouse import dbt_run

MARTS = (figures.MART, writing.BASIS)
MODELS = ["stg_candidate", "int_months", *(f"dim_agreement+,+{mart}" for mart in MARTS)]
"""As dbt's ``--select``: all that hangs on the agreements on the way to the marts, and what tells the run's months."""


@dataclass(frozen=True)
class Simulation:
    """What a what-if gave: ``cells`` of the months from ``first_month`` to ``last_month`` (yyyy-mm).

    ``municipalities``: the name of each code that a cell has.
    """

    release: Release
    first_month: str
    last_month: str
    invoicing_active: bool
    changes: list[Change]
    cells: list[Cell]
    municipalities: dict[str, str]

    @property
    def by_municipality(self) -> dict[str, Pair]:
        """By code, in its order."""
        totals = figures.total_by(self.cells, lambda cell: cell.municipality_code)
        return dict(sorted(totals.items()))

    @property
    def total(self) -> Pair:
        return figures.total_by(self.cells, lambda _: "").get("", Pair())

    def as_json(self) -> dict[str, Any]:
        return {
            "release": self.release.name,
            "withdrawn": asdict(self.release.withdrawal) if self.release.withdrawal else None,
            "first_month": self.first_month,
            "last_month": self.last_month,
            "invoicing_active": self.invoicing_active,
            "agreements": [
                {
                    "agreement_id": change.row.text["agreement_id"],
                    "change": change.kind,
                    "columns": {
                        name: {"published": before, "simulated": after}
                        for name, (before, after) in change.columns.items()
                    },
                }
                for change in self.changes
            ],
            "municipalities": [
                {"municipality_code": code, "name": self.municipalities[code], **pair.as_json()}
                for code, pair in self.by_municipality.items()
            ],
            "total": self.total.as_json(),
            "months": [
                {
                    "month": f"{cell.month:%Y-%m}",
                    "municipality_code": cell.municipality_code,
                    "payment_class": cell.payment_class,
                    **cell.pair.as_json(),
                }
                for cell in self.cells
            ],
        }


def simulate(
    settings: Settings,
    release: Release,
    progress: Progress,
    *,
    agreements_file: Path | None = None,
    invoicing_active: bool = False,
    first_month: str | None = None,
    last_month: str | None = None,
    out: Path | None = None,
) -> Simulation:
    """The release's payment marts under the agreement rows of the file, compared with the published ones.

    ``invoicing_active``: every month counts as invoiced. The months (yyyy-mm) limit what is compared and written to
    ``out``, a new or empty directory, not what is computed. Raises ConfigurationError on wrong use, on a row that
    cannot be, and where the release's own rows no longer give its own figures.
    """
    if agreements_file is None and not invoicing_active:
        raise ConfigurationError(
            "There is nothing to try: name a file of agreement rows with --agreements, or say --invoicing-active. 'lus "
            "simulate --help' shows such a file."
        )
    _check_tables(release)
    first, last = _months(release, first_month, last_month)
    if out is not None:
        files.check_new_place(settings, out, "a simulation is no part of what LUS keeps")
    with scratch.opened(settings, release) as connection:
        tried = agreements.in_force(connection, release.path, agreements_file)
    with scratch.scratch(settings) as directory:
        if release.manifest.get("code_version") != code_version():
            with progress.step("prove that the release's own rows give its own figures"):
                _prove(settings, release, tried.published, directory / "published", progress)
        with progress.step("simulate"):
            warehouse = _compute(
                settings, release, tried.rows, directory / "simulated", progress, invoicing_active=invoicing_active
            )
            with scratch.opened(settings, release, warehouse) as connection:
                cells = figures.compare(connection, first, last)
                simulation = Simulation(
                    release, first, last, invoicing_active, tried.changes, cells, _names(connection, cells)
                )
                if out is not None:
                    writing.write(connection, simulation.cells, simulation.municipalities, first, last, out)
    return simulation


def _check_tables(release: Release) -> None:
    missing = [table for table in (*scratch.READ, *MARTS) if table not in release.manifest["tables"]]
    if missing:
        raise ConfigurationError(
            f"{release.name} was published by a version of LUS that did not compute payment responsibility as this one "
            f"does: it has no {', '.join(missing)}. Publish the month again with 'lus release {release.month} --region "
            f"{release.region}' and try on that revision."
        )


def _months(release: Release, first: str | None, last: str | None) -> tuple[str, str]:
    """The months to compare: the release's, or the part of them that is asked for."""
    covered = scratch.first_month(release), release.month
    chosen = months.parse_month(first or covered[0]), months.parse_month(last or covered[1])
    if not covered[0] <= chosen[0] <= chosen[1] <= covered[1]:
        raise ConfigurationError(
            f"From {chosen[0]} to {chosen[1]} is not a part of {release.name}, which has the months {covered[0]} to "
            f"{covered[1]}: correct --from and --to."
        )
    return chosen


def _prove(settings: Settings, release: Release, published: Sequence[Row], directory: Path, progress: Progress) -> None:
    """Raise ConfigurationError unless this code makes the published marts, cell by cell, of the release's own rows.

    Asked where other code made the release: else a difference might be the code's, and not the agreement's.
    """
    try:
        warehouse = _compute(settings, release, published, directory, progress)
        with scratch.opened(settings, release, warehouse) as connection:
            changed = [mart for mart in MARTS if _differs(connection, mart)]
    except (duckdb.Error, ModelsNotBuilt):
        changed = list(MARTS)
    if changed:
        raise ConfigurationError(
            f"{release.name} was published by another version of LUS, and this one does not make the same "
            f"{' and '.join(changed)} of the release's own agreement rows: a difference would not be the rows' alone. "
            f"Publish the month again with 'lus release {release.month} --region {release.region}' and try on that "
            "revision."
        )


def _differs(connection: duckdb.DuckDBPyConnection, mart: str) -> bool:
    either_way = f"(from main.{mart} except all from published.{mart}) union all " + (
        f"(from published.{mart} except all from main.{mart})"
    )
    return connection.execute(f"select 1 from ({either_way}) limit 1").fetchone() is not None


def _compute(
    settings: Settings,
    release: Release,
    rows: Sequence[Row],
    directory: Path,
    progress: Progress,
    *,
    invoicing_active: bool = False,
) -> Path:
    """The scratch warehouse in ``directory`` with the payment marts under these agreement rows."""
    warehouse = private_directory(directory) / scratch.WAREHOUSE
    with scratch.opened(settings, release, warehouse) as connection:
        scratch.lay(connection, release, rows, invoicing_active=invoicing_active)
    dbt_run.run_models(settings, directory, MODELS, progress)
    return warehouse


def _names(connection: duckdb.DuckDBPyConnection, cells: Sequence[Cell]) -> dict[str, str]:
    known = dict(connection.execute("select municipality_code, name from published.dim_municipality").fetchall())
    return {cell.municipality_code: known[cell.municipality_code] for cell in cells}
