-- The cases that count: the row in force, not deleted, of a stay that counts. A case whose stay was deleted or is left
-- for the next release counts nowhere, and is no orphan.
with cases as (
    select * from {{ ref('stg_cases') }}
),

latest_cases as (
    select * from {{ ref('int_cases__latest') }}
),

episodes as (
    select episode_id from {{ ref('int_episodes__in_force') }}
),

counted as (
    select
        latest_cases.case_id,
        latest_cases.delivery_month
    from latest_cases
    inner join episodes on latest_cases.episode_id = episodes.episode_id
    where not latest_cases.is_deleted
),

final as (
    select
        cases.region_code,
        cases.case_id,
        cases.episode_id,
        cases.source_system,
        cases.municipality_code,
        cases.district_code,
        cases.deciding_municipality_code,
        cases.sip_required,
        cases.open_care_available,
        cases.measures_declined,
        cases.coordinated_care_plan,
        cases.delivery_month
    from cases
    inner join counted
        on cases.case_id = counted.case_id and cases.delivery_month = counted.delivery_month
)

select * from final
