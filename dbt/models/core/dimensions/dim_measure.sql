-- One row per measure of the follow-up and first day of its validity. The time of day is also given as minutes after
-- midnight: not every engine has a type for it.
with measures as (
    select * from {{ ref('ref_measures') }}
),

final as (
    select
        measure_id,
        valid_from,
        valid_to,
        limit_days,
        age_from,
        time_of_day,
        cast(substring(time_of_day, 1, 2) as integer) * 60
        + cast(substring(time_of_day, 4, 2) as integer) as time_of_day_minutes,
        status,
        source
    from measures
)

select * from final
