with frozen_amounts as (
    select * from {{ source('released', 'frozen_amounts') }}
),

final as (
    select
        care_month,
        municipality_code,
        payment_class,
        expected_amount
    from frozen_amounts
)

select * from final
