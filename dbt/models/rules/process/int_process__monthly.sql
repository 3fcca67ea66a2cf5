-- The process indicators as sums (rules §7): numerator and denominator of each, by all that spells are told apart by.
-- Districts are shown as of the month's last day and as of today. A row has a denominator above 0.
with spells as (
    select * from {{ ref('int_process__spells') }}
),

long_waits as (
    select * from {{ ref('dim_measure') }}
    where measure_id in ('long_wait_7', 'long_wait_14', 'long_wait_30')
),

placed as (
    select
        spells.*,
        {{ age_band('spells.age') }} as age_band,
        {{ shown_district('spells') }}
    from spells
    {{ join_shown_districts('spells', 'shown_municipality_code', 'spells.month_end') }}
),

counted as (
    {%- for indicator, numerator, denominator in [
        ('admission_notice_24h', 'is_notified_in_time', '1'),
        ('planned_date_changed', 'is_date_changed', '1'),
        ('ready_notice_before_noon', 'intervals_before_noon', 'intervals'),
        ('ready_withdrawn', 'is_withdrawn', '1'),
        ('day_zero', 'intervals_of_day_zero', 'intervals_to_discharge'),
        ('weekend_discharge', 'is_weekend', '1'),
        ('sip_called_in_time', 'is_sip_called_in_time', 'needs_sip'),
        ('sip_held', 'is_sip_held', 'needs_sip'),
        ('discharge_information_same_day', 'is_informed', '1'),
    ] %}
        select
            month,
            shown_municipality_code as municipality_code,
            district_code,
            current_district_code,
            care_area,
            sex,
            age_band,
            '{{ indicator }}' as indicator,
            sum({{ numerator }}) as numerator,
            sum({{ denominator }}) as denominator
        from placed
        group by month, shown_municipality_code, district_code, current_district_code, care_area, sex, age_band
        union all
    {%- endfor %}
    select
        placed.month,
        placed.shown_municipality_code as municipality_code,
        placed.district_code,
        placed.current_district_code,
        placed.care_area,
        placed.sex,
        placed.age_band,
        long_waits.measure_id as indicator,
        sum(case when placed.ready_days > long_waits.limit_days then 1 else 0 end) as numerator,
        count(*) as denominator
    from placed
    inner join long_waits on {{ in_force('long_waits', 'placed.month') }}
    group by
        placed.month,
        placed.shown_municipality_code,
        placed.district_code,
        placed.current_district_code,
        placed.care_area,
        placed.sex,
        placed.age_band,
        long_waits.measure_id
),

final as (
    select
        month,
        municipality_code,
        district_code,
        current_district_code,
        care_area,
        sex,
        age_band,
        indicator,
        cast(numerator as integer) as numerator,
        cast(denominator as integer) as denominator
    from counted
    where denominator > 0
)

select * from final
