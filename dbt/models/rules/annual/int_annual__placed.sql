-- The parts of the annual indicators in the year and at the places that they count in: once for the year itself and
-- once for the one that it is compared with; for the county, its municipalities and the districts of those that have
-- any, for women, men and both (rules §8: the county has its two-digit code, a whole municipality district `all`, both
-- sexes 0). Districts are as of the last day of the year, or of its last published month, for the year before too: a
-- merged district is compared with the sum of those that it took the place of.
with parts as (
    select * from {{ ref('int_annual__parts') }}
),

months as (
    select * from {{ ref('int_annual__months') }}
),

district_chain as (
    select * from {{ ref('int_district_chain') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

with_districts as (
    select municipality_code from {{ ref('dim_municipality') }}
    where has_districts
),

dated as (
    select
        candidate.region_code,
        months.year,
        months.is_previous,
        parts.municipality_code,
        coalesce(district_chain.shown_district_code, parts.district_code) as district_code,
        parts.sex,
        parts.indicator_id,
        sum(parts.numerator) as numerator,
        sum(parts.denominator) as denominator,
        sum(parts.squares) as squares,
        count(*) - count(parts.numerator) as without_numerator
    from parts
    cross join candidate
    inner join months on parts.month = months.month and (months.is_last or not parts.is_stock)
    left join district_chain
        on
            parts.municipality_code = district_chain.municipality_code
            and parts.district_code = district_chain.district_code
            and months.year_end >= district_chain.shown_from
            and months.year_end <= district_chain.shown_to
    group by all
),

levels as (
    select 'county' as place_level
    union all
    select 'municipality' as place_level
    union all
    select 'district' as place_level
),

both_sexes as (
    select true as is_both
    union all
    select false as is_both
),

final as (
    select
        dated.year,
        dated.is_previous,
        case when levels.place_level = 'county' then dated.region_code else dated.municipality_code end
            as municipality_code,
        case when levels.place_level = 'district' then dated.district_code else 'all' end as district_code,
        dated.indicator_id,
        case when both_sexes.is_both then 0 else dated.sex end as sex,
        dated.numerator,
        dated.denominator,
        dated.squares,
        dated.without_numerator
    from dated
    cross join levels
    cross join both_sexes
    where
        (both_sexes.is_both or dated.sex <> 0)
        and (
            levels.place_level <> 'district'
            or (
                dated.district_code is not null
                and dated.municipality_code in (select w.municipality_code from with_districts as w)
            )
        )
)

select * from final
