-- The months that a year's figures are of: its own, from the region's first delivery to the release month, and the
-- same months of the year before, which it is compared with: six months of a running year with six, not twelve. Where
-- not all of these are published there is no year before. A year is final when a later one has begun: from January's
-- release on, the first in which December is final (rules §6).
with months as (
    select
        *,
        cast(extract(year from month) as integer) as year,
        cast(extract(month from month) as integer) as month_of_year
    from {{ ref('int_months') }}
),

years as (
    select
        year,
        cast(count(*) as integer) as months_included,
        max(month) as last_month,
        max(month_end) as year_end
    from months
    group by year
),

own as (
    select
        years.*,
        months.month,
        months.month_of_year,
        months.days_in_month,
        false as is_previous
    from years
    inner join months on years.year = months.year
),

previous as (
    select
        own.year,
        own.months_included,
        own.last_month,
        own.year_end,
        months.month,
        own.month_of_year,
        months.days_in_month,
        true as is_previous
    from own
    inner join months on own.year - 1 = months.year and own.month_of_year = months.month_of_year
),

whole as (
    select * from own
    union all
    select * from previous
    where year in (
            select p.year from previous as p
            group by p.year
            having count(*) = max(p.months_included)
        )
),

final as (
    select
        year,
        is_previous,
        month,
        month_of_year = extract(month from last_month) as is_last,
        year_end,
        months_included,
        cast(sum(days_in_month) over (partition by year, is_previous) as integer) as days_included,
        case when year < max(year) over () then 'final' else 'preliminary' end as status
    from whole
)

select * from final
