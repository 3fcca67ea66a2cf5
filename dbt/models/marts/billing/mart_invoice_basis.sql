with owed as (
    select * from {{ ref('int_responsibility__monthly') }}
    where days > 0
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

final as (
    select
        candidate.region_code,
        owed.month,
        owed.payer_municipality_code as municipality_code,
        owed.payment_class,
        owed.agreement_id,
        owed.interval_id,
        owed.sek_per_day,
        owed.days,
        owed.amount,
        owed.invoicing_active,
        case when owed.invoicing_active then owed.amount end as amount_to_invoice,
        owed.rule
    from owed
    cross join candidate
)

select * from final
