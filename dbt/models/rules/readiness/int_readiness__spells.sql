-- The spells that have a case: all that readiness needs of a spell, a fraction of them all, kept once.
with spells as (
    select * from {{ ref('int_spells') }}
),

spell_cases as (
    select spell_id from {{ ref('int_spells__cases') }}
),

final as (
    select
        region_code,
        spell_id,
        admitted_at,
        discharged_at,
        discharged_on,
        discharge_destination,
        municipality_code,
        district_code,
        is_protected,
        sex,
        age
    from spells
    where spell_id in (select spell_cases.spell_id from spell_cases)
)

select * from final
