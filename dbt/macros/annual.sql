{# An annual figure from its sums, by the unit of its indicator: a share with six decimals, a mean, beds and days per 1 000
   with four (rules §8), a count, days and kronor as they are; null without a denominator. Reads the column unit. #}
{% macro annual_value(numerator, denominator) -%}
    {%- set of = 'nullif(' ~ denominator ~ ', 0)' -%}
    cast(
        case
            when unit = 'share' then {{ half_up_ratio(numerator, of, 6) }}
            when unit in ('mean_days', 'beds') then {{ half_up_ratio(numerator, of) }}
            when unit = 'days_per_1000' then {{ half_up_ratio('1000 * ' ~ numerator, of) }}
            else {{ numerator }}
        end as decimal(18, 6)
    )
{%- endmacro %}

{# How far a bound of the 95 per cent interval of a share or mean lies from it (sign: - or +), as a double. A share's is
   Wilson's. A mean's is the normal distribution's, with the spread of the single values, which the sum of their squares
   tells exactly in whole numbers; of fewer than 30 it has none, since waits are skewed. Reads the column unit. #}
{% macro interval_reach(numerator, denominator, squares, sign) -%}
    {%- set n = 'cast(' ~ denominator ~ ' as bigint)' -%}
    {%- set total = 'cast(' ~ numerator ~ ' as bigint)' -%}
    case
        when unit = 'share'
            then abs({{ wilson_score(numerator, denominator, sign) }} - cast({{ total }} as double) / {{ n }})
        when {{ n }} >= 30
            then
                1.959964 * sqrt(
                    cast({{ n }} * {{ squares }} - {{ total }} * {{ total }} as double)
                    / (cast({{ n }} as double) * {{ n }} * ({{ n }} - 1))
                )
    end
{%- endmacro %}
