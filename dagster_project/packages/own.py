"""The rows that each payer may see, as temporary tables ``own_<table>`` with a column ``payer`` in front.

They are made of what the candidate publishes (``marts/parquet/``) and, for who has a protected identity, of its
warehouse: for all payers at once, so that a package is no more than a payer's rows of each. What of a case is shown,
of which months, and why, is in docs/decisions/packages.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project import months
from dagster_project.releases.hashing import literal, parquet
from dagster_project.settings import TIME_ZONE

MONTHS_SHOWN = 13
"""Of the tables by sex and age band: the month and the twelve before it, so that a year ago stands beside."""

INTERVALS = "marts/parquet/fct_readiness_intervals.parquet"

_PAYERS = """
create temp table payers as
select municipality_code as payer, name, has_districts from {dim_municipality} where region_code = {region}
"""

_SHOWN = """
create temp table shown as
with
intervals as (select * from {fct_readiness_intervals}),
before as ({before}),
compared as (
    select
        intervals.payer_municipality_code as payer,
        intervals.interval_id,
        intervals.case_id,
        intervals.spell_id,
        days.is_protected,
        intervals.ended_at,
        case
            when not {has_before} then null
            when before.interval_id is null then 'new'
            when {is_changed} then 'changed'
        end as changed
    from intervals
    inner join payers on intervals.payer_municipality_code = payers.payer
    inner join rules.int_readiness__days as days on intervals.interval_id = days.interval_id
    left join before on intervals.interval_id = before.interval_id
),
cases as (
    select distinct payer, case_id from compared
    where ended_at is null or ended_at >= timezone({time_zone}, {first}::timestamp) or changed is not null
)
select compared.* exclude (ended_at) from compared inner join cases using (payer, case_id)
"""

_COMPARED = [
    "payer_municipality_code",
    "ready_at",
    "ended_at",
    "end_reason",
    "day_zero",
    "first_liable_date",
    "days_after_day_zero",
    "reason_codes",
]
"""What a payment rests on. A day that an open interval is older by, or a district's new name, is no change."""

_PROTECTED_UNITS = """
create temp table protected_units as
select distinct days.payer_municipality_code as payer, days.delivered_district_code as district_code, days.care_area,
    interval_months.month
from rules.int_readiness__days as days
inner join rules.int_readiness__months as interval_months on days.interval_id = interval_months.interval_id
where days.is_protected
union
select shown_municipality_code, delivered_district_code, care_area, date_trunc('month', discharged_on)::date
from rules.int_spells
where is_protected and discharged_on is not null
"""

_BY_SEX_AND_AGE = """
with own as (
    select figures.*, units.payer is not null as is_protected
    from {table} as figures
    inner join payers on figures.municipality_code = payers.payer
    left join protected_units as units
        on figures.municipality_code = units.payer and figures.district_code = units.district_code
        and figures.care_area = units.care_area and figures.month = units.month
    where figures.month > {first}::date - interval {months_shown} month
)
(select '' as payer, * from {table} limit 0)
union all by name
select municipality_code as payer, * exclude (is_protected, sex, age_band, <figures>),
    case when is_protected then 0 else sex end as sex, <age_band> as age_band, <sums>
from own
group by all
"""

_BY_YEAR = """
with protected_years as (select distinct payer, year(month) as year from protected_units)
select payers.payer, figures.*
from {table} as figures
inner join payers on figures.municipality_code = payers.payer
where <is_whole> or (<is_by_sex> and not exists (
    select 1 from protected_years
    where protected_years.payer = payers.payer and protected_years.year in (figures.year, figures.year - 1)
))
"""

_OWN_MUNICIPALITY = """
select payers.payer, figures.*
from {table} as figures inner join payers on figures.municipality_code = payers.payer
"""


@dataclass(frozen=True)
class Own:
    """A table of a package: its sheet in the workbook, and the query that gives every payer's rows of it.

    ``{table}`` is the published table; any other published one stands in braces by its name. Tables ``of_districts``
    are for municipalities that have some. ``of_all`` have rows of every municipality, one without any figure too.
    """

    name: str
    sheet: str
    query: str = _OWN_MUNICIPALITY
    of_districts: bool = False
    of_all: bool = False


@dataclass(frozen=True)
class Payer:
    code: str
    name: str
    has_districts: bool

    @property
    def tables(self) -> list[Own]:
        """The tables of its package, in order."""
        return [table for table in TABLES if self.has_districts or not table.of_districts]


