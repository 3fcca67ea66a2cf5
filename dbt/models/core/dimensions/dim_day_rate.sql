-- One row per region (or SE), payment class (or all) and first day of a rate.
with day_rates as (
    select * from {{ ref('ref_day_rates') }}
),

final as (
    select
        region_code,
        payment_class,
        valid_from,
        valid_to,
        sek_per_day,
        status,
        source
    from day_rates
)

select * from final
