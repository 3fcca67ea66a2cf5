"""Warehouses that hold what the open tables are made of, from persons and what each stands for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.disclosure import tables, write
from dagster_project.disclosure.attack import Found, attack
from dagster_project.releases.hashing import parquet
from tests.disclosure.open_files import (
    COUNTY,
    DEVIATIONS,
    HEADLINE,
    HEADLINE_DISTRICT,
    MONTH,
    PAYMENT,
    PROCESS,
    READMISSIONS,
    READY_DAYS,
)

CITY = "0180"
YEAR_END = date(MONTH.year - 1, 12, 1)
FEWEST, LARGEST = 5, 0.75


@dataclass(frozen=True)
class Stay:
    """One person's discharge of a spell with a readiness interval of so many days (none where null).

    ``goes_on``: to another unit. Where ``needs_plan`` is null, the process indicators do not tell of the spell.
    """

    person: int
    municipality: str
    district: str
    care_area: str
    sex: int
    age_band: str
    days: int | None
    is_readmitted: bool
    needs_plan: bool | None = None
    goes_on: bool = False

    @property
    def payment_class(self) -> str:
        return "somatic" if self.care_area in ("somatic", "geriatric") else "psychiatric"


@dataclass(frozen=True)
class Payment:
    """What a municipality has to pay under the mean model, few persons' where ``is_few``."""

    municipality: str
    intervals: int
    sum_days: int
    liable_days: int
    amount: int | None = None
    is_few: bool = False

    @property
    def figures(self) -> dict[str, int]:
        return {"intervals": self.intervals, "sum_days": self.sum_days, "liable_days": self.liable_days}


@dataclass(frozen=True)
class Deviation:
    """A deviation of the year before ``MONTH``; ``step`` is the table's figure that it counts in, empty where none."""

    number: int
    municipality: str
    category: str
    is_closed: bool
    step: str
    days: int | None = None


Key = tuple[str, str, str, str, str, int, str, str, str]


def release(
    directory: Path,
    stays: Iterable[Stay],
    earlier: list[dict[str, Path]],
    deviations: Sequence[Deviation] = (),
    month: date = MONTH,
    payments: Sequence[Payment] = (),
) -> dict[str, Path]:
    """The open tables of one month of these stays and payments and one year of these deviations, after ``earlier``.

    What the internal tables hold of them lies beside, in ``internal/``.
    """
    directory.mkdir()
    stays = list(stays)
    warehouse = directory / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"""
            create schema rules;
            create schema reference;
            create table reference.ref_care_areas as
                select unnest(['somatic', 'geriatric', 'psychiatric']) as care_area,
                    unnest(['somatic', 'somatic', 'psychiatric']) as payment_class;
            create table reference.ref_disclosure_rules as
                select 'fewest_persons' as rule_id, date '1900-01-01' as valid_from, null::date as valid_to,
                    {FEWEST} as threshold;
            create schema bronze;
            create table bronze.candidate as select '{COUNTY}' as region_code, date '{month}' as month,
                date '{YEAR_END}' as first_month;
            create table dim_municipality as
                select unnest(['{CITY}', '0184', '0188', '9999']) as municipality_code,
                    unnest([true, false, false, false]) as has_districts;
            create table dim_agreement as select 'mean' as agreement_id, 'mean' as model, 2 as last_free_day,
                null::integer as individual_above_days;
            create table mart_payment_responsibility_monthly (region_code varchar, month date,
                municipality_code varchar, payment_class varchar, agreement_id varchar, amount decimal(14, 2),
                invoicing_active boolean, amount_to_invoice decimal(14, 2));
            create table rules.int_annual__months as select {MONTH.year} as year, false as is_previous,
                date '{MONTH}' as month, 1 as months_included, 31 as days_included, 'preliminary' as status;
            create table rules.int_annual__deviations (year integer, municipality_code varchar, category varchar,
                days_to_close integer);
            create table dim_indicator as select unnest(['ready_days', 'beds_equivalent', 'readmission_7_days']) as
                indicator_id, unnest(['days', 'beds', 'share']) as unit, 'lower' as direction;
            create table dim_follow_up_plan as select 'SE' as region_code, {MONTH.year} as year,
                'readmission_7_days' as indicator_id, 'lower' as direction, 0.5::decimal(14, 4) as target;
            create table rules.int_disclosure__cells (subject varchar, municipality_code varchar, district_code varchar,
                payment_class varchar, care_area varchar, sex integer, age_band varchar, part varchar, figure varchar,
                value bigint, persons bigint, is_published boolean, is_sensitive boolean, month date,
                current_district_code varchar);
        """)
        rows = [
            (*key, sum(parts.values()), sum(map(bool, parts.values())), _is_published(key), _is_sensitive(key, parts))
            for key, parts in _cells(stays).items()
        ]
        rows += _payment_cells(payments, stays)
        for one in payments:
            connection.execute(
                f"insert into {PAYMENT} values ('{COUNTY}', $1, $2, 'somatic', 'mean', $3, true, $3)",
                [month, one.municipality, one.amount],
            )
        if rows:
            connection.execute(
                f"insert into rules.int_disclosure__cells select *, date '{month}', col2 "
                f"from (values {', '.join(map(str, rows))})"
            )
        if deviations:
            _lay_deviations(connection, deviations)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        write.lay(connection, [with_truth(files) for files in earlier], threads=1)
        files = {name: directory / f"{name}.parquet" for name in tables.KEYS}
        for name, path in files.items():
            connection.execute(f"copy (from {name} order by all) to '{path}' (format parquet)")
        _write_internal(connection, directory / "internal", stays, month, payments, deviations)
    return files


