-- Who is judged in each month: the region's municipalities on its last date, and every hospital of which a stay began
-- or ended in the month or in the three before it. So a hospital does not escape the verdict by falling silent, and one
-- that has closed is gone after a quarter, as in the gate.
with months as (
    select * from {{ ref('int_months') }}
),

stays as (
    select * from {{ ref('int_episodes__in_force') }}
),

municipalities as (
    select * from {{ ref('ref_municipalities') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

active as (
    select
        hospital_id,
        {{ first_of_month('admitted_on') }} as month
    from stays
    union distinct
    select
        hospital_id,
        {{ first_of_month('discharged_on') }} as month
    from stays
    where discharged_on is not null
),

final as (
    select distinct
        months.month,
        months.month_end,
        'hospital' as unit_type,
        active.hospital_id as unit_id
    from months
    inner join active
        on months.month >= active.month and months.month <= cast({{ dbt.dateadd('month', 3, 'active.month') }} as date)
    union all
    select
        months.month,
        months.month_end,
        'municipality' as unit_type,
        municipalities.municipality_code as unit_id
    from months
    cross join candidate
    inner join municipalities
        on
            candidate.region_code = municipalities.region_code
            and {{ in_force('municipalities', 'months.month_end') }}
)

select * from final
