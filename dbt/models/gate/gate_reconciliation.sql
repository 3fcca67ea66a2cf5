-- One row per care month that figures are published for: what the reconciliation compares beside its two sources, the
-- payment responsibility and the invoice lines in force, and how many of its rows do not match. Months with a missing
-- rate are compared without the payers whose rate is missing.
with months as (
    select * from {{ ref('int_months') }}
),

reconciled as (
    select * from {{ ref('mart_invoice_reconciliation') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

rate_missing as (
    select
        month,
        municipality_code,
        payment_class
    from reconciled
    where status = 'rate_missing'
),

owed as (
    select
        responsibility.month,
        sum(responsibility.amount_to_invoice) as amount
    from {{ ref('mart_payment_responsibility_monthly') }} as responsibility
    left join rate_missing
        on
            responsibility.month = rate_missing.month
            and responsibility.municipality_code = rate_missing.municipality_code
            and responsibility.payment_class = rate_missing.payment_class
    where rate_missing.month is null
    group by responsibility.month
),

invoiced as (
    select
        care_month,
        count(*) as lines,
        sum(amount_sek) as amount
    from {{ ref('int_invoices__in_force') }}
    group by care_month
),

compared as (
    select
        month,
        count(*) as rows_compared,
        count(*) filter (where status = 'matched') as rows_matched,
        count(*) filter (where status = 'rate_missing') as rows_rate_missing,
        sum(lines) as lines,
        sum(expected_amount) as expected_amount,
        sum(invoiced_amount) as invoiced_amount,
        sum(expected_amount - invoiced_amount - adjustment) as unexplained_amount,
        sum(late_adjustment) as late_adjustment
    from reconciled
    group by month
),

final as (
    select
        candidate.region_code,
        months.month,
        months.month = candidate.month as is_release_month,
        cast(coalesce(compared.rows_compared, 0) as bigint) as rows_compared,
        cast(coalesce(compared.rows_compared - compared.rows_matched - compared.rows_rate_missing, 0) as bigint)
            as rows_differing,
        cast(coalesce(compared.rows_rate_missing, 0) as bigint) as rows_rate_missing,
        cast(coalesce(compared.expected_amount, 0) as decimal(18, 2)) as expected_amount,
        cast(coalesce(compared.invoiced_amount, 0) as decimal(18, 2)) as invoiced_amount,
        cast(coalesce(compared.late_adjustment, 0) as decimal(18, 2)) as late_adjustment,
        cast(
            abs(coalesce(compared.unexplained_amount, 0))
            + abs(coalesce(owed.amount, 0) - coalesce(compared.expected_amount, 0))
            + abs(coalesce(invoiced.amount, 0) - coalesce(compared.invoiced_amount, 0))
            + abs(coalesce(invoiced.lines, 0) - coalesce(compared.lines, 0)) as decimal(18, 2)
        ) as unexplained_amount
    from months
    cross join candidate
    left join compared on months.month = compared.month
    left join owed on months.month = owed.month
    left join invoiced on months.month = invoiced.care_month
)

select * from final
