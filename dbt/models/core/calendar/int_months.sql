-- The months that figures are published for: from the region's first delivery month to the release month (rules §8).
with dates as (
    select
        date_on,
        month
    from {{ ref('dim_date') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

final as (
    select
        dates.month,
        max(dates.date_on) as month_end,
        {{ add_days('max(dates.date_on)', 1) }} as next_month,
        cast(count(*) as integer) as days_in_month
    from dates
    inner join candidate on dates.date_on >= candidate.first_month and dates.date_on <= candidate.month_end
    group by dates.month
)

select * from final
