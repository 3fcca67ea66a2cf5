with spells as (
    select * from {{ ref('int_spells') }}
),

final as (
    select
        spells.region_code,
        spells.spell_id,
        spells.person_key,
        spells.stays,
        spells.admitted_at,
        spells.admission_mode,
        spells.discharged_at,
        spells.is_open,
        spells.discharge_destination,
        spells.care_area,
        spells.payment_class,
        spells.hospital_id,
        spells.shown_municipality_code as municipality_code,
        {{ shown_district('spells') }},
        spells.sex,
        spells.age,
        {{ age_band('spells.age') }} as age_band
    from spells
    {{ join_shown_districts('spells', 'shown_municipality_code', 'spells.shown_on') }}
)

select * from final
