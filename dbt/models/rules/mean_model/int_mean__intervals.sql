-- The intervals that the mean model counts (genomsnittsmodellen, rules §4): liable, under a mean agreement, ended in a
-- discharge by the last day of the release month; those of day zero count with p = 0. Where the agreement has
-- individual_above_days, one with more days than that stands outside the mean and is liable for what is above it.
with intervals as (
    select * from {{ ref('int_responsibility__assessed') }}
    where model = 'mean' and is_liable and end_reason = 'discharged'
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

final as (
    select
        intervals.interval_id,
        {{ first_of_month('intervals.ended_on') }} as month,
        intervals.payer_municipality_code,
        intervals.payment_class,
        intervals.agreement_id,
        intervals.last_free_day,
        intervals.consecutive_months,
        intervals.days_after_day_zero,
        coalesce(intervals.days_after_day_zero > intervals.individual_above_days, false) as is_above,
        case
            when intervals.days_after_day_zero > intervals.individual_above_days
                then intervals.days_after_day_zero - intervals.individual_above_days
            else 0
        end as days_above
    from intervals
    inner join candidate on intervals.ended_on <= candidate.month_end
)

select * from final
