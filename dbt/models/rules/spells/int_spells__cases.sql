-- The spell of each case that counts, with what the case takes from its own stay: care area, payment class and hospital
-- (rules §3), so that a later transfer does not change a month already billed.
with cases as (
    select
        case_id,
        episode_id
    from {{ ref('int_cases__in_force') }}
),

spell_stays as (
    select * from {{ ref('int_spells__stays') }}
),

stays as (
    select
        episode_id,
        care_area,
        hospital_id
    from {{ ref('int_episodes__in_force') }}
),

care_areas as (
    select * from {{ ref('ref_care_areas') }}
),

final as (
    select
        cases.case_id,
        cases.episode_id,
        spell_stays.spell_id,
        stays.care_area,
        care_areas.payment_class,
        stays.hospital_id
    from cases
    inner join spell_stays on cases.episode_id = spell_stays.episode_id
    inner join stays on cases.episode_id = stays.episode_id
    left join care_areas on stays.care_area = care_areas.care_area
)

select * from final
