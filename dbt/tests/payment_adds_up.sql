-- Every liable day is published in each table that shows it, in its own month: the dates of the individual model, the
-- months of each payer, and the basis of its invoices; and the basis adds up to the month's amount, where no rate is
-- missing. A month that one of the tables lacks differs from the others.
with candidate as (
    select * from {{ ref('stg_candidate') }}
),

by_date as (
    select
        {{ first_of_month('liable_days.liable_on') }} as month,
        liable_days.payer_municipality_code as municipality_code,
        liable_days.payment_class,
        count(*) as individual_days
    from {{ ref('fct_liable_days') }} as liable_days
    inner join candidate on liable_days.liable_on >= candidate.first_month
    group by
        {{ first_of_month('liable_days.liable_on') }},
        liable_days.payer_municipality_code,
        liable_days.payment_class
),

by_month as (
    select
        month,
        municipality_code,
        payment_class,
        coalesce(sum(liable_days) filter (where model = 'individual'), 0) as individual_days,
        sum(liable_days) as liable_days,
        case when count(*) = count(amount) then sum(amount) end as amount
    from {{ ref('mart_payment_responsibility_monthly') }}
    group by
        month,
        municipality_code,
        payment_class
),

by_piece as (
    select
        month,
        municipality_code,
        payment_class,
        sum(days) as liable_days,
        case when count(*) = count(amount) then sum(amount) end as amount
    from {{ ref('mart_invoice_basis') }}
    group by
        month,
        municipality_code,
        payment_class
),

every_key as (
    select
        month,
        municipality_code,
        payment_class
    from by_date
    union distinct
    select
        month,
        municipality_code,
        payment_class
    from by_month
    union distinct
    select
        month,
        municipality_code,
        payment_class
    from by_piece
)

select every_key.*
from every_key
left join by_date
    on
        every_key.month = by_date.month
        and every_key.municipality_code = by_date.municipality_code
        and every_key.payment_class = by_date.payment_class
left join by_month
    on
        every_key.month = by_month.month
        and every_key.municipality_code = by_month.municipality_code
        and every_key.payment_class = by_month.payment_class
left join by_piece
    on
        every_key.month = by_piece.month
        and every_key.municipality_code = by_piece.municipality_code
        and every_key.payment_class = by_piece.payment_class
where
    coalesce(by_date.individual_days, 0) <> coalesce(by_month.individual_days, 0)
    or coalesce(by_piece.liable_days, 0) <> coalesce(by_month.liable_days, 0)
    or coalesce(by_piece.amount, 0) <> coalesce(by_month.amount, 0)
