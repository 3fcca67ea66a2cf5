-- Each unit by each criterion in force on the month's last date. The value passes at the threshold; with fewer
-- observations than the criterion asks for it is not judged, and neither passes nor fails. A value that is unknown
-- though there are observations does not pass: what is missing is then `unknown`, else the distance to the threshold.
-- Completeness of districts is asked of municipalities that have them.
with units as (
    select * from {{ ref('int_billing_readiness__units') }}
),

criteria as (
    select * from {{ ref('ref_billing_criteria') }}
),

municipalities_with_districts as (
    select distinct municipality_code from {{ ref('ref_districts') }}
),

measured as (
    select * from {{ ref('int_billing_readiness__discharges') }}
    union all
    select * from {{ ref('int_billing_readiness__notices') }}
    union all
    select * from {{ ref('int_billing_readiness__rows') }}
    union all
    select * from {{ ref('int_billing_readiness__times') }}
    union all
    select * from {{ ref('int_billing_readiness__reconciliation') }}
),

asked as (
    select
        units.month,
        units.unit_type,
        units.unit_id,
        criteria.criterion,
        criteria.position,
        criteria.direction,
        criteria.threshold,
        criteria.least_cases,
        criteria.is_required
    from units
    inner join criteria
        on units.unit_type = criteria.unit_type and {{ in_force('criteria', 'units.month_end') }}
    left join municipalities_with_districts
        on units.unit_id = municipalities_with_districts.municipality_code
    where criteria.criterion <> 'district_completeness' or municipalities_with_districts.municipality_code is not null
),

judged as (
    select
        asked.*,
        measured.value,
        case
            when coalesce(measured.observations, 0) < asked.least_cases then null
            when asked.direction = 'at_least' then coalesce(measured.value >= asked.threshold, false)
            else coalesce(measured.value <= asked.threshold, false)
        end as passed
    from asked
    left join measured
        on
            asked.month = measured.month
            and asked.unit_type = measured.unit_type
            and asked.unit_id = measured.unit_id
            and asked.criterion = measured.criterion
),

final as (
    select
        month,
        unit_type,
        unit_id,
        criterion,
        position,
        is_required,
        value,
        cast(threshold as decimal(18, 6)) as threshold,
        passed,
        case
            when not passed and value is null then 'unknown'
            when not passed then cast(cast(abs(threshold - value) as decimal(18, 6)) as {{ dbt.type_string() }})
        end as missing_for_verdict
    from judged
)

select * from final
