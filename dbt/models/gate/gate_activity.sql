-- What happened in each of the months judged, by hospital, municipality of registration and care area of the stay:
-- admissions and discharges by their date, cases by their stay's admission, ready notices by the day they were sent.
with months as (
    select * from {{ ref('gate_months') }}
),

-- Each count reads its tables itself: a CTE of all stays that several read would be laid down whole.
admissions as (
    select
        'stays_admitted' as measure,
        {{ first_of_month('admitted_on') }} as in_month,
        hospital_id,
        coalesce(municipality_code, 'none') as municipality_code,
        care_area,
        count(*) as amount
    from {{ ref('int_episodes__in_force') }}
    group by all
),

discharges as (
    select
        'stays_discharged' as measure,
        {{ first_of_month('discharged_on') }} as in_month,
        hospital_id,
        coalesce(municipality_code, 'none') as municipality_code,
        care_area,
        count(*) as amount
    from {{ ref('int_episodes__in_force') }}
    where discharged_on is not null
    group by all
),

opened_cases as (
    select
        'cases' as measure,
        {{ first_of_month('stays.admitted_on') }} as in_month,
        stays.hospital_id,
        coalesce(stays.municipality_code, 'none') as municipality_code,
        stays.care_area,
        count(*) as amount
    from {{ ref('int_cases__in_force') }} as cases
    inner join {{ ref('int_episodes__in_force') }} as stays on cases.episode_id = stays.episode_id
    group by all
),

ready_notices as (
    select
        'ready_notices' as measure,
        {{ first_of_month('messages.sent_on') }} as in_month,
        stays.hospital_id,
        coalesce(stays.municipality_code, 'none') as municipality_code,
        stays.care_area,
        count(*) as amount
    from {{ ref('int_messages__in_force') }} as messages
    inner join {{ ref('int_cases__in_force') }} as cases on messages.case_id = cases.case_id
    inner join {{ ref('int_episodes__in_force') }} as stays on cases.episode_id = stays.episode_id
    where messages.message_type = 'ready_notice' and not messages.is_voided
    group by all
),

happened as (
    select * from admissions
    union all
    select * from discharges
    union all
    select * from opened_cases
    union all
    select * from ready_notices
),

final as (
    select
        happened.measure,
        months.month,
        months.months_ago,
        happened.hospital_id,
        happened.municipality_code,
        happened.care_area,
        happened.amount
    from happened
    inner join months on happened.in_month = months.month
)

select * from final
