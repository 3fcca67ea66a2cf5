with contacts as (
    select * from {{ source('bronze', 'contacts') }}
),

final as (
    select
        region_code,
        municipality_code,
        district_code,
        unit_name,
        role,
        phone,
        email,
        weekend_hours,
        verified_on,
        delivery_month,
        version,
        file,
        line
    from contacts
)

select * from final
