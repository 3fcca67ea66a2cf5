-- One row per payment class and unbroken run of dates, from the first delivery on, that all have a rate or all have
-- none: how many liable days fall in it. Days of the mean model are counted on the date whose rate they have.
with rates as (
    select * from {{ ref('int_rates__by_date') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

months as (
    select * from {{ ref('int_months') }}
),

owed as (
    select
        payment_class,
        liable_on as rated_on,
        count(*) as liable_days
    from {{ ref('int_responsibility__liable_days') }}
    group by
        payment_class,
        liable_on
    union all
    select
        pieces.payment_class,
        months.month_end as rated_on,
        sum(pieces.days) as liable_days
    from {{ ref('int_responsibility__monthly') }} as pieces
    inner join months on pieces.month = months.month
    where pieces.model = 'mean'
    group by
        pieces.payment_class,
        months.month_end
),

owed_by_date as (
    select
        payment_class,
        rated_on,
        sum(liable_days) as liable_days
    from owed
    group by
        payment_class,
        rated_on
),

marked as (
    select
        rates.payment_class,
        rates.date_on,
        rates.sek_per_day is not null as has_rate,
        lag(rates.sek_per_day is not null) over (partition by rates.payment_class order by rates.date_on)
            as had_rate
    from rates
    inner join candidate on rates.date_on >= candidate.first_month
),

numbered as (
    select
        *,
        sum(case when had_rate = has_rate then 0 else 1 end) over (
            partition by payment_class order by date_on rows between unbounded preceding and current row
        ) as run
    from marked
),

final as (
    select
        candidate.region_code,
        numbered.payment_class,
        min(numbered.date_on) as first_on,
        max(numbered.date_on) as last_on,
        numbered.has_rate,
        cast(coalesce(sum(owed_by_date.liable_days), 0) as bigint) as liable_days,
        cast(case when numbered.has_rate then 0 else coalesce(sum(owed_by_date.liable_days), 0) end as bigint)
            as liable_days_without_rate
    from numbered
    cross join candidate
    left join owed_by_date
        on numbered.payment_class = owed_by_date.payment_class and numbered.date_on = owed_by_date.rated_on
    group by
        candidate.region_code,
        numbered.payment_class,
        numbered.run,
        numbered.has_rate
)

select * from final
