-- The first admission notice (inskrivningsmeddelande) of each spell that has one, and whether it came too late (LUS
-- 2:1, 2:3; rules §4): more than the act's hours after the admission of its case's stay and, where a need was assessed
-- later, also more than that after the assessment. Hours are elapsed time; just at the limit is in time. First is the
-- earliest by sent_at, then message_id; voided messages never count.
with messages as (
    select
        message_id,
        case_id,
        sent_at,
        sent_on,
        assessed_at
    from {{ ref('int_messages__in_force') }}
    where message_type = 'admission_notice' and not is_voided
),

spell_cases as (
    select * from {{ ref('int_spells__cases') }}
),

stays as (
    select * from {{ ref('int_episodes__in_force') }}
),

deadlines as (
    select * from {{ ref('ref_deadlines') }}
    where deadline_id = 'admission_notice'
),

ordered as (
    select
        messages.*,
        spell_cases.spell_id,
        spell_cases.episode_id,
        row_number() over (partition by spell_cases.spell_id order by messages.sent_at, messages.message_id)
            as position_in_spell
    from messages
    inner join spell_cases on messages.case_id = spell_cases.case_id
),

final as (
    select
        ordered.spell_id,
        ordered.message_id,
        ordered.case_id,
        ordered.sent_at,
        ordered.sent_at > {{ hours_later('stays.admitted_at', 'deadlines.amount') }}
        and (
            ordered.assessed_at is null
            or ordered.sent_at > {{ hours_later('ordered.assessed_at', 'deadlines.amount') }}
        ) as is_late
    from ordered
    inner join stays on ordered.episode_id = stays.episode_id
    inner join deadlines on {{ in_force('deadlines', 'ordered.sent_on') }}
    where ordered.position_in_spell = 1
)

select * from final
