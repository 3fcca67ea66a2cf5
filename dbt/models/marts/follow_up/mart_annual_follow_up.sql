with figures as (
    select * from {{ ref('int_annual__figures') }}
),

indicators as (
    select * from {{ ref('dim_indicator') }}
),

plan as (
    select * from {{ ref('dim_follow_up_plan') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

-- The region's own row of the plan goes before the one for all.
planned as (
    select
        plan.year,
        plan.indicator_id,
        plan.direction,
        plan.target
    from plan
    cross join candidate
    where plan.region_code in (candidate.region_code, 'SE')
    qualify
        row_number() over (
            partition by plan.year, plan.indicator_id
            order by case when plan.region_code = candidate.region_code then 0 else 1 end
        ) = 1
),

described as (
    select
        figures.*,
        indicators.unit,
        coalesce(planned.direction, indicators.direction) as direction,
        planned.target
    from figures
    inner join indicators on figures.indicator_id = indicators.indicator_id
    left join planned on figures.year = planned.year and figures.indicator_id = planned.indicator_id
),

valued as (
    select
        *,
        {{ annual_value('numerator', 'denominator') }} as value,
        {{ annual_value('previous_numerator', 'previous_denominator') }} as value_previous_year
    from described
),

final as (
    select
        candidate.region_code,
        valued.year,
        valued.municipality_code,
        valued.district_code,
        valued.indicator_id,
        valued.sex,
        cast(case when valued.unit <> 'sek' then valued.numerator end as integer) as numerator,
        cast(valued.denominator as integer) as denominator,
        valued.value,
        valued.value_previous_year,
        cast(valued.value - valued.value_previous_year as decimal(18, 6)) as change,
        valued.target,
        valued.direction,
        case
            -- What grows with the year is not judged before the year is whole.
            when valued.unit in ('days', 'days_per_1000', 'sek', 'count') and valued.months_included < 12 then null
            when valued.direction = 'higher' then valued.value >= valued.target
            when valued.direction = 'lower' then valued.value <= valued.target
        end as meets_target,
        valued.months_included,
        valued.status
    from valued
    cross join candidate
)

select * from final
