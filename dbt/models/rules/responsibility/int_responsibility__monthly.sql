-- What each payer owes in each month, piece by piece (rules §4): under the individual model each interval's liable days
-- of one rate; under the mean model the month's days of the mean, and each interval's days above individual_above_days.
-- A mean month without liable days has a piece of 0 days, so that its mean is known. Rate and invoicing switch of the
-- mean model are those of the month's last date. Only months from the region's first delivery on.
with liable_days as (
    select * from {{ ref('int_responsibility__liable_days') }}
),

mean_intervals as (
    select * from {{ ref('int_mean__intervals') }}
    where is_above
),

mean_months as (
    select * from {{ ref('int_mean__liable_months') }}
),

months as (
    select * from {{ ref('int_months') }}
),

rates as (
    select * from {{ ref('int_rates__by_date') }}
),

individual_pieces as (
    select
        liable_days.month,
        liable_days.payer_municipality_code,
        liable_days.payment_class,
        liable_days.agreement_id,
        liable_days.last_free_day,
        'individual' as model,
        'individual' as rule,
        liable_days.interval_id,
        liable_days.sek_per_day,
        liable_days.invoicing_active,
        count(*) as days
    from liable_days
    inner join months on liable_days.month = months.month
    group by
        liable_days.month,
        liable_days.payer_municipality_code,
        liable_days.payment_class,
        liable_days.agreement_id,
        liable_days.last_free_day,
        liable_days.interval_id,
        liable_days.sek_per_day,
        liable_days.invoicing_active
),

mean_pieces as (
    select
        month,
        payer_municipality_code,
        payment_class,
        agreement_id,
        last_free_day,
        'mean' as rule,
        cast(null as {{ dbt.type_string() }}) as interval_id,
        days_of_mean as days
    from mean_months
    union all
    select
        month,
        payer_municipality_code,
        payment_class,
        agreement_id,
        last_free_day,
        'above' as rule,
        interval_id,
        days_above as days
    from mean_intervals
),

rated_mean_pieces as (
    select
        mean_pieces.month,
        mean_pieces.payer_municipality_code,
        mean_pieces.payment_class,
        mean_pieces.agreement_id,
        mean_pieces.last_free_day,
        'mean' as model,
        mean_pieces.rule,
        mean_pieces.interval_id,
        rates.sek_per_day,
        rates.invoicing_active,
        mean_pieces.days
    from mean_pieces
    inner join months on mean_pieces.month = months.month
    inner join rates on months.month_end = rates.date_on and mean_pieces.payment_class = rates.payment_class
),

pieces as (
    select * from individual_pieces
    union all
    select * from rated_mean_pieces
),

final as (
    select
        month,
        payer_municipality_code,
        payment_class,
        agreement_id,
        last_free_day,
        model,
        rule,
        interval_id,
        sek_per_day,
        invoicing_active,
        cast(days as integer) as days,
        -- No days cost 0, whatever the rate; a rate that is missing gives no amount.
        cast(case when days = 0 then 0 else days * sek_per_day end as decimal(14, 2)) as amount
    from pieces
)

select * from final
