-- One row per unit and measure: the release month's amount beside up to twelve months before it. A month in which the
-- unit had nothing counts as 0, so that a unit that is gone stands here with amount 0. `recent_mean` is over the last
-- three months, so that a unit that has closed is expected for a quarter and not for a year.
with months as (
    select * from {{ ref('gate_months') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

activity as (
    select * from {{ ref('gate_activity') }}
),

messages as (
    select
        message_type,
        {{ first_of_month('sent_on') }} as in_month,
        count(*) as amount
    from {{ ref('int_messages__in_force') }}
    where not is_voided
    group by
        message_type,
        {{ first_of_month('sent_on') }}
),

municipality_ready_days as (
    select
        municipality_code,
        month,
        intervals_discharged
    from {{ ref('mart_ready_days_monthly') }}
),

hospital_ready_days as (
    select
        hospital_id,
        month,
        intervals_discharged
    from {{ ref('mart_ready_days_by_hospital_monthly') }}
),

counted as (
    select
        'region' as unit_type,
        'all' as unit_id,
        measure,
        month,
        sum(amount) as amount
    from activity
    group by all
    union all
    select
        'hospital' as unit_type,
        hospital_id as unit_id,
        measure,
        month,
        sum(amount) as amount
    from activity
    group by all
    union all
    select
        'municipality' as unit_type,
        municipality_code as unit_id,
        measure,
        month,
        sum(amount) as amount
    from activity
    where municipality_code <> 'none'
    group by all
    union all
    select
        'care_area' as unit_type,
        care_area as unit_id,
        measure,
        month,
        sum(amount) as amount
    from activity
    group by all
    union all
    select
        'message_type' as unit_type,
        message_type as unit_id,
        'messages' as measure,
        in_month,
        sum(amount) as amount
    from messages
    group by all
    union all
    select
        'region' as unit_type,
        'all' as unit_id,
        'messages' as measure,
        in_month,
        sum(amount) as amount
    from messages
    group by all
    union all
    select
        'municipality' as unit_type,
        municipality_code as unit_id,
        'intervals_discharged' as measure,
        month,
        sum(intervals_discharged) as amount
    from municipality_ready_days
    where municipality_code <> '9999'
    group by all
    union all
    select
        'hospital' as unit_type,
        hospital_id as unit_id,
        'intervals_discharged' as measure,
        month,
        sum(intervals_discharged) as amount
    from hospital_ready_days
    group by all
),

history as (
    select
        count(*) filter (where months_ago > 0) as months_before,
        count(*) filter (where months_ago between 1 and 3) as recent_months
    from months
),

compared as (
    select
        counted.unit_type,
        counted.unit_id,
        counted.measure,
        coalesce(sum(counted.amount) filter (where months.months_ago = 0), 0) as amount,
        coalesce(sum(counted.amount) filter (where months.months_ago > 0), 0) as amount_before,
        coalesce(sum(counted.amount) filter (where months.months_ago between 1 and 3), 0) as recent_amount,
        count(*) filter (where months.months_ago > 0) as months_with_any,
        min(counted.amount) filter (where months.months_ago > 0) as lowest_of_any,
        max(counted.amount) filter (where months.months_ago > 0) as highest_before
    from counted
    inner join months on counted.month = months.month
    group by all
),

final as (
    select
        candidate.region_code,
        compared.unit_type,
        compared.unit_id,
        compared.measure,
        cast(compared.amount as bigint) as amount,
        cast(history.months_before as integer) as months_before,
        cast({{ half_up_ratio('compared.amount_before', 'nullif(history.months_before, 0)', 2) }} as decimal(14, 2))
            as mean_before,
        cast({{ half_up_ratio('compared.recent_amount', 'nullif(history.recent_months, 0)', 2) }} as decimal(14, 2))
            as recent_mean,
        cast(
            case when compared.months_with_any < history.months_before then 0 else compared.lowest_of_any end as bigint
        ) as lowest_before,
        cast(coalesce(compared.highest_before, 0) as bigint) as highest_before,
        cast(
            {{ half_up_ratio(
                'compared.amount',
                'nullif(case when compared.months_with_any = history.months_before then compared.lowest_of_any end, 0)'
            ) }} as decimal(14, 4)
        ) as share_of_lowest,
        cast({{ half_up_ratio('compared.amount', 'nullif(compared.highest_before, 0)') }} as decimal(14, 4))
            as share_of_highest
    from compared
    cross join history
    cross join candidate
)

select * from final
