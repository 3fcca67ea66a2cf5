-- The deviations that count: of each key the latest month's row.
with deviations as (
    select * from {{ ref('stg_deviations') }}
),

repeated as (
    select
        deviation_id,
        max(delivery_month) as latest_month
    from deviations
    group by deviation_id
    having count(*) > 1
),

final as (
    select
        deviations.region_code,
        deviations.deviation_id,
        deviations.reported_on,
        deviations.reporting_party,
        deviations.municipality_code,
        deviations.district_code,
        deviations.case_id,
        deviations.category,
        deviations.severity,
        deviations.status,
        deviations.closed_on,
        deviations.escalation_step,
        deviations.delivery_month
    from deviations
    left join repeated on deviations.deviation_id = repeated.deviation_id
    where deviations.delivery_month = coalesce(repeated.latest_month, deviations.delivery_month)
)

select * from final
