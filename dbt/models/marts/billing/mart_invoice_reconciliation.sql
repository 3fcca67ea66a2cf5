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
    union distinct
    -- What the month's own release said is owed stays on record, also where nothing is owed any longer.
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
        -- A frozen month owed nothing where its release has no row.
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
        candidate.region_code,
        compared.month,
        compared.payer_municipality_code as municipality_code,
        compared.payment_class,
        cast(compared.expected_amount as decimal(14, 2)) as expected_amount,
        cast(compared.invoiced_amount as decimal(14, 2)) as invoiced_amount,
        cast(compared.expected_amount - compared.invoiced_amount as decimal(14, 2)) as adjustment,
        cast(compared.expected_at_release as decimal(14, 2)) as expected_at_release,
        cast(compared.expected_amount - compared.expected_at_release as decimal(14, 2)) as late_adjustment,
        case
            when compared.is_rate_missing then 'rate_missing'
            when abs(compared.expected_amount - compared.invoiced_amount) <= 0.01 then 'matched'
            when compared.expected_amount > 0 and compared.lines = 0 then 'missing'
            when compared.expected_amount = 0 then 'unexpected'
            when compared.invoiced_amount < compared.expected_amount then 'under'
            else 'over'
        end as status,
        cast(compared.lines as integer) as lines,
        cast(compared.disputed_lines as integer) as disputed_lines,
        cast(compared.disputed_amount as decimal(14, 2)) as disputed_amount
    from compared
    cross join candidate
)

select * from final
