with figures as (
    select * from {{ ref('int_annual__figures') }}
),

-- Shares and means of persons' care; what has no sex is a whole, such as the list of contacts, and no chance is in it.
indicators as (
    select
        indicator_id,
        unit
    from {{ ref('dim_indicator') }}
    where unit in (
            'share', 'mean_days') and indicator_id in (
            select f.indicator_id from figures as f
            where f.sex <> 0
        )
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

measured as (
    select
        figures.*,
        indicators.unit
    from figures
    inner join indicators on figures.indicator_id = indicators.indicator_id
),

compared as (
    {%- for comparison, one, other, together in [
        ('women_men', 'one.sex = 2', 'other.sex = 1',
         'one.municipality_code = other.municipality_code and one.district_code = other.district_code'),
        ('rest_of_county', 'one.sex = 0 and one.municipality_code <> candidate.region_code',
         'other.sex = 0 and other.municipality_code = candidate.region_code', 'true'),
    ] %}
        {%- set of_rest = comparison == 'rest_of_county' %}
        select
            one.year,
            one.municipality_code,
            one.district_code,
            one.indicator_id,
            one.unit,
            '{{ comparison }}' as comparison,
            one.numerator,
            one.denominator,
            one.squares,
            other.numerator{{ ' - one.numerator' if of_rest }} as other_numerator,
            other.denominator{{ ' - one.denominator' if of_rest }} as other_denominator,
            other.squares{{ ' - one.squares' if of_rest }} as other_squares,
            one.months_included,
            one.status
        from measured as one
        cross join candidate
        inner join measured as other
            on
                one.year = other.year
                and one.indicator_id = other.indicator_id
                and {{ together }}
        where {{ one }} and {{ other }}
        union all
    {%- endfor %}
    select
        year,
        municipality_code,
        district_code,
        indicator_id,
        unit,
        'previous_year' as comparison,
        numerator,
        denominator,
        squares,
        previous_numerator as other_numerator,
        previous_denominator as other_denominator,
        previous_squares as other_squares,
        months_included,
        status
    from measured
    where sex = 0
),

valued as (
    select
        *,
        {{ annual_value('numerator', 'denominator') }} as value,
        {{ annual_value('other_numerator', 'other_denominator') }} as compared_value,
        cast(numerator as double) / denominator as unrounded,
        cast(other_numerator as double) / other_denominator as compared_unrounded,
        {{ interval_reach('numerator', 'denominator', 'squares', '-') }} as below,
        {{ interval_reach('numerator', 'denominator', 'squares', '+') }} as above,
        {{ interval_reach('other_numerator', 'other_denominator', 'other_squares', '-') }} as other_below,
        {{ interval_reach('other_numerator', 'other_denominator', 'other_squares', '+') }} as other_above
    from compared
    where denominator > 0 and other_denominator > 0
),

-- Newcombe's interval of a difference: the reaches of both, put together as the sides of a right angle.
bounded as (
    select
        *,
        cast(unrounded - below as decimal(18, 6)) as value_low,
        cast(unrounded + above as decimal(18, 6)) as value_high,
        cast(value - compared_value as decimal(18, 6)) as difference,
        cast(
            unrounded - compared_unrounded - sqrt(below * below + other_above * other_above) as decimal(18, 6)
        ) as difference_low,
        cast(
            unrounded - compared_unrounded + sqrt(above * above + other_below * other_below) as decimal(18, 6)
        ) as difference_high
    from valued
),

final as (
    select
        candidate.region_code,
        bounded.year,
        bounded.municipality_code,
        bounded.district_code,
        bounded.indicator_id,
        bounded.comparison,
        cast(bounded.denominator as integer) as denominator,
        bounded.value,
        bounded.value_low,
        bounded.value_high,
        cast(bounded.other_denominator as integer) as compared_denominator,
        bounded.compared_value,
        bounded.difference,
        bounded.difference_low,
        bounded.difference_high,
        coalesce(bounded.difference_low > 0 or bounded.difference_high < 0, false) as is_certain,
        bounded.months_included,
        bounded.status
    from bounded
    cross join candidate
)

select * from final
