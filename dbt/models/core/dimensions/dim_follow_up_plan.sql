-- One row per region, year and indicator of the plan of the annual follow-up.
with follow_up_plan as (
    select * from {{ ref('ref_follow_up_plan') }}
),

final as (
    select
        region_code,
        year,
        indicator_id,
        position,
        title_sv,
        definition_sv,
        numerator_sv,
        denominator_sv,
        direction,
        target,
        responsible_sv,
        decided_on,
        status,
        source
    from follow_up_plan
)

select * from final
