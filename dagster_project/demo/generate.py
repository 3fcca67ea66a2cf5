"""Makes the deliveries of a demonstration region: like a real county's, and describing nobody.

The same arguments make the same bytes. A month is a function of the region, the seed, the volume and the month itself;
only the first delivery differs from a later one, in that it also holds the stays that were going on when it began.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import months
from dagster_project.deliveries import contract
from dagster_project.deliveries.landing import MANIFEST
from dagster_project.demo import clock, invoices, optional, profile, stays
from dagster_project.demo.changes import Window
from dagster_project.demo.cohort import Cohort
from dagster_project.demo.tables import concat
from dagster_project.demo.writing import Writer, connect
from dagster_project.errors import ConfigurationError
from dagster_project.settings import Settings, private_directory

_GENERATOR = 1  # raised when the same arguments would make other bytes
_MOST_STAYS = 2_000_000  # a month: beyond it, birth numbers run out
_CORRECTION_MONTHS = 3  # nothing is corrected later than this after its course ended
_FIRST_MONTH, _LAST_MONTH = "2016-01", "2040-12"  # where the calendar of non-working days reaches


def generate(
    landing: Path,
    region: str,
    first: str,
    last: str,
    stays_per_month: int | None,
    seed: int,
    say: Callable[[str], None] | None = None,
    clean: bool = False,
) -> list[Path]:
    """Write ``landing/<region>/<yyyy-mm>/v01/`` for each month from ``first`` to ``last``; returns those directories.

    ``stays_per_month`` None is the region's own volume (20 000 for Stockholm). ``clean`` leaves the dirt out. Months
    that the same arguments made before are kept; later ones continue them. Raises ConfigurationError where an argument
    cannot be, where the region's landing zone holds anything that is not synthetic, or months made otherwise.
    """
    volume = _checked(region, first, last, stays_per_month, seed)
    begins = _chain_start(landing / region, first)
    generator = {
        "version": _GENERATOR, "first": begins, "stays_per_month": volume, "seed": seed, "clean": clean,
    }  # fmt: skip
    wanted = months.months_between(first, last)
    missing = [month for month in wanted if not _exists(landing / region / month / "v01", generator)]
    if missing:
        _write_months(landing / region, region, missing, generator, say or (lambda _: None))
    return [landing / region / month / "v01" for month in wanted]


def _checked(region: str, first: str, last: str, stays_per_month: int | None, seed: int) -> int:
    default = profile.default_stays(region)
    volume = default if stays_per_month is None else stays_per_month
    if months.parse_month(first) > months.parse_month(last):
        raise ConfigurationError(f"The first month, {first}, is after the last, {last}: give them in order.")
    if first < _FIRST_MONTH or last > _LAST_MONTH:
        raise ConfigurationError(
            f"Months from {_FIRST_MONTH} to {_LAST_MONTH} can be generated, not {first} to {last}."
        )
    if not 1 <= volume <= _MOST_STAYS:
        raise ConfigurationError(f"{volume} stays a month cannot be generated: give 1 to {_MOST_STAYS}.")
    if seed < 0:
        raise ConfigurationError(f"The seed is {seed}: give 0 or a greater whole number.")
    return volume


def _deliveries(directory: Path) -> dict[str, dict[str, Any]]:
    """``delivery.json`` of version 1 by month. Raises ConfigurationError for anything that is not synthetic."""
    found = {}
    for version in sorted(path for path in directory.glob("*/v*") if months.is_month(path.parent.name)):
        where = f"{directory.name}/{version.parent.name}/{version.name}"
        try:
            document = json.loads((version / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"{where} in the landing zone is no synthetic delivery (its {MANIFEST} is missing or cannot be read): "
                "demonstration data is never put beside other data. Choose another landing zone with --landing."
            ) from error
        if not isinstance(document, dict) or document.get("synthetic") is not True:
            raise ConfigurationError(
                f"{where} in the landing zone is not marked synthetic: demonstration data is never put beside real "
                "data. Choose another landing zone with --landing."
            )
        if version.name == "v01":
            found[version.parent.name] = document
    return found


def _chain_start(directory: Path, first: str) -> str:
    """The region's first month: that of the deliveries that are there and reach up to ``first``, else ``first``."""
    present = sorted(_deliveries(directory))
    if not present:
        return first
    if first < present[0]:
        raise ConfigurationError(
            f"Region {directory.name} begins with {present[0]} in the landing zone, and an earlier month ({first}) "
            "cannot be put before it: generate into another landing zone."
        )
    gap = [month for month in months.months_between(present[0], months.next_month(first, -1)) if month not in present]
    if gap:
        raise ConfigurationError(
            f"Region {directory.name} has no delivery for {gap[0]} in the landing zone: generate from {gap[0]} on."
        )
    return present[0]


