with invoiced as (
    select * from {{ ref('int_reconciliation__invoiced') }}
    where dispute_status <> 'none'
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

final as (
    select
        candidate.region_code,
        invoiced.month,
        invoiced.payer_municipality_code as municipality_code,
        invoiced.payment_class,
        invoiced.dispute_status,
        invoiced.dispute_step,
        invoiced.lines,
        invoiced.amount_sek
    from invoiced
    cross join candidate
)

select * from final