def _by_sex_and_age(age_band: str, **sums: str) -> str:
    """Where a person with protected identity is in a unit (month, district, care area), it has one row, both sexes."""
    listed = ", ".join(f"{sql} as {name}" for name, sql in sums.items())
    query = _BY_SEX_AND_AGE.replace("<age_band>", age_band).replace("<sums>", listed)
    return query.replace("<figures>", ", ".join(sums))


_AGE_BANDS = "case when is_protected then 'all' else age_band end"
_ALL_AGES = "'all'"


def _by_year(is_whole: str, is_by_sex: str) -> str:
    """Rows that tell women from men are left out where a person with protected identity is in the year or the one that
    it is compared with: the months beside them would tell that person's sex.
    """
    return _BY_YEAR.replace("<is_whole>", is_whole).replace("<is_by_sex>", is_by_sex)


def _sum(name: str) -> str:
    return f"sum({name})::integer"


def _ratio(numerator: str, denominator: str, places: int, digits: int) -> str:
    """A ratio of integers as decimal(digits, places), halves rounded up, as the models reckon it."""
    return (
        f"(((2 * {10**places} * sum({numerator})::bigint + {denominator}) // (2 * {denominator}))::decimal(18, 0) "
        f"* {1 / 10**places:.{places}f}::decimal({places + 1}, {places}))::decimal({digits}, {places})"
    )


TABLES = [
    Own(
        "fct_readiness_intervals",
        "Ärenden",
        """
        with reasons as (
            select given.reason_codes, string_agg(
                conditions.term_sv || ' (' || conditions.paragraph || ')', '; ' order by conditions.position
            ) as reasons_sv
            from (
                select distinct reason_codes, unnest(string_split(reason_codes, '|')) as reason_code from {table}
            ) as given
            inner join {dim_condition} as conditions on given.reason_code = conditions.reason_code
            group by given.reason_codes
        )
        select
            shown.payer,
            intervals.* replace (
                case when not shown.is_protected then intervals.district_code end as district_code,
                case when not shown.is_protected then intervals.current_district_code end as current_district_code,
                case when not shown.is_protected then intervals.sex end as sex,
                case when not shown.is_protected then intervals.age_band end as age_band
            ),
            reasons.reasons_sv,
            shown.changed,
            null::varchar as bestridande
        from {table} as intervals
        inner join shown on intervals.interval_id = shown.interval_id
        left join reasons on intervals.reason_codes = reasons.reason_codes
        """,
    ),
    Own(
        "fct_liable_days",
        "Dagar med betalningsansvar",
        """
        select shown.payer, days.*
        from {table} as days
        inner join shown on days.interval_id = shown.interval_id
        """,
    ),
    Own(
        "fct_case_events",
        "Händelser",
        """
        select own_cases.payer, events.*
        from {table} as events
        inner join (select distinct payer, case_id, spell_id from shown) as own_cases using (case_id, spell_id)
        where events.interval_id is null or events.interval_id in (select interval_id from shown)
        """,
    ),
    Own(
        "fct_spells",
        "Vårdepisoder",
        """
        select
            own_spells.payer,
            spells.* exclude (person_key, municipality_code, district_code, current_district_code) replace (
                case when not own_spells.is_protected then spells.hospital_id end as hospital_id,
                case when not own_spells.is_protected then spells.sex end as sex,
                case when not own_spells.is_protected then spells.age end as age,
                case when not own_spells.is_protected then spells.age_band end as age_band
            )
        from {table} as spells
        inner join (select distinct payer, spell_id, is_protected from shown) as own_spells using (spell_id)
        """,
    ),
    Own("mart_payment_responsibility_monthly", "Betalningsansvar"),
    Own("mart_payment_responsibility_district_monthly", "Betalningsansvar stadsdel", of_districts=True),
    Own("mart_invoice_basis", "Fakturaunderlag"),
    Own("mart_invoice_reconciliation", "Avstämning"),
    Own("mart_invoice_disputes_monthly", "Tvister"),
    Own(
        "mart_ready_days_monthly",
        "Utskrivningsklara dagar",
        _by_sex_and_age(
            _AGE_BANDS,
            ready_days=_sum("ready_days"),
            ready_days_of_discharged=_sum("ready_days_of_discharged"),
            intervals_discharged=_sum("intervals_discharged"),
            open_at_month_end=_sum("open_at_month_end"),
            beds_equivalent=_ratio("ready_days", "max(day(last_day(month)))", 4, 12),
        ),
    ),
    Own("mart_ready_days_per_1000_monthly", "Dagar per 1000 invånare"),
    Own("mart_ready_day_bands_monthly", "Dagar i grupper"),
    Own("mart_definition_bridge_monthly", "Bryggan mellan definitionerna"),
    Own("mart_readmissions_headline", "Återinskrivningar 65+"),
    Own("mart_readmissions_headline_district", "Återinskrivningar 65+ stadsdel", of_districts=True),
    Own(
        "mart_readmissions_monthly",
        "Återinskrivningar alla åldrar",
        _by_sex_and_age(_AGE_BANDS, index_discharges=_sum("index_discharges"), readmissions=_sum("readmissions")),
    ),
    Own(
        "mart_process_indicators_monthly",
        "Processindikatorer",
        _by_sex_and_age(
            _ALL_AGES,
            numerator=_sum("numerator"),
            denominator=_sum("denominator"),
            share=_ratio("numerator", "sum(denominator)::bigint", 6, 9),
        ),
    ),
    Own("mart_annual_follow_up", "Årlig uppföljning", _by_year("sex = 0", "sex <> 0")),
    # The rest of the county is the other municipalities: their figures, in a small county one's.
    Own(
        "mart_annual_differences",
        "Årlig uppföljning skillnader",
        _by_year("comparison = 'previous_year'", "comparison = 'women_men'"),
    ),
    Own("mart_deviations_annual", "Avvikelser"),
    Own("mart_local_cooperation_annual", "Lokal samverkan", of_all=True),
    Own(
        "mart_billing_readiness_monthly",
        "Tillförlitlighet",
        """
        select payers.payer, figures.*
        from {table} as figures inner join payers on figures.unit_id = payers.payer
        where unit_type = 'municipality'
        """,
    ),
    Own(
        "mart_revisions",
        "Revideringar",
        # Tables by sex are left out: their rows would tell what the merged ones hide. The bridge has the same days.
        # So are differences, which are of women and men or of the other municipalities.
        """
        select payers.payer, figures.*
        from {table} as figures
        inner join payers on payers.payer = case
            when json_extract_string(figures.key, '$.unit_type') = 'municipality'
                then json_extract_string(figures.key, '$.unit_id')
            else json_extract_string(figures.key, '$.municipality_code')
        end
        where json_extract_string(figures.key, '$.sex') is null
            and json_extract_string(figures.key, '$.comparison') is null
        """,
    ),
    Own("dim_district", "Stadsdelsområden", of_districts=True, of_all=True),
    Own(
        "dim_indicator", "Indikatorer", "select payer, figures.* from {table} as figures cross join payers", of_all=True
    ),
]


