-- One row: the indicators that the plan of the annual follow-up has for the year after the release month's, by the
-- region's own rows and those of all regions.
with candidate as (
    select
        *,
        cast(extract(year from month) as integer) as year,
        cast(extract(month from month) as integer) as month_of_year
    from {{ ref('stg_candidate') }}
),

plan as (
    select * from {{ ref('dim_follow_up_plan') }}
),

final as (
    select
        candidate.region_code,
        candidate.month,
        candidate.month_of_year,
        candidate.year + 1 as planned_year,
        cast(count(distinct plan.indicator_id) as integer) as planned_indicators
    from candidate
    left join plan on candidate.year + 1 = plan.year and plan.region_code in (candidate.region_code, 'SE')
    group by
        candidate.region_code,
        candidate.month,
        candidate.month_of_year,
        candidate.year
)

select * from final
