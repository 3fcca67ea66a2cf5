with frozen_months as (
    select * from {{ source('released', 'frozen_months') }}
),

final as (
    select
        care_month,
        release
    from frozen_months
)

select * from final
