-- What a liable day of each payment class costs on each date through the release month, and whether invoices are sent
-- for it (rules §1). A region's own row, one with an empty amount too, goes before SE's, and a row of the class before
-- one for all. A date without a row has no rate: none is carried forward. A class that no agreement is of owes nothing
-- and has no row.
with dates as (
    select dim_date.date_on
    from {{ ref('dim_date') }} as dim_date
    inner join {{ ref('stg_candidate') }} as candidate on dim_date.date_on <= candidate.month_end
),

payment_classes as (
    select distinct payment_class from {{ ref('dim_agreement') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

ranked_rates as (
    {{ ranked_rows(ref('dim_day_rate'), 'sek_per_day') }}
),

ranked_periods as (
    {{ ranked_rows(ref('dim_invoicing_period'), 'invoicing_active') }}
),

final as (
    select
        dates.date_on,
        payment_classes.payment_class,
        cast(ranked_rates.sek_per_day as decimal(14, 2)) as sek_per_day,
        coalesce(ranked_periods.invoicing_active, false) as invoicing_active
    from dates
    cross join payment_classes
    left join ranked_rates
        on
            dates.date_on = ranked_rates.date_on
            and payment_classes.payment_class = ranked_rates.payment_class
            and ranked_rates.precedence = 1
    left join ranked_periods
        on
            dates.date_on = ranked_periods.date_on
            and payment_classes.payment_class = ranked_periods.payment_class
            and ranked_periods.precedence = 1
)

select * from final
