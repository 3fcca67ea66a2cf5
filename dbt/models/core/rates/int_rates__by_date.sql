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
    select
        dates.date_on,
        payment_classes.payment_class,
        day_rates.sek_per_day,
        row_number() over (
            partition by dates.date_on, payment_classes.payment_class
            order by
                case when day_rates.region_code = candidate.region_code then 0 else 1 end,
                case when day_rates.payment_class = payment_classes.payment_class then 0 else 1 end
        ) as precedence
    from dates
    cross join payment_classes
    cross join candidate
    inner join {{ ref('dim_day_rate') }} as day_rates
        on
            day_rates.region_code in (candidate.region_code, 'SE')
            and day_rates.payment_class in (payment_classes.payment_class, 'all')
            and {{ in_force('day_rates', 'dates.date_on') }}
),

ranked_periods as (
    select
        dates.date_on,
        payment_classes.payment_class,
        invoicing_periods.invoicing_active,
        row_number() over (
            partition by dates.date_on, payment_classes.payment_class
            order by
                case when invoicing_periods.region_code = candidate.region_code then 0 else 1 end,
                case when invoicing_periods.payment_class = payment_classes.payment_class then 0 else 1 end
        ) as precedence
    from dates
    cross join payment_classes
    cross join candidate
    inner join {{ ref('dim_invoicing_period') }} as invoicing_periods
        on
            invoicing_periods.region_code in (candidate.region_code, 'SE')
            and invoicing_periods.payment_class in (payment_classes.payment_class, 'all')
            and {{ in_force('invoicing_periods', 'dates.date_on') }}
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
