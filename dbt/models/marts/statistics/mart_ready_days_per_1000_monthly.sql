with population as (
    select * from {{ ref('int_population__counted') }}
    where not is_left_over
),

intervals as (
    select * from {{ ref('int_readiness__days') }}
),

spells as (
    select
        spell_id,
        age
    from {{ ref('int_readiness__spells') }}
),

interval_months as (
    select * from {{ ref('int_readiness__months') }}
),

measures as (
    select * from {{ ref('dim_measure') }}
    where measure_id = 'ready_days_per_1000'
),

months as (
    select * from {{ ref('int_months') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

-- The newest delivered year up to the month's own.
newest as (
    select
        months.month,
        population.municipality_code,
        max(population.year) as year
    from months
    inner join population on extract(year from months.month) >= population.year
    group by
        months.month,
        population.municipality_code
),

-- By municipality; where only its districts are delivered, all of them.
counted as (
    select
        newest.month,
        newest.municipality_code,
        sum(population.inhabitants) filter (where population.district_code is null) as whole,
        sum(population.inhabitants) filter (where population.district_code is not null) as of_districts
    from newest
    inner join measures on {{ in_force('measures', 'newest.month') }}
    left join population
        on
            newest.municipality_code = population.municipality_code
            and newest.year = population.year
            and measures.age_from <= population.age_from
    group by
        newest.month,
        newest.municipality_code
),

ready as (
    select
        interval_months.month,
        intervals.payer_municipality_code,
        sum(interval_months.ready_days) as ready_days
    from interval_months
    inner join intervals on interval_months.interval_id = intervals.interval_id
    inner join spells on intervals.spell_id = spells.spell_id
    inner join measures
        on {{ in_force('measures', 'interval_months.month') }} and spells.age >= measures.age_from
    group by
        interval_months.month,
        intervals.payer_municipality_code
),

compared as (
    select
        counted.month,
        counted.municipality_code,
        cast(coalesce(counted.whole, counted.of_districts, 0) as integer) as inhabitants_65,
        cast(coalesce(ready.ready_days, 0) as integer) as ready_days_65
    from counted
    left join ready
        on counted.month = ready.month and counted.municipality_code = ready.payer_municipality_code
),

final as (
    select
        candidate.region_code,
        compared.month,
        compared.municipality_code,
        compared.inhabitants_65,
        compared.ready_days_65,
        cast(
            {{ half_up_ratio('1000 * compared.ready_days_65', 'nullif(compared.inhabitants_65, 0)') }}
            as decimal(12, 4)
        ) as ready_days_per_1000
    from compared
    cross join candidate
    where compared.inhabitants_65 <> 0 or compared.ready_days_65 <> 0
)

select * from final
