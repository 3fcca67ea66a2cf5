with compared as (
    select * from {{ ref('int_reconciliation__compared') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

final as (
    select
        candidate.region_code,
        compared.month,
        compared.payer_municipality_code as municipality_code,
        compared.payment_class,
        compared.expected_amount,
        compared.invoiced_amount,
        compared.adjustment,
        compared.expected_at_release,
        compared.late_adjustment,
        compared.status,
        compared.lines,
        compared.disputed_lines,
        compared.disputed_amount
    from compared
    cross join candidate
)

select * from final
