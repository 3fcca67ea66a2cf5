-- One row per published table that the suites of the marts judge: its rows, those that it must have, and those that
-- cannot be.
with candidate as (
    select * from {{ ref('stg_candidate') }}
),

spells as (
    select * from {{ ref('fct_spells') }}
),

intervals as (
    select * from {{ ref('fct_readiness_intervals') }}
),

ready_days as (
    select * from {{ ref('mart_ready_days_monthly') }}
),

hospital_ready_days as (
    select * from {{ ref('mart_ready_days_by_hospital_monthly') }}
),

expected_spells as (
    select count(*) as rows_expected from {{ ref('int_spells') }}
),

expected_intervals as (
    select count(*) as rows_expected from {{ ref('int_readiness__intervals') }}
),

profiled as (
    select
        'fct_spells' as table_name,
        count(*) as rows_published,
        max(expected_spells.rows_expected) as rows_expected,
        count(*) filter (
            where
            spells.discharged_at < spells.admitted_at
            or spells.age < 0
            or spells.is_open <> (spells.discharged_at is null)
        ) as rows_impossible,
        count(*) filter (where spells.age > 110) as rows_unlikely
    from spells
    cross join expected_spells
    union all
    select
        'fct_readiness_intervals' as table_name,
        count(*) as rows_published,
        max(expected_intervals.rows_expected) as rows_expected,
        count(*) filter (
            where
            intervals.ended_at < intervals.ready_at
            or intervals.ready_days < 0
            or (intervals.end_reason = 'open') <> (intervals.ended_at is null)
        ) as rows_impossible,
        count(*) filter (where intervals.ready_days > 365) as rows_unlikely
    from intervals
    cross join expected_intervals
    union all
    select
        'mart_ready_days_monthly' as table_name,
        count(*) as rows_published,
        count(*) as rows_expected,
        count(*) filter (
            where
            ready_days.month < candidate.first_month
            or ready_days.month > candidate.month
            or ready_days.ready_days < 0
            or ready_days.open_at_month_end < 0
        ) as rows_impossible,
        0 as rows_unlikely
    from ready_days
    cross join candidate
    union all
    select
        'mart_ready_days_by_hospital_monthly' as table_name,
        count(*) as rows_published,
        count(*) as rows_expected,
        count(*) filter (
            where
            hospital_ready_days.month < candidate.first_month
            or hospital_ready_days.month > candidate.month
            or hospital_ready_days.ready_days < 0
            or hospital_ready_days.open_at_month_end < 0
        ) as rows_impossible,
        0 as rows_unlikely
    from hospital_ready_days
    cross join candidate
),

final as (
    select
        table_name,
        rows_published,
        coalesce(rows_expected, 0) as rows_expected,
        rows_published - coalesce(rows_expected, 0) as rows_difference,
        rows_impossible,
        rows_unlikely,
        cast(coalesce({{ half_up_ratio('rows_unlikely', 'nullif(rows_published, 0)', 6) }}, 0) as decimal(9, 6))
            as unlikely_share
    from profiled
)

select * from final
