-- One row per readiness interval (utskrivningsklar, rules §3): from the notice that starts it to the withdrawal that
-- ends it, else to the spell's discharge; open while the spell is. The notice gives it its id and its case. Intervals
-- that began after the last day of the release month are the next release's.
with events as (
    select * from {{ ref('int_readiness__effective_events') }}
),

spells as (
    select
        spell_id,
        discharged_at,
        discharged_on,
        discharge_destination
    from {{ ref('int_readiness__spells') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

followed as (
    select
        *,
        lead(message_id) over (partition by spell_id order by sent_at, is_notice, message_id) as withdrawal_id,
        lead(sent_at) over (partition by spell_id order by sent_at, is_notice, message_id) as withdrawn_at,
        lead(sent_on) over (partition by spell_id order by sent_at, is_notice, message_id) as withdrawn_on
    from events
),

final as (
    select
        followed.message_id as interval_id,
        followed.spell_id,
        followed.case_id,
        followed.sent_at as ready_at,
        followed.sent_at_local as ready_at_local,
        followed.sent_on as ready_on,
        followed.withdrawal_id,
        coalesce(followed.withdrawn_at, spells.discharged_at) as ended_at,
        coalesce(followed.withdrawn_on, spells.discharged_on) as ended_on,
        case
            when followed.withdrawn_at is not null then 'withdrawn'
            when spells.discharged_at is null then 'open'
            when spells.discharge_destination = 'deceased' then 'deceased'
            else 'discharged'
        end as end_reason
    from followed
    inner join spells on followed.spell_id = spells.spell_id
    inner join candidate on followed.sent_on <= candidate.month_end
    where followed.is_notice = 1
)

select * from final
