-- One row per deadline of the act and first day of its validity.
with deadlines as (
    select * from {{ ref('ref_deadlines') }}
),

final as (
    select
        deadline_id,
        valid_from,
        valid_to,
        amount,
        unit,
        status,
        source
    from deadlines
)

select * from final
