-- One row per month judged: the ready days and counts of the two statistics of ready days beside the same added up from
-- the intervals, and the movement of open intervals from one month's end to the next. All must agree to the day.
with months as (
    select * from {{ ref('gate_months') }}
),

by_municipality as (
    select
        month,
        sum(ready_days) as ready_days,
        sum(ready_days_of_discharged) as ready_days_of_discharged,
        sum(intervals_discharged) as intervals_discharged,
        sum(open_at_month_end) as open_at_month_end
    from {{ ref('mart_ready_days_monthly') }}
    group by month
),

by_hospital as (
    select
        month,
        sum(ready_days) as ready_days,
        sum(intervals_discharged) as intervals_discharged,
        sum(open_at_month_end) as open_at_month_end
    from {{ ref('mart_ready_days_by_hospital_monthly') }}
    group by month
),

by_interval as (
    select
        month,
        sum(ready_days) as ready_days,
        sum(ready_days_of_discharged) as ready_days_of_discharged,
        sum(intervals_discharged) as intervals_discharged,
        sum(open_at_month_end) as open_at_month_end
    from {{ ref('int_readiness__months') }}
    group by month
),

begun as (
    select
        {{ first_of_month('ready_on') }} as in_month,
        count(*) as intervals
    from {{ ref('int_readiness__days') }}
    group by {{ first_of_month('ready_on') }}
),

ended as (
    select
        {{ first_of_month('ended_on') }} as in_month,
        count(*) as intervals
    from {{ ref('int_readiness__days') }}
    where ended_on is not null
    group by {{ first_of_month('ended_on') }}
),

added_up as (
    select
        months.month,
        months.months_ago,
        coalesce(by_municipality.ready_days, 0) as ready_days,
        coalesce(by_hospital.ready_days, 0) as ready_days_by_hospital,
        coalesce(by_interval.ready_days, 0) as ready_days_by_interval,
        coalesce(by_municipality.ready_days_of_discharged, 0) as ready_days_of_discharged,
        coalesce(by_interval.ready_days_of_discharged, 0) as ready_days_of_discharged_by_interval,
        coalesce(by_municipality.intervals_discharged, 0) as intervals_discharged,
        coalesce(by_hospital.intervals_discharged, 0) as intervals_discharged_by_hospital,
        coalesce(by_interval.intervals_discharged, 0) as intervals_discharged_by_interval,
        coalesce(by_municipality.open_at_month_end, 0) as open_at_month_end,
        coalesce(by_hospital.open_at_month_end, 0) as open_at_month_end_by_hospital,
        coalesce(by_interval.open_at_month_end, 0) as open_at_month_end_by_interval,
        coalesce(begun.intervals, 0) as begun,
        coalesce(ended.intervals, 0) as ended
    from months
    left join by_municipality on months.month = by_municipality.month
    left join by_hospital on months.month = by_hospital.month
    left join by_interval on months.month = by_interval.month
    left join begun on months.month = begun.in_month
    left join ended on months.month = ended.in_month
),

moved as (
    select
        *,
        lag(open_at_month_end) over (order by month) as open_before
    from added_up
),

final as (
    select
        month,
        months_ago,
        cast(ready_days as bigint) as ready_days,
        cast(ready_days_by_hospital as bigint) as ready_days_by_hospital,
        cast(
            abs(ready_days - ready_days_by_interval)
            + abs(ready_days_of_discharged - ready_days_of_discharged_by_interval)
            + abs(intervals_discharged - intervals_discharged_by_interval)
            + abs(open_at_month_end - open_at_month_end_by_interval) as bigint
        ) as difference_by_municipality,
        cast(
            abs(ready_days_by_hospital - ready_days_by_interval)
            + abs(intervals_discharged_by_hospital - intervals_discharged_by_interval)
            + abs(open_at_month_end_by_hospital - open_at_month_end_by_interval) as bigint
        ) as difference_by_hospital,
        cast(open_before as bigint) as open_before,
        cast(begun as bigint) as begun,
        cast(ended as bigint) as ended,
        cast(open_at_month_end as bigint) as open_at_month_end,
        cast(open_before + begun - ended - open_at_month_end as bigint) as open_residual
    from moved
)

select * from final
