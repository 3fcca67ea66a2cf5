with invoices as (
    select * from {{ source('bronze', 'invoices') }}
),

final as (
    select
        region_code,
        invoice_line_id,
        invoice_id,
        invoice_kind,
        invoice_date,
        municipality_code,
        care_month,
        payment_class,
        case_id,
        days,
        rate_sek,
        amount_sek,
        credits_invoice_id,
        dispute_status,
        dispute_step,
        delivery_month,
        version,
        file,
        line
    from invoices
)

select * from final
