-- Open stays of a person who was admitted again on a later date: most likely a discharge that was never sent (rules
-- §2). Each counts as discharged, `other`, at that next admission, and is reported here. An admission on the same
-- date does not end it.
with stays as (
    select
        episode_id,
        person_key,
        admitted_at,
        admitted_on,
        discharged_at
    from {{ ref('int_episodes__in_force') }}
),

open_stays as (
    select
        episode_id,
        person_key,
        admitted_on
    from stays
    where discharged_at is null
),

next_admissions as (
    select
        open_stays.episode_id,
        min(stays.admitted_at) as next_admitted_at,
        min(stays.admitted_on) as next_admitted_on
    from stays
    inner join open_stays
        on stays.person_key = open_stays.person_key and stays.admitted_on > open_stays.admitted_on
    group by open_stays.episode_id
),

final as (
    select
        episode_id,
        next_admitted_at as discharged_at,
        next_admitted_on as discharged_on,
        'other' as discharge_destination
    from next_admissions
)

select * from final
