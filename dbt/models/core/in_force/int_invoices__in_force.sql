-- The invoice lines that count: of each key the latest month's row. Lines for months after the release month are here
-- too.
with invoices as (
    select * from {{ ref('stg_invoices') }}
),

repeated as (
    select
        invoice_line_id,
        max(delivery_month) as latest_month
    from invoices
    group by invoice_line_id
    having count(*) > 1
),

final as (
    select
        invoices.region_code,
        invoices.invoice_line_id,
        invoices.invoice_id,
        invoices.invoice_kind,
        invoices.invoice_date,
        invoices.municipality_code,
        invoices.care_month,
        invoices.payment_class,
        invoices.case_id,
        invoices.days,
        invoices.rate_sek,
        invoices.amount_sek,
        invoices.credits_invoice_id,
        invoices.dispute_status,
        invoices.dispute_step,
        invoices.delivery_month
    from invoices
    left join repeated on invoices.invoice_line_id = repeated.invoice_line_id
    where invoices.delivery_month = coalesce(repeated.latest_month, invoices.delivery_month)
)

select * from final
