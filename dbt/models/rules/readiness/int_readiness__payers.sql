-- Who answers for an interval (rules §3). Payer: the municipality that decided a placement, else the case's
-- municipality, else the last stay's; `9999` where that is none, or no municipality on the date of the notice.
-- District: the case's, else the last stay's, where the payer has districts and is the municipality of registration
-- too, else `00`; `99` where it is unknown, was never the municipality's, or the identity is protected. Codes are as
-- delivered: what is shown of them depends on the date of the figure.
with intervals as (
    select * from {{ ref('int_readiness__intervals') }}
),

cases as (
    select * from {{ ref('int_cases__in_force') }}
),

spells as (
    select * from {{ ref('int_readiness__spells') }}
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

registered as (
    select
        intervals.interval_id,
        intervals.ready_on,
        coalesce(cases.municipality_code, spells.municipality_code) as registered_municipality_code,
        coalesce(cases.deciding_municipality_code, cases.municipality_code, spells.municipality_code)
            as payer_code,
        coalesce(cases.district_code, spells.district_code) as district_code,
        spells.is_protected
    from intervals
    inner join cases on intervals.case_id = cases.case_id
    inner join spells on intervals.spell_id = spells.spell_id
),

final as (
    select
        registered.interval_id,
        registered.payer_code as delivered_payer_code,
        coalesce(municipalities.municipality_code, '9999') as payer_municipality_code,
        case
            when
                municipalities_with_districts.municipality_code is null
                or coalesce(registered.payer_code <> registered.registered_municipality_code, true)
                or municipalities.municipality_code is null
                then '00'
            when registered.is_protected or districts.district_code is null then '99'
            else registered.district_code
        end as delivered_district_code
    from registered
    left join municipalities
        on
            registered.payer_code = municipalities.municipality_code
            and registered.ready_on >= municipalities.valid_from
            and registered.ready_on <= coalesce(municipalities.valid_to, cast('9999-12-31' as date))
    left join municipalities_with_districts
        on registered.payer_code = municipalities_with_districts.municipality_code
    left join districts
        on
            registered.payer_code = districts.municipality_code
            and registered.district_code = districts.district_code
)

select * from final
