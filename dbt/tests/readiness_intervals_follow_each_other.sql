-- Within a spell the intervals lie within its time, each ends after it began, none begins before the one before it has
-- ended, and only the last may have ended otherwise than by a withdrawal.
with ordered as (
    select
        intervals.interval_id,
        intervals.ready_at,
        intervals.ended_at,
        intervals.end_reason,
        spells.admitted_at,
        spells.discharged_at,
        lead(intervals.ready_at) over (partition by intervals.spell_id order by intervals.ready_at) as next_ready_at
    from {{ ref('fct_readiness_intervals') }} as intervals
    left join {{ ref('fct_spells') }} as spells on intervals.spell_id = spells.spell_id
)

select *
from ordered
where
    admitted_at is null
    or ready_at < admitted_at
    or ended_at <= ready_at
    or coalesce(ended_at > discharged_at, false)
    or (next_ready_at is not null and (end_reason <> 'withdrawn' or next_ready_at < ended_at))
    or (ended_at is null) <> (end_reason = 'open')
    or (end_reason in ('discharged', 'deceased') and ended_at <> discharged_at)
