-- The stays that count: of each key the latest month's row, unless that row deletes it. Stays admitted after the last
-- day of the release month are left for the next release. Persons are those at the end of the identity links.
-- Only keys that came more than once need the latest month, so that the many that came once pass by a small table.
with episodes as (
    select * from {{ ref('stg_episodes') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

linked_persons as (
    select * from {{ ref('int_persons__linked') }}
),

repeated as (
    select
        episode_id,
        max(delivery_month) as latest_month
    from episodes
    group by episode_id
    having count(*) > 1
),

final as (
    select
        episodes.region_code,
        episodes.episode_id,
        coalesce(linked_persons.person_key, episodes.person_key) as person_key,
        episodes.birth_date,
        episodes.sex,
        episodes.municipality_code,
        episodes.district_code,
        episodes.hospital_id,
        episodes.clinic_code,
        episodes.care_area,
        episodes.is_protected,
        episodes.admission_mode,
        episodes.admitted_at,
        episodes.admitted_on,
        episodes.discharged_at,
        episodes.discharged_on,
        episodes.discharge_destination
    from episodes
    inner join candidate on episodes.admitted_on <= candidate.month_end
    left join repeated on episodes.episode_id = repeated.episode_id
    left join linked_persons on episodes.person_key = linked_persons.old_person_key
    where
        not episodes.is_deleted
        and episodes.delivery_month = coalesce(repeated.latest_month, episodes.delivery_month)
)

select * from final
