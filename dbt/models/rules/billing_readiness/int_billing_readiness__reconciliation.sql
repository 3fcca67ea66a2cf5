-- What the reconciliation leaves unexplained (criterion reconciliation_remainder): kronor between expected and invoiced
-- for a payer's care month, each payment class by itself so that plus does not cancel minus. Measured where anything
-- was expected or invoiced while invoicing was active. A care month is invoiced after its own release, so the release
-- month is not measured yet. A missing rate leaves the expected amount, and with it the value, unknown.
with expected as (
    select * from {{ ref('int_reconciliation__expected') }}
),

invoiced as (
    select
        month,
        payer_municipality_code,
        payment_class,
        sum(amount_sek) as invoiced_amount
    from {{ ref('int_reconciliation__invoiced') }}
    group by
        month,
        payer_municipality_code,
        payment_class
),

rates as (
    select
        date_on,
        payment_class,
        invoicing_active
    from {{ ref('int_rates__by_date') }}
),

months as (
    select * from {{ ref('int_months') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

compared_keys as (
    select
        month,
        payer_municipality_code,
        payment_class
    from expected
    where is_rate_missing or expected_amount <> 0
    union distinct
    select
        month,
        payer_municipality_code,
        payment_class
    from invoiced
),

compared as (
    select
        compared_keys.month,
        compared_keys.payer_municipality_code,
        coalesce(expected.is_rate_missing, false) as is_rate_missing,
        abs(coalesce(expected.expected_amount, 0) - coalesce(invoiced.invoiced_amount, 0)) as sek_apart
    from compared_keys
    inner join months on compared_keys.month = months.month
    inner join candidate on months.month < candidate.month
    inner join rates
        on
            months.month_end = rates.date_on
            and compared_keys.payment_class = rates.payment_class
            and rates.invoicing_active
    left join expected
        on
            compared_keys.month = expected.month
            and compared_keys.payer_municipality_code = expected.payer_municipality_code
            and compared_keys.payment_class = expected.payment_class
    left join invoiced
        on
            compared_keys.month = invoiced.month
            and compared_keys.payer_municipality_code = invoiced.payer_municipality_code
            and compared_keys.payment_class = invoiced.payment_class
),

final as (
    select
        month,
        'municipality' as unit_type,
        payer_municipality_code as unit_id,
        'reconciliation_remainder' as criterion,
        cast(case when count(*) filter (where is_rate_missing) = 0 then sum(sek_apart) end as decimal(18, 6)) as value,
        count(*) as observations
    from compared
    group by
        month,
        payer_municipality_code
)

select * from final
