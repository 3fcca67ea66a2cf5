-- The population that counts: of each key, all columns but the number, the latest month's row. Parts of the key may be
-- null (no district, no upper age), and null is a value of the key.
with population as (
    select * from {{ ref('stg_population') }}
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
        delivery_month
    from population
    qualify
        row_number() over (
            partition by municipality_code, district_code, year, sex, age_from, age_to
            order by delivery_month desc
        ) = 1
)

select * from final
