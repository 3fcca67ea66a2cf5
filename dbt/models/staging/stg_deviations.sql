with deviations as (
    select * from {{ source('bronze', 'deviations') }}
),

final as (
    select
        region_code,
        deviation_id,
        reported_on,
        reporting_party,
        municipality_code,
        district_code,
        case_id,
        category,
        severity,
        status,
        closed_on,
        escalation_step,
        delivery_month,
        version,
        file,
        line
    from deviations
)

select * from final
