with judged as (
    select * from {{ ref('int_billing_readiness__judged') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

counted as (
    select
        month,
        unit_type,
        unit_id,
        count(*) filter (where passed) as criteria_passed,
        count(*) filter (where passed is not null or is_required) as criteria_to_pass,
        {{ joined_in_order("criterion || '=' || missing_for_verdict", 'position', '|') }} as shortfalls
    from judged
    group by
        month,
        unit_type,
        unit_id
),

-- Nothing judged proves nothing: the verdict is positive only where something passed.
verdicts as (
    select
        *,
        criteria_passed > 0 and criteria_passed = criteria_to_pass as passed
    from counted
),

rows_of_units as (
    select
        month,
        unit_type,
        unit_id,
        criterion,
        value,
        threshold,
        passed,
        missing_for_verdict
    from judged
    union all
    select
        month,
        unit_type,
        unit_id,
        'verdict' as criterion,
        cast(criteria_passed as decimal(18, 6)) as value,
        cast(criteria_to_pass as decimal(18, 6)) as threshold,
        passed,
        case when not passed then coalesce(shortfalls, 'too_few_observations') end as missing_for_verdict
    from verdicts
),

final as (
    select
        candidate.region_code,
        rows_of_units.month,
        rows_of_units.unit_type,
        rows_of_units.unit_id,
        rows_of_units.criterion,
        rows_of_units.value,
        rows_of_units.threshold,
        rows_of_units.passed,
        rows_of_units.missing_for_verdict
    from rows_of_units
    cross join candidate
)

select * from final
