-- One row per region.
with regions as (
    select * from {{ ref('ref_regions') }}
),

final as (
    select
        region_code,
        name,
        county_name
    from regions
)

select * from final
