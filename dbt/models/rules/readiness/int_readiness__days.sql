-- Ready days (utskrivningsklara dagar, rules §3): the dates from the day of the notice up to, not including, the day
-- the interval ended; through the last day of the release month where it is open or ended later. Ready and discharged
-- on the same date: 0 days. The interval's own description stands beside: who pays, and whose stay it is.
with intervals as (
    select * from {{ ref('int_readiness__intervals') }}
),

payers as (
    select * from {{ ref('int_readiness__payers') }}
),

spell_cases as (
    select * from {{ ref('int_spells__cases') }}
),

spells as (
    select
        region_code,
        spell_id,
        sex,
        age,
        is_protected
    from {{ ref('int_readiness__spells') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

counted as (
    select
        intervals.*,
        least(
            coalesce(intervals.ended_on, {{ add_days('candidate.month_end', 1) }}),
            {{ add_days('candidate.month_end', 1) }}
        ) as counted_to,
        coalesce(intervals.ended_on, candidate.month_end) as shown_on
    from intervals
    cross join candidate
),

final as (
    select
        spells.region_code,
        counted.interval_id,
        counted.spell_id,
        counted.case_id,
        counted.ready_at,
        counted.ready_at_local,
        counted.ready_on,
        counted.withdrawal_id,
        counted.ended_at,
        counted.ended_on,
        counted.end_reason,
        counted.counted_to,
        counted.shown_on,
        {{ days_between('counted.ready_on', 'counted.counted_to') }} as ready_days,
        payers.payer_municipality_code,
        payers.delivered_district_code,
        spell_cases.payment_class,
        spell_cases.care_area,
        spell_cases.hospital_id,
        spells.sex,
        {{ age_band('spells.age') }} as age_band,
        spells.is_protected
    from counted
    inner join payers on counted.interval_id = payers.interval_id
    inner join spell_cases on counted.case_id = spell_cases.case_id
    inner join spells on counted.spell_id = spells.spell_id
)

select * from final
