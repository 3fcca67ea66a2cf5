with commitments as (
    select * from {{ ref('ref_commitments') }}
),

statements as (
    select * from {{ ref('int_statements__in_force') }}
),

follow_up as (
    select * from {{ ref('mart_annual_follow_up') }}
    where district_code = 'all' and sex = 0
),

verdicts as (
    select * from {{ ref('mart_billing_readiness_monthly') }}
    where unit_type = 'hospital' and criterion = 'verdict'
),

plan as (
    select * from {{ ref('dim_follow_up_plan') }}
),

years as (
    select
        year,
        month as last_month,
        months_included
    from {{ ref('int_annual__months') }}
    where is_last and not is_previous
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

-- The annual indicators of the whole county, and what the warehouse knows of itself.
measured as (
    select
        follow_up.year,
        follow_up.indicator_id,
        follow_up.value
    from follow_up
    inner join candidate on follow_up.municipality_code = candidate.region_code
    union all
    select
        years.year,
        'billing_ready_hospitals' as indicator_id,
        {{ half_up_ratio('count(*) filter (where verdicts.passed)', 'count(*)', 6) }} as value
    from years
    inner join verdicts on years.last_month = verdicts.month
    group by years.year
    union all
    select
        year,
        'published_months' as indicator_id,
        months_included as value
    from years
    union all
    select
        years.year,
        'planned_indicators' as indicator_id,
        count(distinct plan.indicator_id) as value
    from years
    cross join candidate
    left join plan on years.year + 1 = plan.year and plan.region_code in (candidate.region_code, 'SE')
    group by years.year
),

-- The gravest statement is the commitment's: one that is not met by all is not met.
stated as (
    select
        year,
        commitment_id,
        cast(count(*) as integer) as statements,
        case max(case fulfilment when 'not_fulfilled' then 3 when 'partly_fulfilled' then 2 else 1 end)
            when 3 then 'not_fulfilled'
            when 2 then 'partly_fulfilled'
            else 'fulfilled'
        end as fulfilment,
        {{ joined_in_order(
            "case party when 'region' then 'Regionen: ' || statement when 'storsthlm' then 'Storsthlm: ' || statement end",
            'party', ' '
        ) }} as comment
    from statements
    group by
        year,
        commitment_id
),

final as (
    select
        candidate.region_code,
        years.year,
        commitments.commitment_id,
        commitments.position,
        commitments.area_sv as area,
        commitments.party,
        commitments.commitment_sv as commitment,
        case
            when commitments.due_kind = 'yearly' then {{ same_day_in_year('commitments.due_on', 'years.year') }}
            else commitments.due_on
        end as due_on,
        commitments.how_sv as followed_by,
        commitments.indicator_id,
        cast(measured.value as decimal(18, 6)) as measured_value,
        coalesce(stated.statements, 0) as statements,
        coalesce(stated.fulfilment, case when measured.value is not null then 'measured' else 'not_stated' end)
            as status,
        stated.comment
    from years
    cross join candidate
    cross join commitments
    left join measured
        on years.year = measured.year and commitments.indicator_id = measured.indicator_id
    left join stated
        on years.year = stated.year and commitments.commitment_id = stated.commitment_id
)

select * from final
