-- The months that a month is judged against: the release month and up to twelve before it, none before the region's
-- first delivery.
with months as (
    select * from {{ ref('int_months') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

numbered as (
    select
        months.month,
        months.next_month,
        cast(
            (extract(year from candidate.month) - extract(year from months.month)) * 12
            + extract(month from candidate.month) - extract(month from months.month) as integer
        ) as months_ago
    from months
    cross join candidate
),

final as (
    select
        month,
        next_month,
        months_ago
    from numbered
    where months_ago <= 12
)

select * from final
