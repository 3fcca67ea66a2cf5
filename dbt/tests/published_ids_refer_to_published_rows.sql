-- Whoever reads an interval finds its spell, and whoever reads an event its spell and interval.
select 'interval ' || intervals.interval_id as what
from {{ ref('fct_readiness_intervals') }} as intervals
left join {{ ref('fct_spells') }} as spells on intervals.spell_id = spells.spell_id
where spells.spell_id is null
union all
select 'event ' || case_events.event_id as what
from {{ ref('fct_case_events') }} as case_events
left join {{ ref('fct_spells') }} as spells on case_events.spell_id = spells.spell_id
left join {{ ref('fct_readiness_intervals') }} as intervals on case_events.interval_id = intervals.interval_id
where spells.spell_id is null or (case_events.interval_id is not null and intervals.interval_id is null)
