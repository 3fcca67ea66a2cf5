-- Rows add up to their total because every municipality and district, unknown ones too, is a row of its dimension.
with places as (
    select
        municipality_code,
        district_code,
        current_district_code
    from {{ ref('fct_spells') }}
    union
    select
        payer_municipality_code,
        district_code,
        current_district_code
    from {{ ref('fct_readiness_intervals') }}
    union
    select
        municipality_code,
        district_code,
        current_district_code
    from {{ ref('mart_ready_days_monthly') }}
),

districts as (
    select distinct
        municipality_code,
        district_code
    from {{ ref('dim_district') }}
)

select places.*
from places
left join districts as shown
    on places.municipality_code = shown.municipality_code and places.district_code = shown.district_code
left join districts as today
    on places.municipality_code = today.municipality_code and places.current_district_code = today.district_code
where shown.district_code is null or today.district_code is null
