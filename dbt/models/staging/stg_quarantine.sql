with quarantine as (
    select * from {{ source('bronze', 'quarantine') }}
),

final as (
    select
        region_code,
        delivery_month,
        version,
        feed,
        file,
        line,
        reasons,
        row
    from quarantine
)

select * from final
