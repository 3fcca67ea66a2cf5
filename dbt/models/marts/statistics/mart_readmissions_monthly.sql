with monthly as (
    select * from {{ ref('int_readmissions__monthly') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

final as (
    select
        candidate.region_code,
        monthly.month,
        monthly.municipality_code,
        monthly.district_code,
        monthly.current_district_code,
        monthly.care_area,
        monthly.sex,
        monthly.age_band,
        monthly.population,
        cast(sum(monthly.index_discharges) as integer) as index_discharges,
        cast(sum(monthly.readmissions) as integer) as readmissions,
        monthly.status
    from monthly
    cross join candidate
    group by
        candidate.region_code,
        monthly.month,
        monthly.municipality_code,
        monthly.district_code,
        monthly.current_district_code,
        monthly.care_area,
        monthly.sex,
        monthly.age_band,
        monthly.population,
        monthly.status
)

select * from final
