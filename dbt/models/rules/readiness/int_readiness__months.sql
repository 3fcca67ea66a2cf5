-- The figures of each interval and month that it touches, from the region's first delivery month to the release month
-- (rules §3 and §8). Every ready day belongs to the month of its date; the days of an interval that ended in a
-- discharge are counted once more, all in the month of discharge, and the two views never mix. Open at the month's
-- end is what began on or before its last date and had not ended on or before it.
with intervals as (
    select
        interval_id,
        ready_on,
        ended_on,
        end_reason,
        counted_to,
        ready_days
    from {{ ref('int_readiness__days') }}
),

months as (
    select * from {{ ref('int_months') }}
),

touched as (
    select
        intervals.*,
        months.month,
        months.month_end,
        months.next_month
    from intervals
    inner join months
        on
            intervals.ready_on < months.next_month
            and coalesce(intervals.ended_on, months.month_end) >= months.month
),

counted as (
    select
        interval_id,
        month,
        greatest(
            0, {{ days_between('greatest(ready_on, month)', 'least(counted_to, next_month)') }}
        ) as ready_days,
        case when end_reason = 'discharged' and ended_on <= month_end then ready_days else 0 end
            as ready_days_of_discharged,
        case when end_reason = 'discharged' and ended_on <= month_end then 1 else 0 end as intervals_discharged,
        case when ended_on is null or ended_on > month_end then 1 else 0 end as open_at_month_end
    from touched
),

final as (
    select * from counted
    where
        ready_days <> 0
        or ready_days_of_discharged <> 0
        or intervals_discharged <> 0
        or open_at_month_end <> 0
)

select * from final
