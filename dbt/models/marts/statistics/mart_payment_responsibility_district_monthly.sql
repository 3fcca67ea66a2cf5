with liable_days as (
    select * from {{ ref('int_responsibility__liable_days') }}
),

mean_intervals as (
    select * from {{ ref('int_mean__intervals') }}
),

mean_months as (
    select * from {{ ref('int_mean__liable_months') }}
),

intervals as (
    select * from {{ ref('int_readiness__days') }}
),

months as (
    select * from {{ ref('int_months') }}
),

municipalities_with_districts as (
    select municipality_code from {{ ref('dim_municipality') }}
    where has_districts
),

individual_parts as (
    select
        month,
        interval_id,
        payer_municipality_code,
        payment_class,
        agreement_id,
        'individual' as model,
        1 as intervals,
        cast(null as integer) as sum_days,
        cast(count(*) as integer) as liable_days,
        cast(null as integer) as liable_days_alternative
    from liable_days
    group by
        month,
        interval_id,
        payer_municipality_code,
        payment_class,
        agreement_id
),

mean_parts as (
    select
        mean_intervals.month,
        mean_intervals.interval_id,
        mean_intervals.payer_municipality_code,
        mean_intervals.payment_class,
        mean_intervals.agreement_id,
        'mean' as model,
        case when mean_intervals.is_above then 0 else 1 end as intervals,
        case when mean_intervals.is_above then 0 else mean_intervals.days_after_day_zero end as sum_days,
        nullif(mean_intervals.days_above, 0) as liable_days,
        case
            when mean_months.is_mean_liable and not mean_intervals.is_above
                then greatest(0, mean_intervals.days_after_day_zero - mean_intervals.last_free_day)
            else 0
        end as liable_days_alternative
    from mean_intervals
    inner join mean_months
        on
            mean_intervals.month = mean_months.month
            and mean_intervals.payer_municipality_code = mean_months.payer_municipality_code
            and mean_intervals.payment_class = mean_months.payment_class
            and mean_intervals.agreement_id = mean_months.agreement_id
),

parts as (
    select * from individual_parts
    union all
    select * from mean_parts
),

placed as (
    select
        intervals.region_code,
        parts.*,
        {{ shown_district('intervals') }}
    from parts
    inner join intervals on parts.interval_id = intervals.interval_id
    inner join months on parts.month = months.month
    {{ join_shown_districts('intervals', 'payer_municipality_code', 'months.month_end') }}
    where parts.payer_municipality_code in (select m.municipality_code from municipalities_with_districts as m)
),

final as (
    select
        region_code,
        month,
        payer_municipality_code as municipality_code,
        district_code,
        current_district_code,
        payment_class,
        agreement_id,
        model,
        cast(sum(intervals) as integer) as intervals,
        cast(sum(sum_days) as integer) as sum_days,
        cast(sum(liable_days) as integer) as liable_days,
        cast(sum(liable_days_alternative) as integer) as liable_days_alternative
    from placed
    group by
        region_code,
        month,
        payer_municipality_code,
        district_code,
        current_district_code,
        payment_class,
        agreement_id,
        model
)

select * from final
