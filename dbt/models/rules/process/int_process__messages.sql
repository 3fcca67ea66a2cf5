-- What was sent in the cases of each spell that the process indicators ask for (rules §7): whether the planned date was
-- changed, the date of the first discharge information, and when a plan was first held. Voided messages never count.
with messages as (
    select
        case_id,
        message_type,
        sent_at,
        sent_on
    from {{ ref('int_messages__in_force') }}
    where message_type in ('planned_discharge_changed', 'sip_held', 'discharge_information') and not is_voided
),

spell_cases as (
    select
        case_id,
        spell_id
    from {{ ref('int_spells__cases') }}
),

final as (
    select
        spell_cases.spell_id,
        count(*) filter (where messages.message_type = 'planned_discharge_changed') > 0 as is_date_changed,
        min(messages.sent_on) filter (where messages.message_type = 'discharge_information') as informed_on,
        min(messages.sent_at) filter (where messages.message_type = 'sip_held') as sip_held_at
    from messages
    inner join spell_cases on messages.case_id = spell_cases.case_id
    group by spell_cases.spell_id
)

select * from final