def with_truth(files: Mapping[str, Path]) -> dict[str, str]:
    """A release's open tables and what they hide, by name."""
    cells = {table.name: files[table.name] for table in tables.TABLES}
    return {name: tables.with_truth(name, path, path.parent / "internal" / path.name) for name, path in cells.items()}


def leaks(releases: Iterable[Mapping[str, Path]], month: date = MONTH) -> list[Found]:
    """What a reader whose beliefs are right finds in releases, the last of which is of this month."""
    files = list(releases)
    told = [{name: parquet(path) for name, path in of_release.items()} for of_release in files]
    return attack(told, {month: FEWEST, YEAR_END: FEWEST}, [with_truth(of_release) for of_release in files])


def _write_internal(
    connection: duckdb.DuckDBPyConnection,
    directory: Path,
    stays: Iterable[Stay],
    month: date,
    payments: Sequence[Payment],
    deviations: Iterable[Deviation],
) -> None:
    """A row per stay, where the internal tables have one per group: the sums are the same."""
    directory.mkdir()
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for stay in stays:
        place = {"municipality_code": stay.municipality, "district_code": stay.district}
        group = {"care_area": stay.care_area, "sex": stay.sex, "age_band": stay.age_band}
        key = {"region_code": COUNTY, "month": month, "current_district_code": stay.district, **place}
        figures: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for subject, part, figure, value in _figures(stay):
            figures[subject, part][figure] = value
        for (subject, part), values in figures.items():
            if subject == "ready_days":
                rows[READY_DAYS].append({**key, **group, "payment_class": stay.payment_class, **values})
            elif subject == "process":
                rows[PROCESS].append({**key, **group, "indicator": part, **values})
            elif part != "other":
                rows[READMISSIONS].append({**key, **group, "population": part, **values})
                if stay.payment_class == "somatic" and stay.age_band in ("65-79", "80+"):
                    for table in (HEADLINE, HEADLINE_DISTRICT):
                        rows[table].append({**key, "population": part, **values})
    for one in payments:
        key = {"region_code": COUNTY, "month": month, "municipality_code": one.municipality, "model": "mean"}
        rows[PAYMENT].append({**key, "payment_class": "somatic", "agreement_id": "mean", **one.figures})
    counted: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for (place, part, figure), value in _deviation_cells(deviations).items():
        counted[place, part][figure] = value
    for (place, part), figures_of in counted.items():
        year = {"region_code": COUNTY, "year": YEAR_END.year, "municipality_code": place, "category": part}
        rows[DEVIATIONS].append({**year, "severity": "all", "reporting_party": "all", **figures_of})
    for table in tables.TABLES:
        connection.execute(f"create or replace table internal as from {table.name} where false")
        if rows[table.name]:
            columns = {name for (name, *_) in connection.execute("describe internal").fetchall()}
            given = [{name: value for name, value in row.items() if name in columns} for row in rows[table.name]]
            connection.execute("insert into internal by name select unnest($rows, max_depth := 2)", {"rows": given})
        connection.execute(f"copy internal to '{directory}/{table.name}.parquet' (format parquet)")


def _payment_cells(payments: Sequence[Payment], stays: Iterable[Stay]) -> list[tuple[Any, ...]]:
    """Those of each payer and of the county, whose persons are as many as the figure says, or few.

    Beside them stand the stays with readiness that the mean is not of.
    """
    sums = (sum(one.figures[name] for one in payments) for name in ("intervals", "sum_days", "liable_days"))
    group = ("all", "somatic", "all", 0, "all", "mean")
    others: dict[tuple[str, str, str], int] = defaultdict(int)
    for stay in stays:
        if payments and stay.days is not None:
            for _, place in _places(stay):
                others[*place, "other_intervals_of_all"] += 1
                if place[1] == "all" and stay.payment_class == "somatic":
                    others[*place, "other_intervals"] += 1
    found = []
    for one in (*payments, Payment(COUNTY, *sums)) if payments else ():
        for name, value in one.figures.items():
            found.append(("payment", one.municipality, *group, name, value, value, True, one.is_few and value > 0))
        others[one.municipality, "all", "other_intervals_of_all"] -= one.intervals
        others[one.municipality, "all", "other_intervals"] -= one.intervals
    for (municipality, district, name), value in others.items():
        place = ("payment", municipality, district, *group[1:])
        found.append((*place, name, value, value, False, 0 < value < FEWEST))
    return found


