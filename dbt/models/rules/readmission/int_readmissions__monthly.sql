-- The index discharges of each population (rules §6), by all that they are told apart by: `all`, and `lus`, those with
-- a readiness interval that ended in the discharge. Districts are shown as of the month's last day and as of today.
with index_spells as (
    select * from {{ ref('int_readmissions__index_spells') }}
),

populations as (
    select
        *,
        'all' as population
    from index_spells
    union all
    select
        *,
        'lus' as population
    from index_spells
    where is_lus
),

placed as (
    select
        populations.*,
        {{ shown_district('populations') }}
    from populations
    {{ join_shown_districts('populations', 'shown_municipality_code', 'populations.month_end') }}
),

final as (
    select
        month,
        shown_municipality_code as municipality_code,
        district_code,
        current_district_code,
        care_area,
        sex,
        age_band,
        population,
        is_headline,
        status,
        cast(count(*) as integer) as index_discharges,
        cast(count(*) filter (where is_readmitted) as integer) as readmissions
    from placed
    group by
        month,
        shown_municipality_code,
        district_code,
        current_district_code,
        care_area,
        sex,
        age_band,
        population,
        is_headline,
        status
)

select * from final
