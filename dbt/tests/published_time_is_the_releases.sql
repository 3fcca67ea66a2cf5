-- No figure for a month before the region's first delivery or after the release month, and nothing in the restricted
-- tables that began after its last day.
with candidate as (
    select * from {{ ref('stg_candidate') }}
),

months as (
    select distinct month from {{ ref('mart_ready_days_monthly') }}
    union
    select distinct month from {{ ref('mart_ready_days_by_hospital_monthly') }}
),

began as (
    select max(admitted_on) as began_on from {{ ref('int_episodes__in_force') }}
    union all
    select max(ready_on) as began_on from {{ ref('int_readiness__days') }}
)

select months.month as found
from months
cross join candidate
where months.month < candidate.first_month or months.month > candidate.month
union all
select began.began_on as found
from began
cross join candidate
where began.began_on > candidate.month_end
