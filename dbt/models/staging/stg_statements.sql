with statements as (
    select * from {{ source('bronze', 'statements') }}
),

final as (
    select
        region_code,
        year,
        commitment_id,
        party,
        municipality_code,
        fulfilment,
        statement,
        stated_on,
        is_deleted,
        delivery_month,
        version,
        file,
        line
    from statements
)

select * from final
