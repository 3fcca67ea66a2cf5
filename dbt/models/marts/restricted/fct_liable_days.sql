with liable_days as (
    select * from {{ ref('int_responsibility__liable_days') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

final as (
    select
        candidate.region_code,
        liable_days.interval_id,
        liable_days.liable_on,
        liable_days.payer_municipality_code,
        liable_days.payment_class,
        liable_days.sek_per_day,
        liable_days.invoicing_active
    from liable_days
    cross join candidate
)

select * from final
