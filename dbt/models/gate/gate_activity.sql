-- What happened in each of the months judged, by hospital, municipality of registration and care area of the stay:
-- admissions and discharges by their date, cases by their stay's admission, ready notices by the day they were sent.
with months as (
    select * from {{ ref('gate_months') }}
),

stays as (
    select
        episode_id,
        hospital_id,
        coalesce(municipality_code, 'none') as municipality_code,
        care_area,
        {{ first_of_month('admitted_on') }} as admitted_month,
        {{ first_of_month('discharged_on') }} as discharged_month
    from {{ ref('int_episodes__in_force') }}
),

cases as (
    select
        case_id,
        episode_id
    from {{ ref('int_cases__in_force') }}
),

ready_notices as (
    select
        case_id,
        {{ first_of_month('sent_on') }} as sent_month
    from {{ ref('int_messages__in_force') }}
    where message_type = 'ready_notice' and not is_voided
),

happened as (
    select
        'stays_admitted' as measure,
        admitted_month as in_month,
        hospital_id,
        municipality_code,
        care_area,
        count(*) as amount
    from stays
    group by all
    union all
    select
        'stays_discharged' as measure,
        discharged_month as in_month,
        hospital_id,
        municipality_code,
        care_area,
        count(*) as amount
    from stays
    group by all
    union all
    select
        'cases' as measure,
        stays.admitted_month as in_month,
        stays.hospital_id,
        stays.municipality_code,
        stays.care_area,
        count(*) as amount
    from cases
    inner join stays on cases.episode_id = stays.episode_id
    group by all
    union all
    select
        'ready_notices' as measure,
        ready_notices.sent_month as in_month,
        stays.hospital_id,
        stays.municipality_code,
        stays.care_area,
        count(*) as amount
    from ready_notices
    inner join cases on ready_notices.case_id = cases.case_id
    inner join stays on cases.episode_id = stays.episode_id
    group by all
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
