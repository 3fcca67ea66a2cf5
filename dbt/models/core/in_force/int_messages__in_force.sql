-- The messages that count: of each key the latest month's row among those that are no orphans (their case was
-- delivered and is no orphan itself), in a case that counts. Voided messages are kept and say so: rules pass them by.
with messages as (
    select * from {{ ref('stg_messages') }}
),

latest_cases as (
    select case_id from {{ ref('int_cases__latest') }}
),

cases as (
    select case_id from {{ ref('int_cases__in_force') }}
),

repeated as (
    select
        messages.message_id,
        max(messages.delivery_month) as latest_month
    from messages
    where messages.case_id in (select latest_cases.case_id from latest_cases)
    group by messages.message_id
    having count(*) > 1
),

final as (
    select
        messages.region_code,
        messages.message_id,
        messages.case_id,
        messages.message_type,
        messages.sent_at,
        messages.sent_at_local,
        messages.sent_on,
        messages.assessed_at,
        messages.planned_discharge_on,
        messages.voided_at,
        messages.is_voided,
        messages.sender_unit_id,
        messages.delivery_month
    from messages
    inner join cases on messages.case_id = cases.case_id
    left join repeated on messages.message_id = repeated.message_id
    where messages.delivery_month = coalesce(repeated.latest_month, messages.delivery_month)
)

select * from final
