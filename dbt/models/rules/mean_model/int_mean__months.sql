-- Each payer's month under the mean model (rules §4): N intervals outside `is_above`, S their days after day zero, and
-- whether the mean S / N is above the level T, asked in whole numbers as S > T × N. A month without N is not above. No
-- month before the region's first delivery is known whole: it has no row.
with intervals as (
    select * from {{ ref('int_mean__intervals') }}
),

months as (
    select month from {{ ref('int_months') }}
),

counted as (
    select
        intervals.month,
        intervals.payer_municipality_code,
        intervals.payment_class,
        intervals.agreement_id,
        max(intervals.last_free_day) as last_free_day,
        max(intervals.consecutive_months) as consecutive_months,
        cast(count(*) filter (where not intervals.is_above) as integer) as intervals,
        cast(coalesce(sum(intervals.days_after_day_zero) filter (where not intervals.is_above), 0) as integer)
            as sum_days,
        cast(
            coalesce(
                sum(greatest(0, intervals.days_after_day_zero - intervals.last_free_day)) filter (
                    where not intervals.is_above
                ),
                0
            ) as integer
        ) as days_over_level
    from intervals
    inner join months on intervals.month = months.month
    group by
        intervals.month,
        intervals.payer_municipality_code,
        intervals.payment_class,
        intervals.agreement_id
),

final as (
    select
        *,
        sum_days > last_free_day * intervals as is_over_level
    from counted
)

select * from final
