"""The open tables: how cells become rows that a reader gets, and how published rows are read as cells again.

A table has the internal table's name and columns, with ``<figure>_status`` behind each figure: ``shown``,
``suppressed`` or ``missing``. Shares and means are recomputed from what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.releases.dbt_facts import Described
from dagster_project.releases.hashing import parquet
from dagster_project.releases.history import Published

PARQUET = "open/parquet"
MARTS = "open/marts.duckdb"
INTERNAL = "marts/parquet"

STATUS = "_status"


@dataclass(frozen=True)
class OpenTable:
    """How one table is made and read.

    ``keys`` are the leading columns, each with its SQL over a cell's row; the first ``key_length`` of them are the
    primary key. ``rows`` says in SQL which cells are the table's, ``only`` which of its rows there are. ``figures`` are
    the cells' figures, ``derived`` the columns reckoned from them, each with SQL of its value, the figures that it
    gives away, and SQL that is null where it is missing. ``back`` is the SQL that reads a published row as a cell:
    part, the district's two codes, class_key, care_area, sex, age_band; ``month`` that of the cell's month.
    ``has_totals``: the internal table has the open one's total rows.
    """

    name: str
    subject: str
    keys: dict[str, str]
    key_length: int
    rows: str
    figures: tuple[str, ...]
    derived: Mapping[str, tuple[str, tuple[str, ...], str]]
    columns: tuple[str, ...]
    back: str
    only: str = "true"
    month: str = "month"
    has_totals: bool = False


_PLACE = {"region_code": "region_code", "month": "month", "municipality_code": "municipality_code"}
_DISTRICT = {"district_code": "district_code", "current_district_code": "current_district_code"}
_GROUP = {"care_area": "care_area", "sex": "sex", "age_band": "age_band"}
_AGREEMENT = {"payment_class": "payment_class", "agreement_id": "part", "model": "model"}
_TOTALS = {
    "municipality_code": "region_code",
    "district_code": "'all'",
    "current_district_code": "'all'",
    "care_area": "'all'",
    "payment_class": "'all'",
    "sex": "0",
    "age_band": "'all'",
}
_PLACES = (("municipality_code",), ("municipality_code", "current_district_code", "district_code"))
_GROUPS = (("care_area", "payment_class"), ("sex",), ("age_band",))
"""What is told apart in some rows and added up in others: one place beside one group."""

_HEADLINE = "subject = 'readmissions' and age_band = '65+' and payment_class = 'somatic' and part in ('all', 'lus')"


def ratio(numerator: str, denominator: str, decimals: int, digits: int) -> str:
    """Whole numbers divided, halves rounded up, as ``half_up_ratio`` of the warehouse does it."""
    scale = 10**decimals
    return (
        f"(((2 * {scale} * {numerator}::bigint + {denominator}) // (2 * {denominator}))::decimal(18, 0) "
        f"* {1 / scale:.{decimals}f}::decimal({decimals + 1}, {decimals}))::decimal({digits}, {decimals})"
    )


def _wilson(sign: str) -> str:
    """The bounds of a share at 95 per cent, as ``wilson_bound`` of the warehouse reckons them."""
    n, p, zz = "index_discharges::double", "(readmissions::double / index_discharges::double)", "(1.959964 * 1.959964)"
    return (
        f"((({p} + {zz} / (2 * {n})) {sign} 1.959964 * sqrt({p} * (1 - {p}) / {n} + {zz} / (4 * {n} * {n}))) "
        f"/ (1 + {zz} / {n}))::decimal(9, 6)"
    )


_BOTH = ("index_discharges", "readmissions")
_SHARES = {
    "share": (ratio("readmissions", "index_discharges", 6, 9), _BOTH, "true_index_discharges"),
    "share_low": (_wilson("-"), _BOTH, "true_index_discharges"),
    "share_high": (_wilson("+"), _BOTH, "true_index_discharges"),
}
_DISTRICT_BACK = "district_code, current_district_code"
_NO_DISTRICT_BACK = "'all' as district_code, 'all' as current_district_code"

TABLES = (
    OpenTable(
        name="mart_ready_days_monthly",
        subject="ready_days",
        keys={**_PLACE, **_DISTRICT, "payment_class": "payment_class", **_GROUP},
        key_length=9,
        rows="subject = 'ready_days'",
        figures=("ready_days", "ready_days_of_discharged", "intervals_discharged", "open_at_month_end"),
        derived={
            "beds_equivalent": (ratio("ready_days", "day(last_day(month))", 4, 12), ("ready_days",), "true_ready_days")
        },
        columns=(
            "ready_days",
            "ready_days_of_discharged",
            "intervals_discharged",
            "open_at_month_end",
            "beds_equivalent",
        ),
        back=(
            f"'' as part, {_DISTRICT_BACK}, case when care_area = 'all' then payment_class else '' end as class_key, "
            "care_area, sex, age_band"
        ),
    ),
    OpenTable(
        name="mart_payment_responsibility_monthly",
        subject="payment",
        keys={**_PLACE, **_AGREEMENT, "last_free_day": "last_free_day"},
        key_length=5,
        rows="subject = 'payment' and district_code = 'all'",
        figures=("intervals", "sum_days", "liable_days", "liable_days_alternative"),
        derived={
            "mean_days": (
                ratio("sum_days", "nullif(intervals, 0)", 4, 12),
                ("sum_days", "intervals"),
                "case when intervals_is_hidden or sum_days_is_hidden then true_sum_days "
                "else true_sum_days / nullif(true_intervals, 0) end",
            ),
            # Where there is no rate, no days have an amount and some have none: missing would tell which are hidden.
            "amount": ("true_amount", ("liable_days",), "case when liable_days_is_hidden then 0 else true_amount end"),
            "amount_to_invoice": (
                "true_amount_to_invoice",
                ("liable_days",),
                "case when liable_days_is_hidden and invoicing_active then 0 "
                "when not liable_days_is_hidden then true_amount_to_invoice end",
            ),
        },
        columns=(
            "intervals",
            "sum_days",
            "mean_days",
            "liable_days",
            "liable_days_alternative",
            "amount",
            "invoicing_active",
            "amount_to_invoice",
        ),
        back=(
            f"agreement_id as part, {_NO_DISTRICT_BACK}, payment_class as class_key, 'all' as care_area, 0 as sex, "
            "'all' as age_band"
        ),
    ),
    OpenTable(
        name="mart_payment_responsibility_district_monthly",
        subject="payment",
        keys={**_PLACE, **_DISTRICT, **_AGREEMENT},
        key_length=7,
        rows="subject = 'payment' and has_districts and not (figure = 'liable_days' and model = 'mean')",
        figures=("intervals", "sum_days", "liable_days", "liable_days_alternative"),
        derived={},
        columns=("intervals", "sum_days", "liable_days", "liable_days_alternative"),
        back=(
            f"agreement_id as part, {_DISTRICT_BACK}, payment_class as class_key, 'all' as care_area, 0 as sex, "
            "'all' as age_band"
        ),
    ),
    OpenTable(
        name="mart_readmissions_monthly",
        subject="readmissions",
        keys={**_PLACE, **_DISTRICT, **_GROUP, "population": "part"},
        key_length=9,
        rows="subject = 'readmissions' and age_band not in ('65+', '0-64') and part in ('all', 'lus')",
        figures=_BOTH,
        derived={},
        columns=(*_BOTH, "status"),
        back=(
            f"population as part, {_DISTRICT_BACK}, case when care_area = 'all' then 'all' else '' end as class_key, "
            "care_area, sex, age_band"
        ),
    ),
    OpenTable(
        name="mart_readmissions_headline",
        subject="readmissions",
        keys={**_PLACE, "population": "part"},
        key_length=4,
        rows=f"{_HEADLINE} and district_code = 'all'",
        figures=_BOTH,
        derived=_SHARES,
        columns=(*_BOTH, *_SHARES, "status"),
        back=(
            f"population as part, {_NO_DISTRICT_BACK}, 'somatic' as class_key, 'all' as care_area, 0 as sex, "
            "'65+' as age_band"
        ),
    ),
    OpenTable(
        name="mart_readmissions_headline_district",
        subject="readmissions",
        keys={**_PLACE, **_DISTRICT, "population": "part"},
        key_length=6,
        rows=f"{_HEADLINE} and has_districts",
        figures=_BOTH,
        derived=_SHARES,
        columns=(*_BOTH, *_SHARES, "status"),
        back=(
            f"population as part, {_DISTRICT_BACK}, 'somatic' as class_key, 'all' as care_area, 0 as sex, "
            "'65+' as age_band"
        ),
    ),
    OpenTable(
        name="mart_process_indicators_monthly",
        subject="process",
        keys={**_PLACE, **_DISTRICT, **_GROUP, "indicator": "part"},
        key_length=9,
        rows="subject = 'process'",
        figures=("numerator", "denominator"),
        derived={
            "share": (
                ratio("numerator", "nullif(denominator, 0)", 6, 9),
                ("numerator", "denominator"),
                "true_denominator",
            )
        },
        columns=("numerator", "denominator", "share"),
        back=(
            f"indicator as part, {_DISTRICT_BACK}, case when care_area = 'all' then 'all' else '' end as class_key, "
            "care_area, sex, age_band"
        ),
        only="true_denominator > 0 or denominator_is_hidden",
    ),
    OpenTable(
        name="mart_deviations_annual",
        subject="deviations",
        keys={
            "region_code": "region_code",
            "year": "year(month)::integer",
            "municipality_code": "municipality_code",
            "category": "part",
            "severity": "'all'",
            "reporting_party": "'all'",
        },
        key_length=6,
        rows="subject = 'deviations'",
        figures=("deviations", "closed", "escalated_to_steering_group", "escalated_to_vis"),
        derived={
            "median_days_to_close": (
                "true_median",
                ("closed", "median"),
                "case when closed_is_hidden or median_is_hidden then true_closed else true_median end",
            )
        },
        columns=(
            "deviations",
            "closed",
            "median_days_to_close",
            "escalated_to_steering_group",
            "escalated_to_vis",
        ),
        back=(
            f"category as part, {_NO_DISTRICT_BACK}, 'all' as class_key, 'all' as care_area, 0 as sex, "
            "'all' as age_band"
        ),
        # A year's deviations are cells of its last month.
        month="make_date(year, 12, 1)",
        has_totals=True,
    ),
)

ANNUAL = "mart_annual_follow_up"
"""The open table that is not made of cells, but of what the others show (see ``annual.py``)."""

ANNUAL_FIGURES = ("numerator", "denominator", "value", "value_previous_year", "change", "meets_target")

KEYS = {
    **{table.name: list(table.keys)[: table.key_length] for table in TABLES},
    ANNUAL: ["region_code", "year", "municipality_code", "district_code", "indicator_id", "sex"],
}
"""The primary key of every open table, by name."""

_OPEN = (
    "Open table: what could tell of single persons is hidden. Rows of totals have the county code as municipality, "
    "district, care area, payment class and age band `all`, and sex 0; one of these groups is told apart at a time."
)
_OF_YEARS = {
    ANNUAL: "A figure of a year is shown where the open figures of all its months are; there are no districts.",
    "mart_deviations_annual": (
        "Years that are over: the county by category, a municipality in all. Severity and reporting party are `all`."
    ),
}
_STATUSES = "shown; suppressed, hidden to protect persons; or missing, not known or not applicable."

NO_FIGURES = ("status", "invoicing_active")


def has_cells(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the warehouse of the connection has what open tables are made of."""
    tables = connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
    return ("rules.int_disclosure__cells",) in tables


