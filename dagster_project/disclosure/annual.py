"""The open follow-up by year: what the open monthly tables of the same release show, added up.

A figure of a year is shown where every month behind it is, and else hidden. So a year tells nothing that its months do
not: it needs no protection of its own, and holds across releases as they do. Indicators and groups without open
monthly figures have no rows; districts have none either, since nearly all of theirs would be hidden.
"""

from __future__ import annotations

import duckdb

from dagster_project.disclosure.tables import ANNUAL, ANNUAL_FIGURES, STATUS, ratio

_PLACE = "month, municipality_code"
_ALL = "district_code = 'all' and care_area = 'all' and age_band = 'all'"
_NO_DENOMINATOR = "null as denominator, 'shown' as denominator_status"

_MONTHS = (
    f"select {_PLACE}, sex, indicator as indicator_id, numerator, numerator_status, denominator, denominator_status "
    f"from mart_process_indicators_monthly where {_ALL}",
    f"select {_PLACE}, 0, case population when 'all' then 'readmission_7_days' else 'readmission_7_days_lus' end, "
    "readmissions, readmissions_status, index_discharges, index_discharges_status from mart_readmissions_headline",
    f"select {_PLACE}, sex, unnest(['ready_days', 'beds_equivalent']), ready_days, ready_days_status, "
    f"{_NO_DENOMINATOR} from mart_ready_days_monthly where {_ALL}",
    f"select {_PLACE}, 0, 'liable_days', liable_days, liable_days_status, {_NO_DENOMINATOR} "
    "from mart_payment_responsibility_monthly",
    f"select {_PLACE}, 0, 'liable_amount', amount, amount_status, {_NO_DENOMINATOR} "
    "from mart_payment_responsibility_monthly",
)
"""The open monthly figures that are parts of an annual indicator, by sex where they are told apart by it."""


_JUDGED_WHOLE = "unit in ('days', 'sek') and months_included < 12"
"""What grows with the year is not judged before the year is whole."""

_FIGURES = {
    "numerator": ("numerator::integer", "numerator_is_hidden", "unit = 'sek' or numerator_is_missing"),
    "denominator": (
        "denominator::integer",
        "denominator_is_hidden",
        "denominator is null and not denominator_is_hidden",
    ),
    "value": ("own_value", "is_hidden", "is_missing"),
    "value_previous_year": ("previous_value", "previous_is_hidden", "previous_is_missing"),
    "change": (
        "(own_value - previous_value)::decimal(18, 6)",
        "is_hidden or previous_is_hidden",
        "is_missing or previous_is_missing",
    ),
    "meets_target": (
        "if(direction = 'higher', own_value >= target, own_value <= target)",
        "is_hidden",
        f"is_missing or target is null or direction = 'none' or ({_JUDGED_WHOLE})",
    ),
}
"""Each figure in SQL: its value, whether a month behind it is hidden, whether it is missing whatever that hides."""


def lay_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table in a connection that has the open monthly tables, and the warehouse attached.

    Of the warehouse only the calendar of the years and the plan are read, no figure.
    """
    figures = ", ".join(_column(*figure) for figure in _FIGURES.items())
    columns = ", ".join(
        name
        for figure in ANNUAL_FIGURES
        for name in (*(("target", "direction") if figure == "meets_target" else ()), figure, f"{figure}{STATUS}")
    )
    connection.execute(f"""
        create table {ANNUAL} as
        with parts as ({" union all ".join(_MONTHS)}),
        years as (
            select
                year, bool_or(is_previous) as has_previous, max(months_included) as months_included,
                max(status) as status, max(days_included) filter (where not is_previous) as days,
                max(days_included) filter (where is_previous) as previous_days
            from warehouse.rules.int_annual__months
            group by year
        ),
        plan as (
            select plan.* exclude (region_code)
            from warehouse.main.dim_follow_up_plan as plan
            cross join warehouse.bronze.candidate
            where plan.region_code in (candidate.region_code, 'SE')
            qualify
                row_number() over (
                    partition by year, indicator_id order by plan.region_code <> candidate.region_code
                ) = 1
        ),
        added as (
            select
                months.year, parts.municipality_code, parts.indicator_id, parts.sex,
                {_sums("", "not is_previous")}, {_sums("previous_", "is_previous")}
            from parts
            inner join warehouse.rules.int_annual__months as months on parts.month = months.month
            group by all
        ),
        described as (
            select
                added.* replace (
                    case unit when 'beds' then years.days else denominator end as denominator,
                    case unit when 'beds' then years.previous_days else previous_denominator end as previous_denominator
                ),
                numerator_is_hidden or denominator_is_hidden as is_hidden,
                previous_numerator_is_hidden or previous_denominator_is_hidden as previous_is_hidden,
                years.has_previous, years.months_included, years.status,
                indicators.unit, coalesce(plan.direction, indicators.direction) as direction, plan.target
            from added
            inner join years on added.year = years.year
            inner join warehouse.main.dim_indicator as indicators on added.indicator_id = indicators.indicator_id
            left join plan on added.year = plan.year and added.indicator_id = plan.indicator_id
        ),
        valued as (
            select
                *, {_value("")} as own_value, {_value("previous_")} as previous_value,
                numerator_is_missing or (not is_hidden and own_value is null) as is_missing,
                not has_previous or previous_numerator_is_missing
                or (not previous_is_hidden and previous_value is null) as previous_is_missing
            from described
            where
                is_hidden or previous_is_hidden
                or case
                    when unit = 'share' then denominator > 0 or previous_denominator > 0
                    else numerator_is_missing or previous_numerator_is_missing or numerator <> 0
                        or previous_numerator <> 0
                end
        ),
        figures as (select valued.* exclude (numerator, denominator), {figures} from valued)
        select
            candidate.region_code, year, municipality_code, 'all' as district_code, indicator_id, sex, {columns},
            months_included, status
        from figures
        cross join warehouse.bronze.candidate
    """)


def _sums(prefix: str, rows: str) -> str:
    """A year's sums, and whether a part of them is hidden or missing; what has no row is zero (rules §8)."""
    flags = ", ".join(
        f"coalesce(bool_or({name}{STATUS} = '{status}') filter (where {rows}), false) as {prefix}{name}_is_{flag}"
        for name in ("numerator", "denominator")
        for status, flag in (("suppressed", "hidden"), ("missing", "missing"))
    )
    return (
        f"coalesce(sum(numerator) filter (where {rows}), 0)::decimal(18, 2) as {prefix}numerator, "
        f"(sum(denominator) filter (where {rows}))::bigint as {prefix}denominator, {flags}"
    )


def _value(prefix: str) -> str:
    """The indicator in its unit, as ``annual_value`` of the warehouse reckons it; null without a denominator."""
    numerator, of = f"{prefix}numerator", f"nullif({prefix}denominator, 0)"
    return (
        f"case unit when 'share' then {ratio(numerator, of, 6, 18)} when 'beds' then {ratio(numerator, of, 4, 18)} "
        f"else {numerator} end::decimal(18, 6)"
    )


def _column(name: str, figure: tuple[str, str, str]) -> str:
    value, is_hidden, is_missing = figure
    return (
        f"case when not ({is_hidden} or {is_missing}) then {value} end as {name}, "
        f"case when {is_missing} then 'missing' when {is_hidden} then 'suppressed' else 'shown' end as {name}{STATUS}"
    )