def _exists(directory: Path, generator: dict[str, Any]) -> bool:
    path = directory / MANIFEST
    if not path.exists():
        return False
    made_with = json.loads(path.read_text(encoding="utf-8")).get("generator", {})
    if made_with != generator:
        differing = sorted(name for name in generator if made_with.get(name) != generator[name])
        where = f"{directory.parent.parent.name}/{directory.parent.name}"
        raise ConfigurationError(
            f"{where} was generated with another {', '.join(differing)}: give the same arguments, or choose another "
            "landing zone with --landing."
        )
    return True


def _write_months(
    directory: Path, region: str, missing: list[str], generator: dict[str, Any], say: Callable[[str], None]
) -> None:
    begins, volume, seed = generator["first"], generator["stays_per_month"], generator["seed"]
    known = profile.load(region, seed)
    # One by one: the mode holds for the last directory of a path alone.
    private_directory(directory.parent)
    private_directory(directory)
    connection = connect(Settings.from_environment().threads)
    cohorts: list[Cohort] = []
    # Courses that began earlier reach into the first delivery; later ones hold their corrections, too.
    oldest = max(
        months.next_month(begins, -stays.LONGEST_COURSE_MONTHS),
        months.next_month(missing[0], -stays.LONGEST_COURSE_MONTHS - _CORRECTION_MONTHS),
    )
    for month in months.months_between(oldest, missing[-1]):
        cohorts.append(Cohort(known, seed, month, volume, clock.month_start(begins), clean=generator["clean"]))
        if month in missing:
            say(f"Generating {region}/{month}")
            _write_month(connection, known, directory, month, cohorts, generator)
        window = Window(region, month, is_first=False)
        for cohort in cohorts:
            if month >= begins:
                cohort.forget(window)
        cohorts = [cohort for cohort in cohorts if not cohort.is_done]
    connection.close()


def _write_month(
    connection: duckdb.DuckDBPyConnection,
    known: profile.Profile,
    directory: Path,
    month: str,
    cohorts: list[Cohort],
    generator: dict[str, Any],
) -> None:
    begins, volume, seed = generator["first"], generator["stays_per_month"], generator["seed"]
    is_first = month == begins
    window = Window(known.region, month, is_first=is_first)
    unfinished = directory / f".generating-{month}"
    shutil.rmtree(unfinished, ignore_errors=True)
    writer = Writer(connection, known, unfinished)
    writer.episodes(concat([cohort.episodes(window) for cohort in cohorts]))
    writer.cases(concat([cohort.case_rows(window) for cohort in cohorts]))
    writer.messages(concat([cohort.message_rows(window) for cohort in cohorts]))
    writer.identity_links(concat([cohort.link_rows(window) for cohort in cohorts]))
    writer.invoices(invoices.rows(known, seed, month, volume, is_first=is_first))
    small = {
        "deviations": optional.deviations(known, seed, month, volume, begins),
        "contacts": optional.contacts(known.region, month),
    }
    if is_first or month.endswith("-01"):
        small["population"] = optional.population(known.region, month)
    if stated := optional.statements(known, seed, month):
        small["statements"] = stated
    for feed, rows in small.items():
        writer.small(feed, list(contract.feeds()[feed].columns), rows)
    writer.finish(month, generator)
    private_directory(directory / month)
    unfinished.rename(directory / month / "v01")
