-- One row per readiness interval with all that decides whether it is liable, and from when (rules §4). An interval is
-- liable only if no code applies; all that apply are kept, in the order of the conditions. p, the days after day zero,
-- is that of an interval which ended in the discharge: never below 0, at most cap_days.
with intervals as (
    select * from {{ ref('int_readiness__days') }}
),

agreements as (
    select * from {{ ref('int_responsibility__agreements') }}
),

day_zeros as (
    select * from {{ ref('int_responsibility__day_zero') }}
),

first_liable_dates as (
    select * from {{ ref('int_responsibility__first_liable_dates') }}
),

conditions as (
    select * from {{ ref('int_conditions') }}
),

assessed as (
    select
        intervals.interval_id,
        intervals.payer_municipality_code,
        intervals.payment_class,
        intervals.ended_on,
        intervals.end_reason,
        intervals.counted_to,
        agreements.agreement_id,
        agreements.model,
        agreements.last_free_day,
        agreements.cap_days,
        agreements.individual_above_days,
        agreements.consecutive_months,
        day_zeros.day_zero,
        first_liable_dates.first_liable_date,
        case
            when intervals.end_reason = 'discharged'
                then greatest(0, {{ days_between('day_zeros.day_zero', 'intervals.ended_on') }})
        end as days_to_discharge,
        concat_ws(
            '|',
            case when agreements.agreement_id is null then 'NO_AGREEMENT' end,
            case when conditions.admission_notice_missing then 'ADMISSION_NOTICE_MISSING' end,
            case when conditions.admission_notice_late then 'ADMISSION_NOTICE_LATE' end,
            case when conditions.sip_call_missing then 'SIP_CALL_MISSING' end,
            case when conditions.sip_call_late then 'SIP_CALL_LATE' end,
            case when conditions.open_care_unavailable then 'OPEN_CARE_UNAVAILABLE' end,
            case when conditions.measures_declined then 'MEASURES_DECLINED' end,
            case when conditions.special_provisions then 'SPECIAL_PROVISIONS' end,
            case when conditions.payer_unknown then 'PAYER_UNKNOWN' end,
            case when conditions.payer_outside_region then 'PAYER_OUTSIDE_REGION' end
        ) as reason_codes
    from intervals
    inner join conditions on intervals.interval_id = conditions.interval_id
    left join agreements on intervals.interval_id = agreements.interval_id
    left join day_zeros on intervals.interval_id = day_zeros.interval_id
    left join first_liable_dates on intervals.interval_id = first_liable_dates.interval_id
),

final as (
    select
        interval_id,
        payer_municipality_code,
        payment_class,
        ended_on,
        end_reason,
        counted_to,
        agreement_id,
        model,
        last_free_day,
        cap_days,
        individual_above_days,
        consecutive_months,
        day_zero,
        first_liable_date,
        case
            when agreement_id is not null and days_to_discharge is not null
                then least(days_to_discharge, coalesce(cap_days, days_to_discharge))
        end as days_after_day_zero,
        reason_codes = '' as is_liable,
        nullif(reason_codes, '') as reason_codes
    from assessed
)

select * from final
