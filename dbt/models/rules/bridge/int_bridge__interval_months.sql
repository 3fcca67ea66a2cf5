-- What ties the definitions of ready days together, for each interval and month that it touches (marts contract, the
-- bridge): the days of the month, those carried in from the months before, out to the months after, and those that
-- ended in no discharge; and how the interval stood at the month's start and end. An interval that begins and ends on
-- one date both became ready and ended.
with intervals as (
    select * from {{ ref('int_readiness__days') }}
),

assessed as (
    select
        interval_id,
        days_after_day_zero
    from {{ ref('int_responsibility__assessed') }}
),

months as (
    select * from {{ ref('int_months') }}
),

touched as (
    select
        intervals.region_code,
        intervals.interval_id,
        intervals.payer_municipality_code,
        intervals.payment_class,
        intervals.end_reason,
        intervals.ready_on,
        intervals.ready_days as all_ready_days,
        months.month,
        coalesce(assessed.days_after_day_zero, intervals.ready_days) as days_waited,
        coalesce(intervals.ended_on <= months.month_end, false) as has_ended,
        greatest(
            0,
            {{ days_between(
                'greatest(intervals.ready_on, months.month)', 'least(intervals.counted_to, months.next_month)'
            ) }}
        ) as days_in_month
    from intervals
    inner join assessed on intervals.interval_id = assessed.interval_id
    inner join months
        on
            intervals.ready_on < months.next_month
            and coalesce(intervals.ended_on, months.month_end) >= months.month
),

final as (
    select
        region_code,
        interval_id,
        month,
        payer_municipality_code,
        payment_class,
        days_in_month as ready_days,
        case when has_ended and end_reason = 'discharged' then all_ready_days else 0 end as ready_days_of_discharged,
        case when has_ended and end_reason = 'discharged' then all_ready_days - days_in_month else 0 end as carried_in,
        case when has_ended then 0 else days_in_month end as carried_out,
        case when has_ended and end_reason <> 'discharged' then days_in_month else 0 end as days_ended_otherwise,
        case when has_ended and end_reason = 'discharged' then days_waited else 0 end as days_waited_of_discharged,
        case when has_ended and end_reason = 'discharged' and all_ready_days > 0 then 1 else 0 end as discharged_waited,
        case when ready_on < month then 1 else 0 end as ready_at_start,
        case when ready_on >= month then 1 else 0 end as became_ready,
        case when has_ended and end_reason = 'discharged' then 1 else 0 end as discharged,
        case when has_ended and end_reason = 'withdrawn' then 1 else 0 end as withdrawn,
        case when has_ended and end_reason = 'deceased' then 1 else 0 end as deceased,
        case when has_ended then 0 else 1 end as ready_at_end
    from touched
)

select * from final
