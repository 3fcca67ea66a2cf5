with case_events as (
    select * from {{ ref('int_readiness__case_events') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

final as (
    select
        candidate.region_code,
        case_events.event_id,
        case_events.case_id,
        case_events.spell_id,
        case_events.interval_id,
        case_events.event_type as event,  -- noqa: RF04
        case_events.happened_at as at,  -- noqa: RF04
        case_events.planned_on,
        case_events.is_voided,
        case_events.is_counted
    from case_events
    cross join candidate
)

select * from final