def lay_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make each open table in the connection, out of ``cell`` and ``hidden_cell`` (the numbers of those hidden).

    A county's amount is the sum of its payers', and missing where one of theirs is; no days cost nothing.
    """
    connection.execute("""
        create table open_cell as
        with amounts as (
            select month, municipality_code, payment_class, agreement_id, amount, invoicing_active
            from warehouse.main.mart_payment_responsibility_monthly
            union all
            select
                month, region_code, payment_class, agreement_id,
                case when count(*) = count(amount) then sum(amount)::decimal(14, 2) end, bool_or(invoicing_active)
            from warehouse.main.mart_payment_responsibility_monthly
            group by all
        ),
        county as (
            select month, payment_class, agreement_id, bool_or(invoicing_active) as invoicing_active
            from amounts
            group by all
        ),
        medians as (
            select
                year, coalesce(municipality_code, any_value(region_code)) as municipality_code,
                coalesce(category, 'all') as category, count(days_to_close) as closed_on_a_date,
                median(days_to_close)::decimal(12, 4) as median_days_to_close
            from warehouse.rules.int_annual__deviations
            cross join warehouse.bronze.candidate
            group by year, grouping sets ((), (municipality_code), (category))
        )
        select
            cell.*,
            candidate.region_code,
            municipalities.has_districts,
            agreements.model,
            agreements.last_free_day,
            case when cell.is_gone then 0 else amounts.amount end::decimal(14, 2) as true_amount,
            case
                when cell.is_gone and county.invoicing_active then 0 when amounts.invoicing_active then amounts.amount
            end::decimal(14, 2) as true_amount_to_invoice,
            coalesce(amounts.invoicing_active, county.invoicing_active) as invoicing_active,
            medians.median_days_to_close as true_median,
            coalesce(medians.closed_on_a_date between 1 and rules.threshold - 1, false) as median_is_hidden,
            case when cell.month = candidate.month then 'preliminary' else 'final' end as status,
            hidden_cell.cell is not null as is_hidden
        from cell
        cross join warehouse.bronze.candidate as candidate
        left join hidden_cell on cell.cell = hidden_cell.cell
        left join warehouse.main.dim_municipality as municipalities
            on cell.municipality_code = municipalities.municipality_code
        left join warehouse.main.dim_agreement as agreements on cell.part = agreements.agreement_id
        left join amounts
            on
                cell.subject = 'payment'
                and cell.month = amounts.month
                and cell.municipality_code = amounts.municipality_code
                and cell.payment_class = amounts.payment_class
                and cell.part = amounts.agreement_id
        left join county
            on
                cell.subject = 'payment'
                and cell.month = county.month
                and cell.payment_class = county.payment_class
                and cell.part = county.agreement_id
        left join medians
            on
                cell.subject = 'deviations'
                and year(cell.month) = medians.year
                and cell.municipality_code = medians.municipality_code
                and cell.part = medians.category
        left join warehouse.reference.ref_disclosure_rules as rules
            on rules.rule_id = 'fewest_persons' and cell.month >= rules.valid_from
            and cell.month <= coalesce(rules.valid_to, date '9999-12-31')
        where cell.is_published and cell.is_kept
    """)
    for table in TABLES:
        connection.execute(f"create table {table.name} as {_select(table)}")


def _select(table: OpenTable) -> str:
    """One row per group: the figures pivoted, then those that are shown, then what follows from them."""
    keys = ", ".join(f"{sql} as {name}" for name, sql in table.keys.items())
    values = ", ".join(f"max(value) filter (where figure = '{name}')::integer as true_{name}" for name in table.figures)
    hidden = ", ".join(
        f"coalesce(bool_or(is_hidden) filter (where figure = '{name}'), false) as {name}_is_hidden"
        for name in table.figures
    )
    shown = ", ".join(f"case when not {name}_is_hidden then true_{name} end as {name}" for name in table.figures)
    columns = ", ".join(_column(table, name) for name in table.columns)
    return (
        f"with figures as (select {keys}, true_amount, true_amount_to_invoice, invoicing_active, true_median, "
        f"median_is_hidden, status, {values}, {hidden} from open_cell where {table.rows} group by all), "
        f"shown as (select *, {shown} from figures where {table.only}) "
        f"select {', '.join(table.keys)}, {columns} from shown"
    )


def _column(table: OpenTable, name: str) -> str:
    if name in NO_FIGURES:
        return name
    value, needed, true = table.derived.get(name, (name, (name,), f"true_{name}"))
    is_hidden = " or ".join(f"{figure}_is_hidden" for figure in needed)
    return (
        f"case when not ({is_hidden}) then {value} end as {name}, "
        f"case when {true} is null then 'missing' when {is_hidden} then 'suppressed' else 'shown' end as {name}{STATUS}"
    )


def described(internal: Mapping[str, Described]) -> dict[str, Described]:
    """The texts of the open tables by name, from those of the internal ones."""
    figures = {table.name: [name for name in table.columns if name not in NO_FIGURES] for table in TABLES}
    found = {}
    for table, names in (figures | {ANNUAL: list(ANNUAL_FIGURES)}).items():
        of = internal.get(table, Described())
        columns = dict(of.columns)
        for name in names:
            term = columns.get(name, name).partition(":")[0]
            columns[f"{name}{STATUS}"] = f"status för {term}: {_STATUSES}"
        found[table] = Described(
            KEYS[table], of.term_sv, f"{of.text} {_OPEN} {_OF_YEARS.get(table, '')}".strip(), columns
        )
    return found


def files_of(release: Published) -> dict[str, Path]:
    """A release's open Parquet files of cells by table name, each checked against its manifest."""
    found = {table.name: release.file(f"{PARQUET}/{table.name}.parquet") for table in TABLES}
    return {name: path for name, path in found.items() if path}


