-- Day zero (noll-dag, rules §4) of each interval under an agreement: the date its notice was sent, or the next date
-- where the agreement has a cut-off (LUS 5:4: noon) and the local time is later. Just at the cut-off is in time.
with intervals as (
    select * from {{ ref('int_readiness__days') }}
),

agreements as (
    select * from {{ ref('int_responsibility__agreements') }}
),

final as (
    select
        intervals.interval_id,
        case
            when
                intervals.ready_at_local
                > {{ minutes_into('intervals.ready_on', 'agreements.noon_cutoff_minutes') }}
                then {{ add_days('intervals.ready_on', 1) }}
            else intervals.ready_on
        end as day_zero
    from intervals
    inner join agreements on intervals.interval_id = agreements.interval_id
)

select * from final
