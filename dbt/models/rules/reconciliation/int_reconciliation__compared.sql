-- What was to be invoiced against what was, for each payer, payment class and care month that has any of it (rules §5),
-- and the one class of each difference, the first that applies. A frozen month is one whose own release said in time
-- what is owed: nothing where it has no row. What it said stays on record, also where nothing is owed any longer.
with expected as (
    select * from {{ ref('int_reconciliation__expected') }}
),

invoiced as (
    select
        month,
        payer_municipality_code,
        payment_class,
        sum(lines) as lines,
        sum(amount_sek) as invoiced_amount,
        coalesce(sum(lines) filter (where dispute_status = 'disputed'), 0) as disputed_lines,
        coalesce(sum(amount_sek) filter (where dispute_status = 'disputed'), 0) as disputed_amount
    from {{ ref('int_reconciliation__invoiced') }}
    group by
        month,
        payer_municipality_code,
        payment_class
),

frozen_months as (
    select * from {{ ref('stg_frozen_months') }}
),

frozen_amounts as (
    select * from {{ ref('stg_frozen_amounts') }}
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
    union distinct
    select
        care_month as month,
        municipality_code as payer_municipality_code,
        payment_class
    from frozen_amounts
    where expected_amount <> 0
),

compared as (
    select
        compared_keys.month,
        compared_keys.payer_municipality_code,
        compared_keys.payment_class,
        coalesce(expected.is_rate_missing, false) as is_rate_missing,
        case when not coalesce(expected.is_rate_missing, false) then coalesce(expected.expected_amount, 0) end
            as expected_amount,
        coalesce(invoiced.invoiced_amount, 0) as invoiced_amount,
        coalesce(invoiced.lines, 0) as lines,
        coalesce(invoiced.disputed_lines, 0) as disputed_lines,
        coalesce(invoiced.disputed_amount, 0) as disputed_amount,
        case
            when frozen_months.care_month is null then null
            when frozen_amounts.care_month is null then 0
            else frozen_amounts.expected_amount
        end as expected_at_release
    from compared_keys
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
    left join frozen_months on compared_keys.month = frozen_months.care_month
    left join frozen_amounts
        on
            compared_keys.month = frozen_amounts.care_month
            and compared_keys.payer_municipality_code = frozen_amounts.municipality_code
            and compared_keys.payment_class = frozen_amounts.payment_class
),

final as (
    select
        month,
        payer_municipality_code,
        payment_class,
        is_rate_missing,
        cast(expected_amount as decimal(14, 2)) as expected_amount,
        cast(invoiced_amount as decimal(14, 2)) as invoiced_amount,
        cast(expected_amount - invoiced_amount as decimal(14, 2)) as adjustment,
        cast(expected_at_release as decimal(14, 2)) as expected_at_release,
        cast(expected_amount - expected_at_release as decimal(14, 2)) as late_adjustment,
        case
            when is_rate_missing then 'rate_missing'
            when abs(expected_amount - invoiced_amount) <= 0.01 then 'matched'
            when expected_amount > 0 and lines = 0 then 'missing'
            when expected_amount = 0 then 'unexpected'
            when invoiced_amount < expected_amount then 'under'
            else 'over'
        end as status,
        cast(lines as integer) as lines,
        cast(disputed_lines as integer) as disputed_lines,
        cast(disputed_amount as decimal(14, 2)) as disputed_amount
    from compared
)

select * from final
