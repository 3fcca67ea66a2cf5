-- The events that change whether the patient is ready (rules §3): in order of sent_at, a withdrawal before a notice at
-- the same instant, then message_id, a notice starts an interval unless one is open and a withdrawal ends the open one;
-- anything else is ignored. With two kinds of event that is every change of kind, the first only if it is a notice.
with events as (
    select * from {{ ref('int_readiness__events') }}
),

compared as (
    select
        *,
        lag(is_notice, 1, 0) over (partition by spell_id order by sent_at, is_notice, message_id) as notice_before
    from events
),

final as (
    select
        message_id,
        case_id,
        spell_id,
        sent_at,
        sent_at_local,
        sent_on,
        is_notice
    from compared
    where is_notice <> notice_before
)

select * from final
