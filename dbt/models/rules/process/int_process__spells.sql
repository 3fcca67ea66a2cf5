-- The spells that the process indicators are of (rules §7): those with a case that ended alive in a published month,
-- each with what it adds to every indicator's numerator and denominator. Where there is no readiness interval, any call
-- to a plan is in time; where there is no message, what it should have done is not met.
with spells as (
    select * from {{ ref('int_spells') }}
    where discharge_destination <> 'deceased'
),

cases as (
    select
        spell_cases.spell_id,
        count(*) filter (where cases.sip_required and not cases.coordinated_care_plan) as cases_with_sip
    from {{ ref('int_spells__cases') }} as spell_cases
    inner join {{ ref('int_cases__in_force') }} as cases on spell_cases.case_id = cases.case_id
    group by spell_cases.spell_id
),

admission_notices as (
    select * from {{ ref('int_conditions__first_admission_notices') }}
),

sip_calls as (
    select * from {{ ref('int_conditions__first_sip_calls') }}
),

sent as (
    select * from {{ ref('int_process__messages') }}
),

readiness as (
    select * from {{ ref('int_process__readiness') }}
),

sip_deadlines as (
    select * from {{ ref('ref_deadlines') }}
    where deadline_id = 'sip_call'
),

months as (
    select * from {{ ref('int_months') }}
),

dates as (
    select * from {{ ref('dim_date') }}
),

described as (
    select
        spells.*,
        months.month,
        months.month_end,
        dates.is_weekday,
        cases.cases_with_sip > 0 as needs_sip,
        admission_notices.is_late as is_notice_late,
        sip_calls.called_on,
        sent.is_date_changed,
        sent.informed_on,
        sent.sip_held_at,
        readiness.intervals,
        readiness.intervals_before_noon,
        readiness.is_withdrawn,
        readiness.intervals_to_discharge,
        readiness.intervals_of_day_zero,
        readiness.ready_days,
        {{ add_days('readiness.first_ready_on', 'sip_deadlines.amount') }} as sip_call_due_on
    from spells
    inner join cases on spells.spell_id = cases.spell_id
    inner join months on {{ first_of_month('spells.discharged_on') }} = months.month
    inner join dates on spells.discharged_on = dates.date_on
    inner join sip_deadlines
        on {{ in_force('sip_deadlines', 'spells.discharged_on') }}
    left join admission_notices on spells.spell_id = admission_notices.spell_id
    left join sip_calls on spells.spell_id = sip_calls.spell_id
    left join sent on spells.spell_id = sent.spell_id
    left join readiness on spells.spell_id = readiness.spell_id
),

final as (
    select
        spell_id,
        month,
        month_end,
        shown_municipality_code,
        delivered_district_code,
        care_area,
        sex,
        age,
        coalesce(intervals, 0) as intervals,
        coalesce(intervals_before_noon, 0) as intervals_before_noon,
        coalesce(intervals_to_discharge, 0) as intervals_to_discharge,
        coalesce(intervals_of_day_zero, 0) as intervals_of_day_zero,
        coalesce(ready_days, 0) as ready_days,
        case when coalesce(not is_notice_late, false) then 1 else 0 end as is_notified_in_time,
        case when coalesce(is_date_changed, false) then 1 else 0 end as is_date_changed,
        case when coalesce(is_withdrawn, false) then 1 else 0 end as is_withdrawn,
        case when is_weekday then 0 else 1 end as is_weekend,
        case when needs_sip then 1 else 0 end as needs_sip,
        case
            when needs_sip and called_on is not null and coalesce(called_on <= sip_call_due_on, true) then 1
            else 0
        end as is_sip_called_in_time,
        case when needs_sip and coalesce(sip_held_at <= discharged_at, false) then 1 else 0 end as is_sip_held,
        case when coalesce(informed_on <= discharged_on, false) then 1 else 0 end as is_informed
    from described
)

select * from final
