with deliveries as (
    select * from {{ source('bronze', 'deliveries') }}
),

final as (
    select
        region_code,
        delivery_month,
        version,
        source_system,
        extracted_at,
        digest
    from deliveries
)

select * from final
