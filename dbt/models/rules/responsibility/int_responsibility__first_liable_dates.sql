-- The first liable date F of each interval under the individual model (rules §4), liable or not. In calendar days the
-- day after the last free day; in weekdays (helgfria vardagar) the day after the last_free_day-th weekday after day
-- zero, whatever day that is. With no free day F is the day after day zero in both.
with day_zeros as (
    select * from {{ ref('int_responsibility__day_zero') }}
),

agreements as (
    select * from {{ ref('int_responsibility__agreements') }}
    where model = 'individual'
),

dates as (
    select * from {{ ref('dim_date') }}
),

weekdays as (
    select * from dates
    where is_weekday
),

calendar_counted as (
    select
        agreements.interval_id,
        {{ add_days('day_zeros.day_zero', 'agreements.last_free_day') }} as last_free_on
    from agreements
    inner join day_zeros on agreements.interval_id = day_zeros.interval_id
    where agreements.day_count = 'calendar' or agreements.last_free_day = 0
),

weekday_counted as (
    select
        agreements.interval_id,
        weekdays.date_on as last_free_on
    from agreements
    inner join day_zeros on agreements.interval_id = day_zeros.interval_id
    inner join dates on day_zeros.day_zero = dates.date_on
    inner join weekdays on dates.weekday_count + agreements.last_free_day = weekdays.weekday_count
    where agreements.day_count = 'weekday' and agreements.last_free_day > 0
),

counted as (
    select * from calendar_counted
    union all
    select * from weekday_counted
),

final as (
    select
        interval_id,
        {{ add_days('last_free_on', 1) }} as first_liable_date
    from counted
)

select * from final
