-- The date of the first call to a coordinated plan (kallelse till SIP, LUS 4:3) of each spell that has one. Voided
-- messages never count; a call before the ready notice is a call.
with messages as (
    select
        case_id,
        sent_on
    from {{ ref('int_messages__in_force') }}
    where message_type = 'sip_call' and not is_voided
),

spell_cases as (
    select * from {{ ref('int_spells__cases') }}
),

final as (
    select
        spell_cases.spell_id,
        min(messages.sent_on) as called_on
    from messages
    inner join spell_cases on messages.case_id = spell_cases.case_id
    group by spell_cases.spell_id
)

select * from final
