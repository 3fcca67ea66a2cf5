-- Ready days per 1 000 inhabitants by sex and, where population is delivered by district, by district: each month's
-- days of the measure's age, and the inhabitants, a stock, of the municipalities whose population is delivered: the
-- newest year's up to the month's, a municipality's own rows before the sum of its districts', as in the monthly
-- figures. Inhabitants of a code that is no district of theirs are in `99` (rules §3).
with districts as (
    select distinct
        municipality_code,
        district_code
    from {{ ref('ref_districts') }}
),

intervals as (
    select * from {{ ref('int_readiness__days') }}
),

spells as (
    select * from {{ ref('int_readiness__spells') }}
),

interval_months as (
    select * from {{ ref('int_readiness__months') }}
),

measures as (
    select * from {{ ref('dim_measure') }}
    where measure_id = 'ready_days_per_1000'
),

months as (
    select
        int_months.month,
        measures.age_from
    from {{ ref('int_months') }} as int_months
    inner join measures on {{ in_force('measures', 'int_months.month') }}
),

population as (
    select
        counted.municipality_code,
        counted.year,
        counted.sex,
        counted.age_from,
        counted.inhabitants,
        case when counted.district_code is not null then coalesce(districts.district_code, '99') end as district_code
    from {{ ref('int_population__counted') }} as counted
    left join districts
        on counted.municipality_code = districts.municipality_code and counted.district_code = districts.district_code
    where not counted.is_left_over
),

newest as (
    select
        months.month,
        months.age_from,
        population.municipality_code,
        max(population.year) as year
    from months
    inner join population on extract(year from months.month) >= population.year
    group by all
),

inhabitants as (
    select
        newest.month,
        newest.age_from,
        newest.municipality_code,
        population.district_code,
        population.sex,
        max(case when population.district_code is null then 1 else 0 end)
            over (partition by newest.month, newest.municipality_code)
        = 1 as is_whole,
        sum(population.inhabitants) as inhabitants
    from newest
    inner join population
        on
            newest.municipality_code = population.municipality_code
            and newest.year = population.year
            and newest.age_from <= population.age_from
    group by
        newest.month,
        newest.age_from,
        newest.municipality_code,
        population.district_code,
        population.sex
),

counted_as as (
    select distinct
        month,
        age_from,
        municipality_code,
        is_whole
    from inhabitants
),

ready as (
    select
        interval_months.month,
        counted_as.municipality_code,
        case when not counted_as.is_whole then intervals.delivered_district_code end as district_code,
        intervals.sex,
        sum(interval_months.ready_days) as ready_days
    from interval_months
    inner join intervals on interval_months.interval_id = intervals.interval_id
    inner join spells on intervals.spell_id = spells.spell_id
    inner join counted_as
        on
            interval_months.month = counted_as.month
            and intervals.payer_municipality_code = counted_as.municipality_code
            and spells.age >= counted_as.age_from
    group by all
),

final as (
    select
        month,
        municipality_code,
        district_code,
        sex,
        false as is_stock,
        ready_days as numerator,
        cast(0 as bigint) as denominator
    from ready
    union all
    select
        month,
        municipality_code,
        district_code,
        sex,
        true as is_stock,
        0 as numerator,
        cast(inhabitants as bigint) as denominator
    from inhabitants
    where is_whole = (district_code is null)
)

select * from final
