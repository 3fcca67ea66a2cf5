with intervals as (
    select * from {{ ref('int_readiness__days') }}
),

assessed as (
    select * from {{ ref('int_responsibility__assessed') }}
),

liable_days as (
    select
        interval_id,
        count(*) as liable_days
    from {{ ref('int_responsibility__liable_days') }}
    group by interval_id
),

days_above as (
    select
        interval_id,
        days_above
    from {{ ref('int_mean__intervals') }}
    where is_above
),

final as (
    select
        intervals.region_code,
        intervals.interval_id,
        intervals.spell_id,
        intervals.case_id,
        intervals.ready_at,
        intervals.ended_at,
        intervals.end_reason,
        intervals.payer_municipality_code,
        {{ shown_district('intervals') }},
        intervals.payment_class,
        intervals.care_area,
        intervals.sex,
        intervals.age_band,
        assessed.agreement_id,
        assessed.model,
        assessed.day_zero,
        assessed.first_liable_date,
        intervals.ready_days,
        assessed.days_after_day_zero,
        assessed.is_liable,
        assessed.reason_codes,
        case
            when assessed.model = 'individual' then cast(coalesce(liable_days.liable_days, 0) as integer)
            else days_above.days_above
        end as liable_days
    from intervals
    inner join assessed on intervals.interval_id = assessed.interval_id
    left join liable_days on intervals.interval_id = liable_days.interval_id
    left join days_above on intervals.interval_id = days_above.interval_id
    {{ join_shown_districts('intervals', 'payer_municipality_code', 'intervals.shown_on') }}
)

select * from final
