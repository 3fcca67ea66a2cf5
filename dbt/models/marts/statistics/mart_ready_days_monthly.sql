with interval_months as (
    select * from {{ ref('int_readiness__months') }}
),

intervals as (
    select * from {{ ref('int_readiness__days') }}
),

months as (
    select * from {{ ref('int_months') }}
),

described as (
    select
        intervals.region_code,
        interval_months.month,
        intervals.payer_municipality_code,
        intervals.delivered_district_code,
        intervals.payment_class,
        intervals.care_area,
        intervals.sex,
        intervals.age_band,
        sum(interval_months.ready_days) as ready_days,
        sum(interval_months.ready_days_of_discharged) as ready_days_of_discharged,
        sum(interval_months.intervals_discharged) as intervals_discharged,
        sum(interval_months.open_at_month_end) as open_at_month_end
    from interval_months
    inner join intervals on interval_months.interval_id = intervals.interval_id
    group by all
),

shown as (
    select
        described.*,
        months.days_in_month,
        {{ shown_district('described') }}
    from described
    inner join months on described.month = months.month
    {{ join_shown_districts('described', 'payer_municipality_code', 'months.month_end') }}
),

final as (
    select
        region_code,
        month,
        payer_municipality_code as municipality_code,
        district_code,
        current_district_code,
        payment_class,
        care_area,
        sex,
        age_band,
        cast(sum(ready_days) as integer) as ready_days,
        cast(sum(ready_days_of_discharged) as integer) as ready_days_of_discharged,
        cast(sum(intervals_discharged) as integer) as intervals_discharged,
        cast(sum(open_at_month_end) as integer) as open_at_month_end,
        cast({{ half_up_ratio('cast(sum(ready_days) as bigint)', 'max(days_in_month)') }} as decimal(12, 4))
            as beds_equivalent
    from shown
    group by
        region_code,
        month,
        payer_municipality_code,
        district_code,
        current_district_code,
        payment_class,
        care_area,
        sex,
        age_band
)

select * from final
