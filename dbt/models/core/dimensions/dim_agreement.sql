-- One row per agreement. The cut-off is also given as minutes after midnight: not every engine has a type for a time
-- of day.
with agreements as (
    select * from {{ ref('ref_agreements') }}
),

final as (
    select
        agreement_id,
        region_code,
        payment_class,
        valid_from,
        valid_to,
        model,
        last_free_day,
        day_count,
        noon_cutoff,
        cast(substring(noon_cutoff, 1, 2) as integer) * 60
        + cast(substring(noon_cutoff, 4, 2) as integer) as noon_cutoff_minutes,
        cap_days,
        individual_above_days,
        consecutive_months,
        status,
        source
    from agreements
)

select * from final
