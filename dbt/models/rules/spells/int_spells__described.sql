-- One row per spell (sammanhållen vårdepisod, rules §2): admission time and mode of the first stay; everything else of
-- the last. Age is in whole years at the discharge, or on the last day of the release month while the spell is open
-- (rules §8). A spell of one stay is that stay's row; only the few of several look up their first and last.
with stays as (
    select * from {{ ref('int_spells__reach') }}
),

joined_stays as (
    select * from {{ ref('int_spells__joined_stays') }}
),

joined_spells as (
    select * from {{ ref('int_spells__joined') }}
),

care_areas as (
    select * from {{ ref('ref_care_areas') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

last_stays as (
    select
        stays.*,
        coalesce(joined_stays.spell_id, stays.episode_id) as spell_id
    from stays
    left join joined_stays on stays.episode_id = joined_stays.episode_id
    where
        joined_stays.episode_id is null
        or stays.episode_id in (select joined_spells.last_episode_id from joined_spells)
),

final as (
    select
        last_stays.region_code,
        last_stays.spell_id,
        last_stays.episode_id as last_episode_id,
        last_stays.person_key,
        coalesce(joined_spells.stays, 1) as stays,
        coalesce(joined_spells.admitted_at, last_stays.admitted_at) as admitted_at,
        coalesce(joined_spells.admitted_on, last_stays.admitted_on) as admitted_on,
        coalesce(joined_spells.admission_mode, last_stays.admission_mode) as admission_mode,
        last_stays.discharged_at,
        last_stays.discharged_on,
        last_stays.discharged_at is null as is_open,
        last_stays.discharge_destination,
        last_stays.care_area,
        care_areas.payment_class,
        last_stays.hospital_id,
        last_stays.municipality_code,
        last_stays.district_code,
        coalesce(joined_spells.is_protected, last_stays.is_protected) as is_protected,
        last_stays.sex,
        coalesce(last_stays.discharged_on, candidate.month_end) as shown_on,
        {{ age_in_years('last_stays.birth_date', 'coalesce(last_stays.discharged_on, candidate.month_end)') }} as age
    from last_stays
    cross join candidate
    left join joined_spells on last_stays.spell_id = joined_spells.spell_id
    left join care_areas on last_stays.care_area = care_areas.care_area
)

select * from final
