with identity_links as (
    select * from {{ source('bronze', 'identity_links') }}
),

final as (
    select
        region_code,
        old_person_key,
        new_person_key,
        linked_at as linked_on,
        delivery_month,
        version,
        file,
        line
    from identity_links
)

select * from final
