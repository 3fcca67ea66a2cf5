with population as (
    select * from {{ source('bronze', 'population') }}
),

final as (
    select
        municipality_code,
        district_code,
        year,
        sex,
        age_from,
        age_to,
        inhabitants,
        delivery_month,
        version,
        file,
        line
    from population
)

select * from final
