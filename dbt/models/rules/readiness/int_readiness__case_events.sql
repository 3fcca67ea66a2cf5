-- What happened in each case that counts: its messages, and the start and end of its stay. A ready notice or withdrawal
-- counts if it starts or ends an interval, and names that interval; any other message counts unless it was voided; a
-- stay's start and end always do, and the end that ended an interval of the case names it. Left out is what happened
-- after the last day of the release month, but for what ended a stay or an interval that began by then.
with messages as (
    select * from {{ ref('int_messages__in_force') }}
),

spell_cases as (
    select * from {{ ref('int_spells__cases') }}
),

stays as (
    select * from {{ ref('int_spells__reach') }}
),

intervals as (
    select * from {{ ref('int_readiness__intervals') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

interval_messages as (
    select
        interval_id as message_id,
        interval_id
    from intervals
    union all
    select
        withdrawal_id as message_id,
        interval_id
    from intervals
    where withdrawal_id is not null
),

intervals_ended_by_stay as (
    select
        case_id,
        ended_at,
        interval_id
    from intervals
    where end_reason in ('discharged', 'deceased')
),

message_events as (
    select
        messages.message_id as event_id,
        messages.case_id,
        spell_cases.spell_id,
        interval_messages.interval_id,
        messages.message_type as event_type,
        messages.sent_at as happened_at,
        messages.planned_discharge_on as planned_on,
        messages.is_voided,
        case
            when messages.message_type in ('ready_notice', 'ready_withdrawn')
                then interval_messages.interval_id is not null
            else not messages.is_voided
        end as is_counted
    from messages
    inner join spell_cases on messages.case_id = spell_cases.case_id
    cross join candidate
    left join interval_messages on messages.message_id = interval_messages.message_id
    where messages.sent_on <= candidate.month_end or interval_messages.interval_id is not null
),

stay_starts as (
    select
        spell_cases.case_id || ':stay_start' as event_id,
        spell_cases.case_id,
        spell_cases.spell_id,
        cast(null as {{ dbt.type_string() }}) as interval_id,
        'stay_start' as event_type,
        stays.admitted_at as happened_at,
        cast(null as date) as planned_on,
        false as is_voided,
        true as is_counted
    from spell_cases
    inner join stays on spell_cases.episode_id = stays.episode_id
),

stay_ends as (
    select
        spell_cases.case_id || ':stay_end' as event_id,
        spell_cases.case_id,
        spell_cases.spell_id,
        intervals_ended_by_stay.interval_id,
        'stay_end' as event_type,
        stays.discharged_at as happened_at,
        cast(null as date) as planned_on,
        false as is_voided,
        true as is_counted
    from spell_cases
    inner join stays on spell_cases.episode_id = stays.episode_id
    left join intervals_ended_by_stay
        on
            spell_cases.case_id = intervals_ended_by_stay.case_id
            and stays.discharged_at = intervals_ended_by_stay.ended_at
    where stays.discharged_at is not null
),

final as (
    select * from message_events
    union all
    select * from stay_starts
    union all
    select * from stay_ends
)

select * from final
