-- How many rows of stays each delivery brought by hospital and municipality, and of cases and messages by case: what
-- the quarantined rows are a share of. A row that a later delivery repeats or replaces counts in both.
with episodes as (
    select * from {{ ref('stg_episodes') }}
),

cases as (
    select * from {{ ref('stg_cases') }}
),

messages as (
    select * from {{ ref('stg_messages') }}
),

final as (
    select
        'episodes' as feed,
        delivery_month,
        hospital_id,
        municipality_code,
        cast(null as {{ dbt.type_string() }}) as case_id,
        count(*) as delivered_rows
    from episodes
    group by
        delivery_month,
        hospital_id,
        municipality_code
    union all
    select
        'cases' as feed,
        delivery_month,
        cast(null as {{ dbt.type_string() }}) as hospital_id,
        cast(null as {{ dbt.type_string() }}) as municipality_code,
        case_id,
        1 as delivered_rows
    from cases
    union all
    select
        'messages' as feed,
        delivery_month,
        cast(null as {{ dbt.type_string() }}) as hospital_id,
        cast(null as {{ dbt.type_string() }}) as municipality_code,
        case_id,
        1 as delivered_rows
    from messages
)

select * from final
