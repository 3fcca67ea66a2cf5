-- The same days by three ways: an interval's months add up to its days, and the tables by municipality and by hospital
-- to the same totals, which are the intervals' own.
with intervals as (
    select * from {{ ref('int_readiness__days') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

by_interval as (
    select
        interval_id,
        sum(ready_days) as ready_days
    from {{ ref('int_readiness__months') }}
    group by interval_id
),

totals as (
    select
        (select coalesce(sum(ready_days), 0) from {{ ref('int_readiness__months') }}) as days_of_intervals,
        (select coalesce(sum(ready_days), 0) from {{ ref('mart_ready_days_monthly') }}) as days_by_municipality,
        (select coalesce(sum(ready_days), 0) from {{ ref('mart_ready_days_by_hospital_monthly') }}) as days_by_hospital,
        (
            select count(*) from intervals
            cross join candidate
            where
                intervals.end_reason = 'discharged'
                and intervals.ended_on between candidate.first_month and candidate.month_end
        ) as discharged_intervals,
        (select coalesce(sum(intervals_discharged), 0) from {{ ref('mart_ready_days_monthly') }})
            as discharged_by_municipality,
        (select coalesce(sum(intervals_discharged), 0) from {{ ref('mart_ready_days_by_hospital_monthly') }})
            as discharged_by_hospital
)

select
    'the months of interval ' || intervals.interval_id as what,
    intervals.ready_days as expected,
    coalesce(by_interval.ready_days, 0) as found
from intervals
cross join candidate
left join by_interval on intervals.interval_id = by_interval.interval_id
where intervals.ready_on >= candidate.first_month and intervals.ready_days <> coalesce(by_interval.ready_days, 0)
union all
select
    'days by municipality and by hospital' as what,
    days_by_municipality as expected,
    days_by_hospital as found
from totals
where days_by_municipality <> days_by_hospital or days_by_municipality <> days_of_intervals
union all
select
    'discharged by municipality and by hospital' as what,
    discharged_by_municipality as expected,
    discharged_by_hospital as found
from totals
where discharged_by_municipality <> discharged_by_hospital or discharged_by_municipality <> discharged_intervals
