-- What is being built: one region and one month. No model asks a clock or takes a variable.
with candidate as (
    select * from {{ source('bronze', 'candidate') }}
),

final as (
    select
        region_code,
        month,
        month_end,
        first_month,
        newest_extracted_at
    from candidate
)

select * from final
