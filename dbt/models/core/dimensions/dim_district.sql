-- One row per municipality and district code: every area with the area it is part of today, `00` (no district, or not
-- the payer's own resident) for every municipality, and `99` (unknown) for those that have districts.
with districts as (
    select * from {{ ref('ref_districts') }}
),

municipalities as (
    select * from {{ ref('dim_municipality') }}
),

current_areas as (
    select
        municipality_code,
        district_code,
        shown_district_code
    from {{ ref('int_district_chain') }}
    where is_current
),

areas as (
    select
        districts.municipality_code,
        districts.district_code,
        districts.name,
        districts.valid_from,
        districts.valid_to,
        current_areas.shown_district_code as current_district_code
    from districts
    inner join current_areas
        on
            districts.municipality_code = current_areas.municipality_code
            and districts.district_code = current_areas.district_code
),

without_district as (
    select
        municipality_code,
        '00' as district_code,
        'Inget stadsdelsområde' as name,
        valid_from,
        valid_to,
        '00' as current_district_code
    from municipalities
),

unknown_district as (
    select
        municipality_code,
        '99' as district_code,
        'Okänt stadsdelsområde' as name,
        valid_from,
        valid_to,
        '99' as current_district_code
    from municipalities
    where has_districts
),

final as (
    select * from areas
    union all
    select * from without_district
    union all
    select * from unknown_district
)

select * from final
