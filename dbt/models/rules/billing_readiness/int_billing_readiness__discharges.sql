-- Of the discharges of the month, how many can be billed by (criteria admission_notice_present,
-- admission_notice_in_time, discharge_with_readiness). Counted are the cases of spells that ended in the month with
-- the person alive: with a first admission notice in the spell, and of these in time by LUS 2:3. A discharge, one per
-- spell, should have a readiness interval that ended in it, unless the patient was moved to other inpatient care.
with cases as (
    select * from {{ ref('int_billing_readiness__cases') }}
    where discharged_on is not null and discharge_destination <> 'deceased'
),

months as (
    select * from {{ ref('int_months') }}
),

first_admission_notices as (
    select
        spell_id,
        is_late
    from {{ ref('int_conditions__first_admission_notices') }}
),

ready_discharges as (
    select spell_id
    from {{ ref('int_readiness__intervals') }}
    where end_reason = 'discharged'
),

described as (
    select
        months.month,
        cases.hospital_id,
        cases.payer_municipality_code,
        first_admission_notices.spell_id is not null as has_notice,
        coalesce(not first_admission_notices.is_late, false) as is_in_time,
        cases.is_latest_of_spell and cases.discharge_destination <> 'inpatient' as is_discharge,
        ready_discharges.spell_id is not null as has_readiness
    from cases
    inner join months on {{ first_of_month('cases.discharged_on') }} = months.month
    left join first_admission_notices on cases.spell_id = first_admission_notices.spell_id
    left join ready_discharges on cases.spell_id = ready_discharges.spell_id
),

counted as (
    select
        month,
        hospital_id,
        payer_municipality_code,
        count(*) as cases,
        count(*) filter (where has_notice) as cases_with_notice,
        count(*) filter (where is_in_time) as cases_in_time,
        count(*) filter (where is_discharge) as discharges,
        count(*) filter (where is_discharge and has_readiness) as ready_discharges
    from described
    group by
        month,
        hospital_id,
        payer_municipality_code
),

by_unit as (
    {{ rows_by_unit('counted') }}
),

summed as (
    select
        month,
        unit_type,
        unit_id,
        cast(sum(cases) as bigint) as cases,
        cast(sum(cases_with_notice) as bigint) as cases_with_notice,
        cast(sum(cases_in_time) as bigint) as cases_in_time,
        cast(sum(discharges) as bigint) as discharges,
        cast(sum(ready_discharges) as bigint) as ready_discharges
    from by_unit
    group by
        month,
        unit_type,
        unit_id
),

final as (
    {{ measured_share('summed', 'admission_notice_present', 'cases_with_notice', 'cases') }}
    union all
    {{ measured_share('summed', 'admission_notice_in_time', 'cases_in_time', 'cases_with_notice') }}
    union all
    {{ measured_share('summed', 'discharge_with_readiness', 'ready_discharges', 'discharges') }}
)

select * from final
