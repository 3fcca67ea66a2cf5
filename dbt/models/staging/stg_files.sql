with files as (
    select * from {{ source('bronze', 'files') }}
),

final as (
    select
        region_code,
        delivery_month,
        version,
        feed,
        file,
        sha256,
        rows_delivered,
        rows_loaded,
        rows_quarantined
    from files
)

select * from final
