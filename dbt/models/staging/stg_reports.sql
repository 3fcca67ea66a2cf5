with reports as (
    select * from {{ source('bronze', 'reports') }}
),

final as (
    select
        region_code,
        delivery_month,
        version,
        feed,
        file,
        rule,
        rows
    from reports
)

select * from final
