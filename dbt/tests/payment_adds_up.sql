-- Every liable day is published once in each table that shows it: the dates of the individual model, the months of each
-- payer, and the basis of its invoices; and the basis adds up to the month's amount, also where a rate is missing.
with candidate as (
    select * from {{ ref('stg_candidate') }}
),

by_date as (
    select
        liable_days.payer_municipality_code as municipality_code,
        liable_days.payment_class,
        count(*) as days
    from {{ ref('fct_liable_days') }} as liable_days
    inner join candidate on liable_days.liable_on >= candidate.first_month
    group by
        liable_days.payer_municipality_code,
        liable_days.payment_class
),

by_month as (
    select
        municipality_code,
        payment_class,
        sum(liable_days) filter (where model = 'individual') as individual_days,
        sum(liable_days) as days,
        coalesce(sum(amount), 0) as amount,
        coalesce(sum(amount_to_invoice), 0) as amount_to_invoice
    from {{ ref('mart_payment_responsibility_monthly') }}
    where amount is not null
    group by
        municipality_code,
        payment_class
),

all_months as (
    select
        municipality_code,
        payment_class,
        sum(liable_days) as days,
        sum(liable_days) filter (where model = 'individual') as individual_days
    from {{ ref('mart_payment_responsibility_monthly') }}
    group by
        municipality_code,
        payment_class
),

whole_basis as (
    select
        basis.municipality_code,
        basis.payment_class,
        sum(basis.days) as days,
        sum(basis.amount) as amount,
        sum(basis.amount_to_invoice) as amount_to_invoice
    from {{ ref('mart_invoice_basis') }} as basis
    inner join {{ ref('mart_payment_responsibility_monthly') }} as months
        on
            basis.month = months.month
            and basis.municipality_code = months.municipality_code
            and basis.payment_class = months.payment_class
            and basis.agreement_id = months.agreement_id
            and months.amount is not null
    group by
        basis.municipality_code,
        basis.payment_class
),

all_basis as (
    select
        municipality_code,
        payment_class,
        sum(days) as days
    from {{ ref('mart_invoice_basis') }}
    group by
        municipality_code,
        payment_class
)

select
    all_months.municipality_code,
    all_months.payment_class
from all_months
left join by_date
    on
        all_months.municipality_code = by_date.municipality_code
        and all_months.payment_class = by_date.payment_class
left join all_basis
    on
        all_months.municipality_code = all_basis.municipality_code
        and all_months.payment_class = all_basis.payment_class
left join by_month
    on
        all_months.municipality_code = by_month.municipality_code
        and all_months.payment_class = by_month.payment_class
left join whole_basis
    on
        all_months.municipality_code = whole_basis.municipality_code
        and all_months.payment_class = whole_basis.payment_class
where
    coalesce(by_date.days, 0) <> coalesce(all_months.individual_days, 0)
    or coalesce(all_basis.days, 0) <> all_months.days
    or coalesce(by_month.days, 0) <> coalesce(whole_basis.days, 0)
    or coalesce(by_month.amount, 0) <> coalesce(whole_basis.amount, 0)
    or coalesce(by_month.amount_to_invoice, 0) <> coalesce(whole_basis.amount_to_invoice, 0)
