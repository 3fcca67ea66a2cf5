-- The readiness intervals of each spell as the process indicators count them (rules §7). Before noon: the notice at or
-- before the measure's time of day, to the fraction of a second. Day zero: the interval that ended in the discharge has
-- p = 0, or 0 ready days where it is under no agreement; a spell has at most one such interval.
with intervals as (
    select * from {{ ref('int_readiness__days') }}
),

assessed as (
    select
        interval_id,
        days_after_day_zero
    from {{ ref('int_responsibility__assessed') }}
),

measures as (
    select * from {{ ref('dim_measure') }}
    where measure_id = 'ready_notice_before_noon'
),

final as (
    select
        intervals.spell_id,
        count(*) as intervals,
        count(*) filter (
            where intervals.ready_at_local <= {{ minutes_into('intervals.ready_on', 'measures.time_of_day_minutes') }}
        ) as intervals_before_noon,
        count(*) filter (where intervals.end_reason = 'withdrawn') > 0 as is_withdrawn,
        count(*) filter (where intervals.end_reason = 'discharged') as intervals_to_discharge,
        count(*) filter (
            where
            intervals.end_reason = 'discharged'
            and coalesce(assessed.days_after_day_zero, intervals.ready_days) = 0
        ) as intervals_of_day_zero,
        min(intervals.ready_on) as first_ready_on,
        sum(intervals.ready_days) as ready_days
    from intervals
    inner join assessed on intervals.interval_id = assessed.interval_id
    inner join measures on {{ in_force('measures', 'intervals.ready_on') }}
    group by intervals.spell_id
)

select * from final
