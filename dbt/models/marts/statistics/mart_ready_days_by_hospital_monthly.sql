with interval_months as (
    select * from {{ ref('int_readiness__months') }}
),

intervals as (
    select * from {{ ref('int_readiness__days') }}
),

counted as (
    select
        intervals.region_code,
        interval_months.month,
        intervals.hospital_id,
        intervals.payment_class,
        cast(sum(interval_months.ready_days) as integer) as ready_days,
        cast(sum(interval_months.intervals_discharged) as integer) as intervals_discharged,
        cast(sum(interval_months.open_at_month_end) as integer) as open_at_month_end
    from interval_months
    inner join intervals on interval_months.interval_id = intervals.interval_id
    group by
        intervals.region_code,
        interval_months.month,
        intervals.hospital_id,
        intervals.payment_class
),

final as (
    select * from counted
    where ready_days <> 0 or intervals_discharged <> 0 or open_at_month_end <> 0
)

select * from final
