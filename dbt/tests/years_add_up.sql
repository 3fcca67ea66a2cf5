-- A year is the sum of its months as the monthly tables publish them, for the county and for every municipality.
with follow_up as (
    select * from {{ ref('mart_annual_follow_up') }}
    where sex = 0 and district_code = 'all'
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

monthly as (
    select
        month,
        municipality_code,
        indicator as indicator_id,
        numerator,
        denominator
    from {{ ref('mart_process_indicators_monthly') }}
    union all
    select
        month,
        municipality_code,
        case population when 'all' then 'readmission_7_days' else 'readmission_7_days_lus' end as indicator_id,
        readmissions as numerator,
        index_discharges as denominator
    from {{ ref('mart_readmissions_headline') }}
    union all
    select
        month,
        municipality_code,
        'ready_days' as indicator_id,
        ready_days as numerator,
        null as denominator
    from {{ ref('mart_ready_days_monthly') }}
    union all
    select
        month,
        municipality_code,
        'liable_days' as indicator_id,
        liable_days as numerator,
        null as denominator
    from {{ ref('mart_payment_responsibility_monthly') }}
    union all
    select
        month,
        municipality_code,
        'ready_days_per_1000' as indicator_id,
        ready_days_65 as numerator,
        case
            when month = max(month) over (partition by municipality_code, extract(year from month)) then inhabitants_65
            else 0
        end as denominator
    from {{ ref('mart_ready_days_per_1000_monthly') }}
),

placed as (
    select
        extract(year from monthly.month) as year,
        monthly.municipality_code,
        monthly.indicator_id,
        monthly.numerator,
        monthly.denominator
    from monthly
    union all
    select
        extract(year from monthly.month) as year,
        candidate.region_code as municipality_code,
        monthly.indicator_id,
        monthly.numerator,
        monthly.denominator
    from monthly
    cross join candidate
),

summed as (
    select
        year,
        municipality_code,
        indicator_id,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from placed
    group by
        year,
        municipality_code,
        indicator_id
    having sum(numerator) <> 0 or sum(denominator) <> 0
)

select
    summed.year,
    summed.municipality_code,
    summed.indicator_id,
    summed.numerator as expected_numerator,
    follow_up.numerator as found_numerator,
    summed.denominator as expected_denominator,
    follow_up.denominator as found_denominator
from summed
left join follow_up
    on
        summed.year = follow_up.year
        and summed.municipality_code = follow_up.municipality_code
        and summed.indicator_id = follow_up.indicator_id
where
    follow_up.year is null
    or summed.numerator is distinct from follow_up.numerator
    or summed.denominator is distinct from follow_up.denominator
