-- Per case the row that is in force or deletes it: the latest month's among those that are no orphans. A row is an
-- orphan when no delivery up to the release month holds its stay; a deletion needs no stay. A correction that is an
-- orphan so leaves the earlier row in force, and a case with a row here is a parent to its messages.
with cases as (
    select * from {{ ref('stg_cases') }}
),

episodes as (
    select episode_id from {{ ref('stg_episodes') }}
),

judged as (
    select
        case_id,
        episode_id,
        is_deleted,
        delivery_month
    from cases
    where is_deleted or episode_id in (select episodes.episode_id from episodes)
),

repeated as (
    select
        case_id,
        max(delivery_month) as latest_month
    from judged
    group by case_id
    having count(*) > 1
),

final as (
    select
        judged.case_id,
        judged.episode_id,
        judged.is_deleted,
        judged.delivery_month
    from judged
    left join repeated on judged.case_id = repeated.case_id
    where judged.delivery_month = coalesce(repeated.latest_month, judged.delivery_month)
)

select * from final
