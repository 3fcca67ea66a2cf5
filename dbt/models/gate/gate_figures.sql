-- One row per figure that says whether the month is plausible: a share or a mean of the release month beside the same
-- of up to twelve months before it, pooled. Each belongs to the month of its date: a stay's admission or discharge, an
-- interval's notice or end, a message's sending.
with months as (
    select * from {{ ref('gate_months') }}
),

-- The bounds are the rules' own (rules §4, §7): the act's hours for the admission notice, noon, the longest of waits.
deadlines as (
    select * from {{ ref('ref_deadlines') }}
    where deadline_id = 'admission_notice'
),

noon as (
    select * from {{ ref('dim_measure') }}
    where measure_id = 'ready_notice_before_noon'
),

longest_wait as (
    select * from {{ ref('dim_measure') }}
    where measure_id = 'long_wait_30'
),

-- Each count reads its tables itself: a CTE of all stays that several read would be laid down whole.
admitted as (
    select
        {{ first_of_month('admitted_on') }} as in_month,
        count(*) as stays,
        count(*) filter (where admission_mode = 'unplanned') as unplanned,
        count(*) filter (where sex = 2) as women
    from {{ ref('int_episodes__in_force') }}
    group by {{ first_of_month('admitted_on') }}
),

discharged as (
    select
        {{ first_of_month('discharged_on') }} as in_month,
        count(*) as stays,
        count(*) filter (where discharge_destination = 'deceased') as deceased,
        sum({{ days_between('admitted_on', 'discharged_on') }}) as stay_days
    from {{ ref('int_episodes__in_force') }}
    where discharged_on is not null
    group by {{ first_of_month('discharged_on') }}
),

-- Stays open at a month's end are those admitted up to it less those discharged up to it.
movements as (
    select
        {{ first_of_month('admitted_on') }} as in_month,
        count(*) as moved
    from {{ ref('int_spells__reach') }}
    group by {{ first_of_month('admitted_on') }}
    union all
    select
        {{ first_of_month('discharged_on') }} as in_month,
        -count(*) as moved
    from {{ ref('int_spells__reach') }}
    where discharged_on is not null
    group by {{ first_of_month('discharged_on') }}
),

open_stays as (
    select
        months.month,
        sum(movements.moved) as stays
    from months
    inner join movements on months.month >= movements.in_month
    group by months.month
),

unsent as (
    select
        {{ first_of_month('discharged_on') }} as in_month,
        count(*) as stays
    from {{ ref('int_spells__unsent_discharges') }}
    group by {{ first_of_month('discharged_on') }}
),

admission_notices as (
    select
        case_id,
        min(sent_at) as first_sent_at
    from {{ ref('int_messages__in_force') }}
    where message_type = 'admission_notice' and not is_voided
    group by case_id
),

opened_cases as (
    select
        {{ first_of_month('stays.admitted_on') }} as in_month,
        count(*) as cases,
        count(*) filter (where cases.sip_required) as sip_required,
        count(*) filter (
            where admission_notices.first_sent_at <= {{ hours_later('stays.admitted_at', 'deadlines.amount') }}
        ) as notified_in_time
    from {{ ref('int_cases__in_force') }} as cases
    inner join {{ ref('int_episodes__in_force') }} as stays on cases.episode_id = stays.episode_id
    left join admission_notices on cases.case_id = admission_notices.case_id
    left join deadlines on {{ in_force('deadlines', 'stays.admitted_on') }}
    group by {{ first_of_month('stays.admitted_on') }}
),

sent_messages as (
    select
        {{ first_of_month('sent_on') }} as in_month,
        count(*) as messages,
        count(*) filter (where is_voided) as voided
    from {{ ref('int_messages__in_force') }}
    group by {{ first_of_month('sent_on') }}
),

ready_notices as (
    select
        {{ first_of_month('notices.sent_on') }} as in_month,
        count(*) as notices,
        count(*) filter (where notices.assessed_at is not null) as assessed,
        count(*) filter (
            where notices.sent_at_local <= {{ minutes_into('notices.sent_on', 'noon.time_of_day_minutes') }}
        ) as before_noon
    from {{ ref('int_messages__in_force') }} as notices
    left join noon on {{ in_force('noon', 'notices.sent_on') }}
    where notices.message_type = 'ready_notice' and not notices.is_voided
    group by {{ first_of_month('notices.sent_on') }}
),

begun_intervals as (
    select
        {{ first_of_month('ready_on') }} as in_month,
        count(*) as intervals,
        count(*) filter (where end_reason = 'withdrawn') as withdrawn,
        count(*) filter (where payer_municipality_code = '9999') as payer_unknown
    from {{ ref('int_readiness__days') }}
    group by {{ first_of_month('ready_on') }}
),

discharged_intervals as (
    select
        {{ first_of_month('intervals.ended_on') }} as in_month,
        count(*) as intervals,
        count(*) filter (where intervals.ready_days = 0) as day_zero,
        count(*) filter (where intervals.ready_days > longest_wait.limit_days) as long_waits,
        count(*) filter (where intervals.ready_days > 0) as waited,
        sum(intervals.ready_days) as ready_days
    from {{ ref('int_readiness__days') }} as intervals
    left join longest_wait on {{ in_force('longest_wait', 'intervals.ended_on') }}
    where intervals.end_reason = 'discharged'
    group by {{ first_of_month('intervals.ended_on') }}
),

assessed_intervals as (
    select
        {{ first_of_month('ended_on') }} as in_month,
        count(*) as intervals,
        count(*) filter (where is_liable) as liable
    from {{ ref('int_responsibility__assessed') }}
    where end_reason = 'discharged'
    group by {{ first_of_month('ended_on') }}
),