def truth_of(release: Published) -> dict[str, str]:
    """A release's open cells and what they hide, by table, as ``with_truth`` gives them; its files are checked."""
    internal = {table.name: release.file(f"{INTERNAL}/{table.name}.parquet") for table in TABLES}
    return {name: with_truth(name, path, internal[name]) for name, path in files_of(release).items()}


def with_truth(name: str, told: Path, internal: Path | None) -> str:
    """An open table's rows, with each figure's value, hidden or not, as ``<figure>_true``: SQL to stand after ``from``.

    ``told`` is the open table's file, ``internal`` that of the table of the same name and release, whose rows are added
    up to totals here, unless it has them. What it has no row for is zero.
    """
    assert internal, f"{name} is open and not among the marts"
    [table] = [table for table in TABLES if table.name == name]
    key = KEYS[name]
    groups = [[name for name in group if name in key] for group in _GROUPS if group[0] in key]
    places = [[name for name in place if name in key] for place in _PLACES if place[-1] in key]
    if table.has_totals:
        places = []
    grouped = {name for names in (*groups, *places) for name in names}
    sets = [name for name in key if name not in grouped]
    sets += [
        f"grouping sets ((), {', '.join('(' + ', '.join(names) + ')' for names in apart)})"
        for apart in (places, groups)
        if apart
    ]
    keys = ", ".join(f"coalesce({name}, {_TOTALS[name]}) as {name}" if name in grouped else name for name in key)
    sums = ", ".join(f"sum({name})::bigint as {name}_sum" for name in table.figures)
    true = ", ".join(f"coalesce({name}_sum, 0) as {name}_true" for name in table.figures)
    return (
        f"(select told.*, {true} from {parquet(told)} as told left join (select {keys}, {sums} from "
        f"{parquet(internal)} group by {', '.join(sets)}) as added using ({', '.join(key)}))"
    )


