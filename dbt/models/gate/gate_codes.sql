-- One row per code that no reference table holds (hospitals, clinics, source systems), seen up to the release month:
-- how often in it and before. A code that was never seen before is new; a source that renames its codes brings many at
-- once.
with candidate as (
    select * from {{ ref('stg_candidate') }}
),

months as (
    select * from {{ ref('gate_months') }}
),

history as (
    select count(*) filter (where months_ago > 0) as months_before
    from months
),

-- Each count reads its tables itself: a CTE of all stays that several read would be laid down whole.
counted as (
    select
        'hospital_id' as code_column,
        stays.hospital_id as code,
        count(*) filter (where stays.admitted_on >= candidate.month) as rows_in_month,
        count(*) filter (where stays.admitted_on < candidate.month) as rows_before
    from {{ ref('int_episodes__in_force') }} as stays
    cross join candidate
    group by stays.hospital_id
    union all
    select
        'clinic_code' as code_column,
        stays.clinic_code as code,
        count(*) filter (where stays.admitted_on >= candidate.month) as rows_in_month,
        count(*) filter (where stays.admitted_on < candidate.month) as rows_before
    from {{ ref('int_episodes__in_force') }} as stays
    cross join candidate
    where stays.clinic_code is not null
    group by stays.clinic_code
    union all
    select
        'source_system' as code_column,
        cases.source_system as code,
        count(*) filter (where stays.admitted_on >= candidate.month) as rows_in_month,
        count(*) filter (where stays.admitted_on < candidate.month) as rows_before
    from {{ ref('int_cases__in_force') }} as cases
    inner join {{ ref('int_episodes__in_force') }} as stays on cases.episode_id = stays.episode_id
    cross join candidate
    group by cases.source_system
),

totals as (
    select
        code_column,
        sum(rows_in_month) as rows_of_column
    from counted
    group by code_column
),

final as (
    select
        counted.code_column,
        counted.code,
        counted.rows_in_month,
        counted.rows_before,
        cast(history.months_before as integer) as months_before,
        counted.rows_in_month > 0 and counted.rows_before = 0 as is_new,
        cast({{ half_up_ratio('counted.rows_in_month', 'nullif(totals.rows_of_column, 0)', 6) }} as decimal(9, 6))
            as share_of_month
    from counted
    inner join totals on counted.code_column = totals.code_column
    cross join history
)

select * from final