def make(
    connection: duckdb.DuckDBPyConnection, candidate: Path, region: str, month: str, before: Path | None
) -> list[Payer]:
    """Make ``own_<table>`` for every one of ``TABLES``; returns the payers with any figure, in order of their codes.

    There is none where the reference tables hold no municipality of the region. ``connection`` is to the candidate's
    warehouse. ``before`` is the file of readiness intervals of the release before, None where there is none.
    """
    sources = {path.stem: parquet(path) for path in (candidate / "marts" / "parquet").glob("*.parquet")}
    values = {
        **sources,
        "region": literal(region),
        "first": literal(months.first_day(month).isoformat()),
        "months_shown": str(MONTHS_SHOWN),
        "time_zone": literal(TIME_ZONE),
        "before": f"select * from {parquet(before)}" if before else "select * from intervals limit 0",
        "has_before": str(before is not None).lower(),
        "is_changed": " or ".join(f"intervals.{name} is distinct from before.{name}" for name in _COMPARED),
    }
    connection.execute(_PAYERS.format(**values))
    if not connection.execute("select 1 from payers").fetchone():
        return []
    for statement in (_SHOWN, _PROTECTED_UNITS):
        connection.execute(statement.format(**values))
    for table in TABLES:
        query = table.query.format(**values, table=sources[table.name])
        connection.execute(f"create temp table own_{table.name} as {query}")
    with_figures = " union ".join(f"select payer from own_{table.name}" for table in TABLES if not table.of_all)
    rows = connection.execute(f"select * from payers where payer in ({with_figures}) order by payer").fetchall()
    return [Payer(*row) for row in rows]
