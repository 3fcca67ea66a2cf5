-- The wall clock stays beside the instant: the noon cut-off and the dates of the law are local, hours between are not.
with messages as (
    select * from {{ source('bronze', 'messages') }}
),

final as (
    select
        region_code,
        message_id,
        case_id,
        message_type,
        sent_at,
        sent_at_local,
        cast(sent_at_local as date) as sent_on,
        assessed_at,
        assessed_at_local,
        planned_discharge_on,
        voided_at,
        voided_at_local,
        voided_at is not null as is_voided,
        sender_unit_id,
        delivery_month,
        version,
        file,
        line
    from messages
)

select * from final
