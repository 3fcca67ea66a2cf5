-- What ready days add to the annual indicators: by month, payer, district and sex the days of each date, which are
-- also those of the beds, and the two means that the bridge ties together: of those with at least one ready day, and
-- of all from day zero. Squares are of each interval's own days: the spread behind a mean's interval.
with interval_months as (
    select * from {{ ref('int_bridge__interval_months') }}
),

intervals as (
    select
        interval_id,
        delivered_district_code,
        sex
    from {{ ref('int_readiness__days') }}
),

summed as (
    select
        interval_months.month,
        interval_months.payer_municipality_code,
        intervals.delivered_district_code,
        intervals.sex,
        sum(interval_months.ready_days) as ready_days,
        sum(interval_months.ready_days_of_discharged) as days_excluding_day_zero,
        sum(interval_months.discharged_waited) as discharged_excluding_day_zero,
        sum(interval_months.ready_days_of_discharged * interval_months.ready_days_of_discharged)
            as squares_excluding_day_zero,
        sum(interval_months.days_waited_of_discharged) as days_including_day_zero,
        sum(interval_months.discharged) as discharged_including_day_zero,
        sum(interval_months.days_waited_of_discharged * interval_months.days_waited_of_discharged)
            as squares_including_day_zero
    from interval_months
    inner join intervals on interval_months.interval_id = intervals.interval_id
    group by
        interval_months.month,
        interval_months.payer_municipality_code,
        intervals.delivered_district_code,
        intervals.sex
),

final as (
    {%- for indicator, numerator, denominator, squares in [
        ('ready_days', 'ready_days', 'null', 'null'),
        ('beds_equivalent', 'ready_days', 'null', 'null'),
        ('mean_excluding_day_zero', 'days_excluding_day_zero', 'discharged_excluding_day_zero', 'squares_excluding_day_zero'),
        ('mean_including_day_zero', 'days_including_day_zero', 'discharged_including_day_zero', 'squares_including_day_zero'),
    ] %}
        {% if not loop.first %}union all{% endif %}
        select
            month,
            payer_municipality_code as municipality_code,
            delivered_district_code as district_code,
            sex,
            '{{ indicator }}' as indicator_id,
            {{ numerator }} as numerator,
            cast({{ denominator }} as bigint) as denominator,
            cast({{ squares }} as bigint) as squares
        from summed
        where {{ 'ready_days <> 0' if denominator == 'null' else denominator ~ ' <> 0' }}
    {%- endfor %}
)

select * from final
