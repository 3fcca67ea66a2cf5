-- Messages whose times contradict each other (criterion contradictory_times), by the month they were sent in: assessed
-- after it was sent, voided before it was sent, or, not voided, sent before the spell's admission or on a date after
-- its discharge. At the same instant, and on the day of the discharge, is no contradiction; a SIP may be held after.
with messages as (
    select * from {{ ref('int_messages__in_force') }}
),

cases as (
    select * from {{ ref('int_billing_readiness__cases') }}
),

months as (
    select * from {{ ref('int_months') }}
),

counted as (
    select
        months.month,
        cases.hospital_id,
        cases.payer_municipality_code,
        count(*) as messages,
        count(*) filter (
            where
            messages.assessed_at > messages.sent_at
            or messages.voided_at < messages.sent_at
            or (
                not messages.is_voided
                and (
                    messages.sent_at < cases.admitted_at
                    or (messages.sent_on > cases.discharged_on and messages.message_type <> 'sip_held')
                )
            )
        ) as contradictory_messages
    from messages
    inner join cases on messages.case_id = cases.case_id
    inner join months on {{ first_of_month('messages.sent_on') }} = months.month
    group by
        months.month,
        cases.hospital_id,
        cases.payer_municipality_code
),

by_unit as (
    {{ rows_by_unit('counted') }}
),

summed as (
    select
        month,
        unit_type,
        unit_id,
        cast(sum(messages) as bigint) as messages,
        cast(sum(contradictory_messages) as bigint) as contradictory_messages
    from by_unit
    group by
        month,
        unit_type,
        unit_id
),

final as (
    {{ measured_share('summed', 'contradictory_times', 'contradictory_messages', 'messages') }}
)

select * from final
