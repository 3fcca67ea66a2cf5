-- What was invoiced for each payer, payment class and care month through the release month (rules §5), credits
-- included. A payer that is no municipality on the month's last date is `9999`: its lines are compared too, never lost.
-- Lines for a month after the release month wait for its release; lines for one before the region's first delivery have
-- none.
with lines as (
    select * from {{ ref('int_invoices__in_force') }}
),

months as (
    select * from {{ ref('int_months') }}
),

municipalities as (
    select * from {{ ref('ref_municipalities') }}
),

placed as (
    select
        months.month,
        coalesce(municipalities.municipality_code, '9999') as payer_municipality_code,
        lines.payment_class,
        lines.amount_sek,
        lines.dispute_status,
        coalesce(lines.dispute_step, 'none') as dispute_step
    from lines
    inner join months on lines.care_month = months.month
    left join municipalities
        on
            lines.municipality_code = municipalities.municipality_code
            and {{ in_force('municipalities', 'months.month_end') }}
),

final as (
    select
        month,
        payer_municipality_code,
        payment_class,
        dispute_status,
        dispute_step,
        cast(count(*) as integer) as lines,
        cast(sum(amount_sek) as decimal(14, 2)) as amount_sek
    from placed
    group by
        month,
        payer_municipality_code,
        payment_class,
        dispute_status,
        dispute_step
)

select * from final
