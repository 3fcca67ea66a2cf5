-- The population in force without what is counted twice: files from after a merger of districts may still carry a row
-- of the old area beside the one that it became part of. A row of a district is left over where any of its successors
-- has rows of the same year. It is kept, marked, and adds to no total; where only the old areas are there, they count.
with population as (
    select * from {{ ref('int_population__in_force') }}
),

district_chain as (
    select * from {{ ref('int_district_chain') }}
    where district_code <> shown_district_code
),

delivered_districts as (
    select distinct
        municipality_code,
        district_code,
        year
    from population
    where district_code is not null
),

left_over as (
    select distinct
        delivered_districts.municipality_code,
        delivered_districts.district_code,
        delivered_districts.year
    from delivered_districts
    inner join district_chain
        on
            delivered_districts.municipality_code = district_chain.municipality_code
            and delivered_districts.district_code = district_chain.district_code
    inner join delivered_districts as successors
        on
            district_chain.municipality_code = successors.municipality_code
            and district_chain.shown_district_code = successors.district_code
            and delivered_districts.year = successors.year
),

final as (
    select
        population.municipality_code,
        population.district_code,
        population.year,
        population.sex,
        population.age_from,
        population.age_to,
        population.inhabitants,
        population.delivery_month,
        left_over.district_code is not null as is_left_over
    from population
    left join left_over
        on
            population.municipality_code = left_over.municipality_code
            and population.district_code = left_over.district_code
            and population.year = left_over.year
)

select * from final
