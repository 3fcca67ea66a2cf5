-- The spells with where the person is registered, by the last stay (rules §2 and §8). Municipality: `9999` where none
-- is known on the day the spell ended, or on the last day of the release month. District: `00` where the municipality
-- has none; `99` where it is unknown, was never the municipality's, or the identity is protected. Codes are as
-- delivered: what is shown of them depends on the date of the figure.
with spells as (
    select * from {{ ref('int_spells__described') }}
),

municipalities as (
    select * from {{ ref('ref_municipalities') }}
),

districts as (
    select distinct
        municipality_code,
        district_code
    from {{ ref('ref_districts') }}
),

municipalities_with_districts as (
    select distinct municipality_code from districts
),

final as (
    select
        spells.region_code,
        spells.spell_id,
        spells.last_episode_id,
        spells.person_key,
        spells.stays,
        spells.admitted_at,
        spells.admitted_on,
        spells.admission_mode,
        spells.discharged_at,
        spells.discharged_on,
        spells.is_open,
        spells.discharge_destination,
        spells.care_area,
        spells.payment_class,
        spells.hospital_id,
        spells.municipality_code,
        spells.district_code,
        spells.is_protected,
        spells.sex,
        spells.shown_on,
        spells.age,
        coalesce(municipalities.municipality_code, '9999') as shown_municipality_code,
        case
            when
                municipalities_with_districts.municipality_code is null
                or municipalities.municipality_code is null
                then '00'
            when spells.is_protected or districts.district_code is null then '99'
            else spells.district_code
        end as delivered_district_code
    from spells
    left join municipalities
        on
            spells.municipality_code = municipalities.municipality_code
            and spells.shown_on >= municipalities.valid_from
            and spells.shown_on <= coalesce(municipalities.valid_to, cast('9999-12-31' as date))
    left join municipalities_with_districts
        on spells.municipality_code = municipalities_with_districts.municipality_code
    left join districts
        on spells.municipality_code = districts.municipality_code and spells.district_code = districts.district_code
)

select * from final
