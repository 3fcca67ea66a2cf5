-- The liable dates of the individual model (rules §4): of each liable interval the dates from the first liable date up
-- to, not including, its end, an open one through the last day of the release month; with cap_days only the first that
-- many. Each date has its own rate and its own month.
with intervals as (
    select * from {{ ref('int_responsibility__assessed') }}
    where model = 'individual' and is_liable
),

dates as (
    select * from {{ ref('dim_date') }}
),

rates as (
    select * from {{ ref('int_rates__by_date') }}
),

bounded as (
    select
        *,
        least(counted_to, coalesce({{ add_days('first_liable_date', 'cap_days') }}, counted_to)) as liable_to
    from intervals
),

final as (
    select
        bounded.interval_id,
        dates.date_on as liable_on,
        dates.month,
        bounded.payer_municipality_code,
        bounded.payment_class,
        bounded.agreement_id,
        bounded.last_free_day,
        rates.sek_per_day,
        rates.invoicing_active
    from bounded
    inner join dates on bounded.first_liable_date <= dates.date_on and bounded.liable_to > dates.date_on
    inner join rates on dates.date_on = rates.date_on and bounded.payment_class = rates.payment_class
    where bounded.liable_to > bounded.first_liable_date
)

select * from final
