-- Whose each case is: the hospital of its stay, and its payer as rules §3 has it for an interval (the municipality that
-- decided a placement, else the case's, else that of the spell's last stay; `9999` where that is none, or no
-- municipality on the day the spell ended, or on the last day of the release month while it is open). Of a spell with
-- several cases the one of its latest stay answers for the discharge: a ward that sent the patient on is not asked for
-- the notice of the next.
with cases as (
    select * from {{ ref('int_cases__in_force') }}
),

spell_cases as (
    select
        case_id,
        episode_id,
        spell_id,
        hospital_id
    from {{ ref('int_spells__cases') }}
),

spells as (
    select * from {{ ref('int_readiness__spells') }}
),

stays as (
    select
        episode_id,
        admitted_at
    from {{ ref('int_episodes__in_force') }}
),

municipalities as (
    select * from {{ ref('ref_municipalities') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

spells_with_several as (
    select spell_id
    from spell_cases
    group by spell_id
    having count(*) > 1
),

-- Most spells have one case: only the others look up when their stays began.
ordered as (
    select
        spell_cases.case_id,
        row_number() over (
            partition by spell_cases.spell_id order by stays.admitted_at desc, spell_cases.case_id desc
        ) as latest_first
    from spell_cases
    inner join spells_with_several on spell_cases.spell_id = spells_with_several.spell_id
    inner join stays on spell_cases.episode_id = stays.episode_id
),

final as (
    select
        spell_cases.case_id,
        spell_cases.spell_id,
        spell_cases.hospital_id,
        coalesce(municipalities.municipality_code, '9999') as payer_municipality_code,
        coalesce(ordered.latest_first, 1) = 1 as is_latest_of_spell,
        spells.admitted_at,
        spells.discharged_on,
        spells.discharge_destination
    from spell_cases
    inner join cases on spell_cases.case_id = cases.case_id
    inner join spells on spell_cases.spell_id = spells.spell_id
    cross join candidate
    left join ordered on spell_cases.case_id = ordered.case_id
    left join municipalities
        on
            coalesce(cases.deciding_municipality_code, cases.municipality_code, spells.municipality_code)
            = municipalities.municipality_code
            and {{ in_force('municipalities', 'coalesce(spells.discharged_on, candidate.month_end)') }}
)

select * from final
