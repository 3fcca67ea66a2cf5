-- What the reconciliation leaves unexplained (criterion reconciliation_remainder): kronor between expected and invoiced
-- for a payer's care month, each payment class by itself so that plus does not cancel minus. Measured where anything
-- was expected or invoiced while invoicing was active. A care month is invoiced after its own release, so the release
-- month is not measured yet. A missing rate leaves the expected amount, and with it the value, unknown.
with compared as (
    select * from {{ ref('int_reconciliation__compared') }}
    where is_rate_missing or expected_amount <> 0 or lines > 0
),

rates as (
    select
        date_on,
        payment_class
    from {{ ref('int_rates__by_date') }}
    where invoicing_active
),

months as (
    select * from {{ ref('int_months') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

final as (
    select
        compared.month,
        'municipality' as unit_type,
        compared.payer_municipality_code as unit_id,
        'reconciliation_remainder' as criterion,
        cast(
            case when count(*) = count(compared.adjustment) then sum(abs(compared.adjustment)) end as decimal(18, 6)
        ) as value,
        count(*) as observations
    from compared
    inner join months on compared.month = months.month
    inner join candidate on months.month < candidate.month
    inner join rates on months.month_end = rates.date_on and compared.payment_class = rates.payment_class
    group by
        compared.month,
        compared.payer_municipality_code
)

select * from final