headline_discharges as (
    select
        month as in_month,
        count(*) as discharges,
        count(*) filter (where is_readmitted) as readmissions
    from {{ ref('int_readmissions__index_spells') }}
    where is_headline
    group by month
),

discharged_spells as (
    select
        {{ first_of_month('discharged_on') }} as in_month,
        count(*) as spells,
        sum(stays) as stays,
        count(*) filter (where municipality_code is null) as without_municipality
    from {{ ref('int_spells') }}
    where discharged_on is not null and discharge_destination <> 'deceased'
    group by {{ first_of_month('discharged_on') }}
),

figures as (
    {%- for feed, kind, figure, numerator, denominator, source in [
        ('stays', 'share', 'unplanned_share', 'unplanned', 'stays', 'admitted'),
        ('stays', 'share', 'women_share', 'women', 'stays', 'admitted'),
        ('stays', 'share', 'deceased_share', 'deceased', 'stays', 'discharged'),
        ('stays', 'mean', 'mean_stay_days', 'stay_days', 'stays', 'discharged'),
        ('cases', 'share', 'sip_required_share', 'sip_required', 'cases', 'opened_cases'),
        ('messages', 'share', 'admission_notice_24h_share', 'notified_in_time', 'cases', 'opened_cases'),
        ('messages', 'share', 'voided_share', 'voided', 'messages', 'sent_messages'),
        ('messages', 'share', 'assessed_share', 'assessed', 'notices', 'ready_notices'),
        ('messages', 'share', 'before_noon_share', 'before_noon', 'notices', 'ready_notices'),
        ('intervals', 'share', 'withdrawn_share', 'withdrawn', 'intervals', 'begun_intervals'),
        ('intervals', 'share', 'payer_unknown_share', 'payer_unknown', 'intervals', 'begun_intervals'),
        ('intervals', 'share', 'day_zero_share', 'day_zero', 'intervals', 'discharged_intervals'),
        ('intervals', 'share', 'long_wait_share', 'long_waits', 'intervals', 'discharged_intervals'),
        ('intervals', 'share', 'liable_share', 'liable', 'intervals', 'assessed_intervals'),
        ('intervals', 'mean', 'mean_ready_days', 'ready_days', 'waited', 'discharged_intervals'),
        ('spells', 'share', 'readmission_share', 'readmissions', 'discharges', 'headline_discharges'),
        ('spells', 'mean', 'mean_stays_per_spell', 'stays', 'spells', 'discharged_spells'),
        ('spells', 'share', 'municipality_unknown_share', 'without_municipality', 'spells', 'discharged_spells'),
    ] %}
        select
            '{{ feed }}' as subject,
            '{{ kind }}' as kind,
            '{{ figure }}' as figure,
            in_month,
            {{ numerator }} as numerator,
            {{ denominator }} as denominator
        from {{ source }}
        union all
    {%- endfor %}
    select
        'stays' as subject,
        'share' as kind,
        'unsent_discharge_share' as figure,
        admitted.in_month,
        coalesce(unsent.stays, 0) as numerator,
        admitted.stays as denominator
    from admitted
    left join unsent on admitted.in_month = unsent.in_month
    union all
    select
        'stays' as subject,
        'mean' as kind,
        'open_stays_per_admission' as figure,
        admitted.in_month,
        open_stays.stays as numerator,
        admitted.stays as denominator
    from admitted
    inner join open_stays on admitted.in_month = open_stays.month
    union all
    select
        'cases' as subject,
        'share' as kind,
        'case_share' as figure,
        admitted.in_month,
        coalesce(opened_cases.cases, 0) as numerator,
        admitted.stays as denominator
    from admitted
    left join opened_cases on admitted.in_month = opened_cases.in_month
    union all
    select
        'spells' as subject,
        'share' as kind,
        'readiness_share' as figure,
        discharged_spells.in_month,
        coalesce(discharged_intervals.intervals, 0) as numerator,
        discharged_spells.spells as denominator
    from discharged_spells
    left join discharged_intervals on discharged_spells.in_month = discharged_intervals.in_month
),

compared as (
    select
        figures.subject,
        figures.kind,
        figures.figure,
        coalesce(sum(figures.numerator) filter (where months.months_ago = 0), 0) as numerator,
        coalesce(sum(figures.denominator) filter (where months.months_ago = 0), 0) as denominator,
        coalesce(sum(figures.numerator) filter (where months.months_ago > 0), 0) as numerator_before,
        coalesce(sum(figures.denominator) filter (where months.months_ago > 0), 0) as denominator_before,
        count(*) filter (where months.months_ago > 0 and figures.denominator > 0) as months_before
    from figures
    inner join months on figures.in_month = months.month
    group by
        figures.subject,
        figures.kind,
        figures.figure
),

valued as (
    select
        compared.*,
        cast({{ half_up_ratio('numerator', 'nullif(denominator, 0)', 6) }} as decimal(14, 6)) as amount,
        cast({{ half_up_ratio('numerator_before', 'nullif(denominator_before, 0)', 6) }} as decimal(14, 6))
            as amount_before,
        cast(
            {{ half_up_ratio('numerator * denominator_before', 'nullif(denominator * numerator_before, 0)', 4) }}
            as decimal(14, 4)
        ) as times_before
    from compared
),

final as (
    select
        subject,
        kind,
        figure,
        cast(numerator as bigint) as numerator,
        cast(denominator as bigint) as denominator,
        amount,
        cast(months_before as integer) as months_before,
        cast(denominator_before as bigint) as denominator_before,
        amount_before,
        amount - amount_before as difference,
        times_before
    from valued
)

select * from final
