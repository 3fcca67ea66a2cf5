-- The annual indicators as sums, with those of the months that the year is compared with. Where only one of the two
-- has parts, the other is 0, or null where there is no such year. A numerator that is null in one part is null. A row
-- has a denominator above 0, or a count other than 0, in one of the two.
with placed as (
    select * from {{ ref('int_annual__placed') }}
),

years as (
    select
        year,
        max(case when is_previous then 1 else 0 end) = 1 as has_previous,
        max(months_included) as months_included,
        max(case when not is_previous then days_included end) as days_included,
        max(case when is_previous then days_included end) as previous_days_included,
        max(status) as status
    from {{ ref('int_annual__months') }}
    group by year
),

added as (
    select
        year,
        municipality_code,
        district_code,
        indicator_id,
        sex,
        case
            when coalesce(sum(without_numerator) filter (where not is_previous), 0) = 0
                then coalesce(sum(numerator) filter (where not is_previous), 0)
        end as numerator,
        sum(denominator) filter (where not is_previous) as denominator,
        sum(squares) filter (where not is_previous) as squares,
        case
            when coalesce(sum(without_numerator) filter (where is_previous), 0) = 0
                then coalesce(sum(numerator) filter (where is_previous), 0)
        end as previous_numerator,
        sum(denominator) filter (where is_previous) as previous_denominator,
        sum(squares) filter (where is_previous) as previous_squares
    from placed
    group by
        year,
        municipality_code,
        district_code,
        indicator_id,
        sex
),

counted as (
    select
        added.year,
        added.municipality_code,
        added.district_code,
        added.indicator_id,
        cast(added.sex as integer) as sex,
        cast(added.numerator as decimal(18, 2)) as numerator,
        -- Every place's beds are of all days of the months.
        cast(
            case
                when added.indicator_id = 'beds_equivalent' then years.days_included else added.denominator
            end as bigint
        ) as denominator,
        cast(added.squares as bigint) as squares,
        cast(case when years.has_previous then added.previous_numerator end as decimal(18, 2)) as previous_numerator,
        cast(
            case
                when added.indicator_id = 'beds_equivalent' then years.previous_days_included
                else added.previous_denominator
            end as bigint
        ) as previous_denominator,
        cast(added.previous_squares as bigint) as previous_squares,
        years.months_included,
        years.status
    from added
    inner join years on added.year = years.year
),

final as (
    select * from counted
    where
        denominator > 0
        or previous_denominator > 0
        or (
            denominator is null
            and previous_denominator is null
            and (numerator is null or numerator <> 0 or previous_numerator <> 0)
        )
)

select * from final
