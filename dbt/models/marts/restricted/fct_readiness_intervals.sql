with intervals as (
    select * from {{ ref('int_readiness__days') }}
),

final as (
    select
        intervals.region_code,
        intervals.interval_id,
        intervals.spell_id,
        intervals.case_id,
        intervals.ready_at,
        intervals.ended_at,
        intervals.end_reason,
        intervals.payer_municipality_code,
        {{ shown_district('intervals') }},
        intervals.payment_class,
        intervals.care_area,
        intervals.sex,
        intervals.age_band,
        intervals.ready_days
    from intervals
    {{ join_shown_districts('intervals', 'payer_municipality_code', 'intervals.shown_on') }}
)

select * from final
