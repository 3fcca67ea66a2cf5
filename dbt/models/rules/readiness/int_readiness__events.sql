-- The notices and withdrawals of readiness that may count (rules §3): not voided, in any case of the spell's stays,
-- sent at the spell's admission or later and, where the spell has ended, before its discharge. At the admission
-- counts; at the discharge does not.
with messages as (
    select
        message_id,
        case_id,
        message_type,
        sent_at,
        sent_at_local,
        sent_on
    from {{ ref('int_messages__in_force') }}
    where message_type in ('ready_notice', 'ready_withdrawn') and not is_voided
),

spell_cases as (
    select
        case_id,
        spell_id
    from {{ ref('int_spells__cases') }}
),

spells as (
    select
        spell_id,
        admitted_at,
        discharged_at
    from {{ ref('int_readiness__spells') }}
),

final as (
    select
        messages.message_id,
        messages.case_id,
        spells.spell_id,
        messages.sent_at,
        messages.sent_at_local,
        messages.sent_on,
        case when messages.message_type = 'ready_notice' then 1 else 0 end as is_notice
    from messages
    inner join spell_cases on messages.case_id = spell_cases.case_id
    inner join spells on spell_cases.spell_id = spells.spell_id
    where
        messages.sent_at >= spells.admitted_at
        and (spells.discharged_at is null or messages.sent_at < spells.discharged_at)
)

select * from final
