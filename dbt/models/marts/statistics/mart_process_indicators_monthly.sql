with counted as (
    select * from {{ ref('int_process__monthly') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

final as (
    select
        candidate.region_code,
        counted.month,
        counted.municipality_code,
        counted.district_code,
        counted.current_district_code,
        counted.care_area,
        counted.sex,
        counted.age_band,
        counted.indicator,
        counted.numerator,
        counted.denominator,
        cast({{ half_up_ratio('counted.numerator', 'counted.denominator', 6) }} as decimal(9, 6)) as share
    from counted
    cross join candidate
)

select * from final
