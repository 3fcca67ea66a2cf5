-- One row per region (or SE), payment class (or all) and first day of a period with or without invoicing.
with invoicing_periods as (
    select * from {{ ref('ref_invoicing_periods') }}
),

final as (
    select
        region_code,
        payment_class,
        valid_from,
        valid_to,
        invoicing_active,
        status,
        source
    from invoicing_periods
)

select * from final