def _lay_deviations(connection: duckdb.DuckDBPyConnection, deviations: Iterable[Deviation]) -> None:
    reported = [
        f"({YEAR_END.year}, '{one.municipality}', '{one.category}', {one.days or 'null'})" for one in deviations
    ]
    connection.execute(f"insert into rules.int_annual__deviations values {', '.join(reported)}")
    cells = [
        f"('deviations', '{place}', 'all', 'all', 'all', 0, 'all', '{part}', '{figure}', {value}, {value}, "
        f"{not figure.startswith('not_')}, {0 < value < FEWEST}, date '{YEAR_END}', 'all')"
        for (place, part, figure), value in _deviation_cells(deviations).items()
    ]
    connection.execute(f"insert into rules.int_disclosure__cells values {', '.join(cells)}")


def _deviation_cells(deviations: Iterable[Deviation]) -> dict[tuple[str, str, str], int]:
    """Value by place, kind and figure."""
    cells: dict[tuple[str, str, str], int] = defaultdict(int)
    for one in deviations:
        figures = {
            "deviations": 1,
            "closed": int(one.is_closed),
            "not_closed": int(not one.is_closed),
            **{step: int(one.step == step) for step in ("escalated_to_steering_group", "escalated_to_vis")},
            "not_escalated": int(not one.step),
        }
        for place, part in ((COUNTY, "all"), (one.municipality, "all"), (COUNTY, one.category)):
            for figure, value in figures.items():
                cells[place, part, figure] += value
    return cells


def _cells(stays: Iterable[Stay]) -> dict[Key, dict[int, int]]:
    """What each person adds to each cell."""
    cells: dict[Key, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for stay in stays:
        for subject, part, figure, value in _figures(stay):
            for level, place in _places(stay):
                # Below the county, day zero's discharges are those with readiness but for who goes on.
                if part == "day_zero" and level != "county":
                    continue
                for group in _groups(stay, subject, part, level):
                    cells[subject, *place, *group, part, figure][stay.person] += value
    return cells


def _figures(stay: Stay) -> Iterator[tuple[str, str, str, int]]:
    is_ready = stay.days is not None
    if is_ready:
        yield "ready_days", "", "ready_days", stay.days or 0
        yield "ready_days", "", "intervals_discharged", 1
    if stay.needs_plan is not None:
        is_lus = is_ready and not stay.goes_on
        for part, is_counted, others in (
            ("admission_notice_24h", True, {"beside_lus": not is_lus}),
            ("sip_called_in_time", stay.needs_plan, {"other_spells": not stay.needs_plan}),
            ("day_zero", is_ready, {"other_spells": not is_ready, "beside_lus": is_ready and stay.goes_on}),
        ):
            for figure, is_one in {"denominator": is_counted, "complement": is_counted, "numerator": False}.items():
                yield "process", part, figure, int(is_one)
            for figure, is_one in others.items():
                yield "process", part, figure, int(is_one)
    if stay.goes_on:
        return
    for part in ("all", "other" if stay.days is None else "lus"):
        yield "readmissions", part, "index_discharges", 1
        yield "readmissions", part, "readmissions", int(stay.is_readmitted)
        yield "readmissions", part, "not_readmitted", int(not stay.is_readmitted)


def _places(stay: Stay) -> Iterator[tuple[str, tuple[str, str]]]:
    yield "county", (COUNTY, "all")
    yield "municipality", (stay.municipality, "all")
    if stay.municipality == CITY:
        yield "district", (stay.municipality, stay.district)


def _groups(stay: Stay, subject: str, part: str, level: str) -> Iterator[tuple[str, str, int, str]]:
    yield "all", "all", 0, "all"
    if subject == "readmissions":
        yield stay.payment_class, "all", 0, "65+" if stay.age_band in ("65-79", "80+") else "0-64"
    if level == "county" or (level == "municipality" and (subject == "ready_days" or part == "all")):
        yield "all", "all", stay.sex, "all"
        yield "all", "all", 0, stay.age_band
        if level == "county" or subject == "ready_days":
            yield stay.payment_class, stay.care_area, 0, "all"


def _is_published(key: Key) -> bool:
    *_, payment_class, _, _, age_band, part, figure = key
    is_beside = age_band == "0-64" or (age_band == "65+" and payment_class != "somatic")
    beside = ("not_readmitted", "complement", "other_spells", "beside_lus")
    return figure not in beside and part != "other" and not is_beside


def _is_sensitive(key: Key, parts: dict[int, int]) -> bool:
    persons = sum(map(bool, parts.values()))
    dominated = key[-1] == "ready_days" and max(parts.values()) > LARGEST * sum(parts.values())
    return persons > 0 and (persons < FEWEST or dominated)
