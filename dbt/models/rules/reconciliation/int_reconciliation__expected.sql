-- What was to be invoiced for each payer, payment class and month (rules §5), all its agreements together: the sum of
-- what is invoiced, 0 where invoicing is not active, and none at all where it is and a rate is missing.
with owed as (
    select * from {{ ref('int_responsibility__monthly') }}
),

summed as (
    select
        month,
        payer_municipality_code,
        payment_class,
        sum(case when invoicing_active then amount else 0 end) as expected_amount,
        count(*) filter (where invoicing_active and amount is null) > 0 as is_rate_missing
    from owed
    group by
        month,
        payer_municipality_code,
        payment_class
),

final as (
    select
        month,
        payer_municipality_code,
        payment_class,
        cast(case when not is_rate_missing then expected_amount end as decimal(14, 2)) as expected_amount,
        is_rate_missing
    from summed
)

select * from final
