-- The conditions of payment responsibility for each readiness interval (LUS 5:2, 5:3, 5:5; rules §4), each told by
-- itself: true where it stands in the way. Whether there is an agreement is not among them: that is for the agreements.
with intervals as (
    select * from {{ ref('int_readiness__days') }}
),

cases as (
    select * from {{ ref('int_cases__in_force') }}
),

admission_notices as (
    select * from {{ ref('int_conditions__first_admission_notices') }}
),

sip_calls as (
    select * from {{ ref('int_conditions__first_sip_calls') }}
),

sip_deadlines as (
    select * from {{ ref('ref_deadlines') }}
    where deadline_id = 'sip_call'
),

municipalities as (
    select * from {{ ref('ref_municipalities') }}
),

judged as (
    select
        intervals.interval_id,
        -- The earliest notice up to the ready notice is the spell's first, or there is none.
        coalesce(admission_notices.sent_at <= intervals.ready_at, false) as is_notified,
        admission_notices.is_late,
        cases.sip_required and not cases.coordinated_care_plan as needs_sip_call,
        sip_calls.called_on,
        {{ add_days('intervals.ready_on', 'sip_deadlines.amount') }} as sip_call_due_on,
        cases.open_care_available,
        cases.measures_declined,
        cases.coordinated_care_plan,
        intervals.payer_municipality_code,
        intervals.region_code,
        municipalities.region_code as payer_region_code
    from intervals
    inner join cases on intervals.case_id = cases.case_id
    inner join sip_deadlines on {{ in_force('sip_deadlines', 'intervals.ready_on') }}
    left join admission_notices on intervals.spell_id = admission_notices.spell_id
    left join sip_calls on intervals.spell_id = sip_calls.spell_id
    left join municipalities on intervals.payer_municipality_code = municipalities.municipality_code
),

final as (
    select
        interval_id,
        not is_notified as admission_notice_missing,
        is_notified and is_late as admission_notice_late,
        needs_sip_call and called_on is null as sip_call_missing,
        needs_sip_call and coalesce(called_on > sip_call_due_on, false) as sip_call_late,
        open_care_available in ('no', 'unclear') as open_care_unavailable,
        measures_declined,
        coordinated_care_plan as special_provisions,
        payer_municipality_code = '9999' as payer_unknown,
        coalesce(payer_region_code <> region_code, false) as payer_outside_region
    from judged
)

select * from final
