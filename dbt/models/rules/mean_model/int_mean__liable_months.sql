-- What each payer's month under the mean model costs in days (rules §4): S − T × N where the mean is above T in this
-- month and the consecutive_months − 1 calendar months before it, else 0; beside it, never billed, the days over T
-- patient by patient. A month without a row, or not above, breaks the row of months.
with months as (
    select * from {{ ref('int_mean__months') }}
),

numbered as (
    select
        *,
        cast(extract(year from month) * 12 + extract(month from month) as integer) as month_number
    from months
    where is_over_level
),

islands as (
    select
        *,
        month_number - row_number() over (
            partition by payer_municipality_code, payment_class, agreement_id order by month_number
        ) as island
    from numbered
),

runs as (
    select
        month,
        payer_municipality_code,
        payment_class,
        agreement_id,
        row_number() over (
            partition by payer_municipality_code, payment_class, agreement_id, island order by month_number
        ) as months_in_a_row
    from islands
),

held as (
    select
        months.*,
        coalesce(runs.months_in_a_row >= months.consecutive_months, false) as is_mean_liable
    from months
    left join runs
        on
            months.month = runs.month
            and months.payer_municipality_code = runs.payer_municipality_code
            and months.payment_class = runs.payment_class
            and months.agreement_id = runs.agreement_id
),

final as (
    select
        month,
        payer_municipality_code,
        payment_class,
        agreement_id,
        last_free_day,
        intervals,
        sum_days,
        is_mean_liable,
        case when is_mean_liable then sum_days - last_free_day * intervals else 0 end as days_of_mean,
        case when is_mean_liable then days_over_level else 0 end as days_alternative
    from held
)

select * from final
