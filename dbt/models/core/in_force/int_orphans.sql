{%- set as_text = 'cast({} as string)' -%}
{%- set case_row = {
    'region_code': 'cases.region_code', 'case_id': 'cases.case_id', 'episode_id': 'cases.episode_id',
    'source_system': 'cases.source_system', 'municipality_code': 'cases.municipality_code',
    'district_code': 'cases.district_code', 'deciding_municipality_code': 'cases.deciding_municipality_code',
    'sip_required': as_text.format('cases.sip_required'), 'open_care_available': 'cases.open_care_available',
    'measures_declined': as_text.format('cases.measures_declined'),
    'coordinated_care_plan': as_text.format('cases.coordinated_care_plan'),
    'is_deleted': as_text.format('cases.is_deleted'),
} -%}
{%- set message_row = {
    'region_code': 'messages.region_code', 'message_id': 'messages.message_id', 'case_id': 'messages.case_id',
    'message_type': 'messages.message_type', 'sent_at': iso_local('messages.sent_at_local'),
    'assessed_at': iso_local('messages.assessed_at_local'),
    'planned_discharge_on': as_text.format('messages.planned_discharge_on'),
    'voided_at': iso_local('messages.voided_at_local'), 'sender_unit_id': 'messages.sender_unit_id',
} -%}
-- The delivered rows that this release quarantines as orphans: cases whose stay, and messages whose case, no delivery
-- up to the release month holds. Judged are the rows in force: a row that a later good one replaced counts as loaded,
-- and a deletion is never an orphan. Where a case is an orphan its messages are, unless an earlier row of it is in
-- force.
with cases as (
    select * from {{ ref('stg_cases') }}
),

messages as (
    select * from {{ ref('stg_messages') }}
),

episodes as (
    select episode_id from {{ ref('stg_episodes') }}
),

latest_cases as (
    select * from {{ ref('int_cases__latest') }}
),

orphan_cases as (
    select
        'cases' as feed,
        cases.delivery_month,
        cases.version,
        cases.file,
        cases.line,
        {{ json_row(case_row) }} as row  -- noqa: RF04
    from cases
    left join latest_cases on cases.case_id = latest_cases.case_id
    where
        not cases.is_deleted
        and cases.episode_id not in (select episodes.episode_id from episodes)
        and (latest_cases.case_id is null or cases.delivery_month > latest_cases.delivery_month)
),

messages_without_case as (
    select messages.*
    from messages
    where messages.case_id not in (select latest_cases.case_id from latest_cases)
),

good_rows as (
    select
        messages.message_id,
        max(messages.delivery_month) as delivery_month
    from messages
    where
        messages.message_id in (select messages_without_case.message_id from messages_without_case)
        and messages.case_id in (select latest_cases.case_id from latest_cases)
    group by messages.message_id
),

orphan_messages as (
    select
        'messages' as feed,
        messages.delivery_month,
        messages.version,
        messages.file,
        messages.line,
        {{ json_row(message_row) }} as row  -- noqa: RF04
    from messages_without_case as messages
    left join good_rows on messages.message_id = good_rows.message_id
    where good_rows.message_id is null or messages.delivery_month > good_rows.delivery_month
),

final as (
    select * from orphan_cases
    union all
    select * from orphan_messages
)

select * from final