def lay_earlier_cells(connection: duckdb.DuckDBPyConnection, releases: list[dict[str, str]]) -> None:
    """Table ``earlier_cell``: every published figure of the releases' open tables, given by table name, as a cell.

    The tables are SQL as ``with_truth`` gives it. ``number`` is the release's place in the list (from 0), ``value`` the
    true one where ``is_hidden``, too. What was missing is no cell.
    """
    connection.execute(
        "create table earlier_cell (number integer, month date, subject varchar, municipality_code varchar, "
        "part varchar, district_code varchar, current_district_code varchar, class_key varchar, care_area varchar, "
        "sex integer, age_band varchar, figure varchar, is_hidden boolean, value bigint)"
    )
    for number, told in enumerate(releases):
        for table in TABLES:
            if table.name not in told:
                continue
            cells = " union all ".join(
                f"select {number}, {table.month}, '{table.subject}', municipality_code, {table.back}, '{figure}', "
                f"{figure}{STATUS} = 'suppressed', coalesce({figure}, {figure}_true) "
                f"from told where {figure}{STATUS} <> 'missing'"
                for figure in table.figures
            )
            connection.execute(f"insert into earlier_cell with told as materialized (from {told[table.name]}) {cells}")
    connection.execute("create or replace table earlier_cell as select distinct * from earlier_cell")
