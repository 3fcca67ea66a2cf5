-- Where each quarantined row of stays, cases and messages belongs: by itself, else by its case and by its stay, loaded
-- or quarantined, since most orphans are the children of a quarantined row. Of a case or stay that came more than once
-- the newest row speaks. Where nothing names the hospital, or a municipality, it is null.
with told as (
    select * from {{ ref('int_delivered__told') }}
),

cases as (
    select * from {{ ref('stg_cases') }}
),

episodes as (
    select * from {{ ref('stg_episodes') }}
),

children as (
    select case_id
    from told
    where feed = 'messages'
),

parent_cases as (
    select
        case_id,
        episode_id,
        deciding_municipality_code,
        municipality_code,
        delivery_month,
        line
    from told
    where feed = 'cases'
    union all
    select
        case_id,
        episode_id,
        deciding_municipality_code,
        municipality_code,
        delivery_month,
        line
    from cases
    where case_id in (select children.case_id from children)
),

newest_cases as (
    select
        *,
        row_number() over (partition by case_id order by delivery_month desc, line desc) as newest_first
    from parent_cases
),

with_case as (
    select
        told.outcome,
        told.feed,
        told.delivery_month,
        told.file,
        told.line,
        told.hospital_id,
        coalesce(told.episode_id, newest_cases.episode_id) as episode_id,
        coalesce(told.deciding_municipality_code, newest_cases.deciding_municipality_code)
            as deciding_municipality_code,
        case when told.feed = 'cases' then told.municipality_code else newest_cases.municipality_code end
            as case_municipality_code,
        case when told.feed = 'episodes' then told.municipality_code end as stay_municipality_code
    from told
    left join newest_cases
        on told.feed = 'messages' and told.case_id = newest_cases.case_id and newest_cases.newest_first = 1
),

parent_stays as (
    select
        episode_id,
        hospital_id,
        municipality_code,
        delivery_month,
        line
    from told
    where feed = 'episodes' and hospital_id is not null
    union all
    select
        episode_id,
        hospital_id,
        municipality_code,
        delivery_month,
        line
    from episodes
    where episode_id in (select with_case.episode_id from with_case)
),

newest_stays as (
    select
        *,
        row_number() over (partition by episode_id order by delivery_month desc, line desc) as newest_first
    from parent_stays
),

final as (
    select
        with_case.outcome,
        with_case.feed,
        with_case.delivery_month,
        with_case.file,
        with_case.line,
        coalesce(with_case.hospital_id, newest_stays.hospital_id) as hospital_id,
        with_case.deciding_municipality_code,
        with_case.case_municipality_code,
        coalesce(with_case.stay_municipality_code, newest_stays.municipality_code) as stay_municipality_code
    from with_case
    left join newest_stays on with_case.episode_id = newest_stays.episode_id and newest_stays.newest_first = 1
)

select * from final
