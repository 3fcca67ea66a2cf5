-- One row per municipality, and one for `9999`: figures of a payer that is not known to be a municipality (rules §8).
with municipalities as (
    select * from {{ ref('ref_municipalities') }}
),

with_districts as (
    select distinct municipality_code from {{ ref('ref_districts') }}
),

known as (
    select
        municipalities.municipality_code,
        municipalities.name,
        municipalities.municipality_code || ' ' || municipalities.name as display_name,
        municipalities.region_code,
        municipalities.valid_from,
        municipalities.valid_to,
        with_districts.municipality_code is not null as has_districts
    from municipalities
    left join with_districts on municipalities.municipality_code = with_districts.municipality_code
),

unknown as (
    select
        '9999' as municipality_code,
        'Okänd kommun' as name,
        'Okänd kommun' as display_name,
        cast(null as {{ dbt.type_string() }}) as region_code,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to,
        false as has_districts
),

final as (
    select * from known
    union all
    select * from unknown
)

select * from final
