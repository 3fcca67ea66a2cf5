-- The ready notices that bills rest on: those of the month that began a readiness interval (criteria
-- ready_notice_assessed, assessment_to_notice_median_hours, district_completeness). The median is of the hours from the
-- physician's assessment to the notice, 0 included; an assessment after the notice is a contradictory time instead. A
-- district is asked for where the payer has districts and the person is its own resident, and protected identities are
-- left out: theirs are unknown on purpose.
with intervals as (
    select
        interval_id,
        ready_on,
        hospital_id,
        payer_municipality_code,
        delivered_district_code,
        is_protected
    from {{ ref('int_readiness__days') }}
),

messages as (
    select
        message_id,
        sent_at,
        assessed_at
    from {{ ref('int_messages__in_force') }}
    where message_type = 'ready_notice'
),

months as (
    select * from {{ ref('int_months') }}
),

described as (
    select
        months.month,
        intervals.hospital_id,
        intervals.payer_municipality_code,
        messages.assessed_at is not null as is_assessed,
        case
            when messages.assessed_at <= messages.sent_at
                then {{ seconds_between('messages.assessed_at', 'messages.sent_at') }}
        end as seconds_to_notice,
        intervals.delivered_district_code <> '00' and not intervals.is_protected as is_asked_for_district,
        intervals.delivered_district_code <> '99' as has_district
    from intervals
    inner join messages on intervals.interval_id = messages.message_id
    inner join months on {{ first_of_month('intervals.ready_on') }} = months.month
),

by_unit as (
    {{ rows_by_unit('described') }}
),

-- In half seconds the median of an even number is whole too.
summed as (
    select
        month,
        unit_type,
        unit_id,
        count(*) as notices,
        count(*) filter (where is_assessed) as assessed_notices,
        count(seconds_to_notice) as timed_notices,
        cast(2 * median(seconds_to_notice) as bigint) as median_half_seconds,
        count(*) filter (where is_asked_for_district) as residents,
        count(*) filter (where is_asked_for_district and has_district) as residents_with_district
    from by_unit
    group by
        month,
        unit_type,
        unit_id
),

final as (
    {{ measured_share('summed', 'ready_notice_assessed', 'assessed_notices', 'notices') }}
    union all
    {{ measured_share('summed', 'district_completeness', 'residents_with_district', 'residents') }}
    union all
    select
        month,
        unit_type,
        unit_id,
        'assessment_to_notice_median_hours' as criterion,
        cast({{ half_up_ratio('median_half_seconds', '7200', 6) }} as decimal(18, 6)) as value,
        timed_notices as observations
    from summed
)

select * from final
