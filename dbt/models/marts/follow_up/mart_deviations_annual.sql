with deviations as (
    select * from {{ ref('int_annual__deviations') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

places as (
    select true as is_county
    union all
    select false as is_county
),

details as (
    select 'all' as detail
    union all
    select 'category' as detail
    union all
    select 'each' as detail
),

placed as (
    select
        candidate.region_code,
        deviations.year,
        case when places.is_county then candidate.region_code else deviations.municipality_code end
            as municipality_code,
        case when details.detail = 'all' then 'all' else deviations.category end as category,
        case when details.detail = 'each' then deviations.severity else 'all' end as severity,
        case when details.detail = 'each' then deviations.reporting_party else 'all' end as reporting_party,
        deviations.is_closed,
        deviations.days_to_close,
        deviations.is_at_steering_group,
        deviations.is_at_vis
    from deviations
    cross join candidate
    cross join places
    cross join details
),

final as (
    select
        region_code,
        year,
        municipality_code,
        category,
        severity,
        reporting_party,
        cast(count(*) as integer) as deviations,
        cast(sum(is_closed) as integer) as closed,
        cast(median(days_to_close) as decimal(12, 4)) as median_days_to_close,
        cast(sum(is_at_steering_group) as integer) as escalated_to_steering_group,
        cast(sum(is_at_vis) as integer) as escalated_to_vis
    from placed
    group by
        region_code,
        year,
        municipality_code,
        category,
        severity,
        reporting_party
)

select * from final
