-- One row per date from 2017-01-01, the year before the act, to the last date of the table of non-working days.
-- A weekday (helgfri vardag) is Monday to Friday and not in that table. The n-th weekday after a date is the weekday
-- whose `weekday_count` is that date's plus n.
with non_working_days as (
    select * from {{ ref('ref_non_working_days') }}
),

covered as (
    select max(date_on) as last_on from non_working_days
),

digits as (
    {% for digit in range(10) -%}
        select {{ digit }} as digit{{ " union all" if not loop.last }}
    {% endfor %}
),

numbers as (
    select ones.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit as n
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
),

dates as (
    select
        {{ add_days("cast('2017-01-01' as date)", 'numbers.n') }} as date_on,
        -- 2017-01-01 was a Sunday; engines disagree on the number of a weekday
        (numbers.n + 6) % 7 + 1 as iso_weekday
    from numbers
),

calendar as (
    select
        dates.date_on,
        dates.iso_weekday,
        non_working_days.name_sv as non_working_day_name_sv,
        dates.iso_weekday <= 5 and non_working_days.date_on is null as is_weekday
    from dates
    inner join covered on dates.date_on <= covered.last_on
    left join non_working_days on dates.date_on = non_working_days.date_on
),

final as (
    select
        date_on,
        {{ first_of_month('date_on') }} as month,
        cast(iso_weekday as integer) as iso_weekday,
        is_weekday,
        cast(
            sum(case when is_weekday then 1 else 0 end) over (
                order by date_on rows between unbounded preceding and current row
            ) as integer
        ) as weekday_count,
        non_working_day_name_sv
    from calendar
)

select * from final
