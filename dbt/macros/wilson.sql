{# The bounds of a share at 95 per cent by Wilson's score interval (marts contract: z = 1.959964), six decimals. #}
{% macro wilson_low(numerator, denominator) -%}
    {{ wilson_bound(numerator, denominator, '-') }}
{%- endmacro %}

{% macro wilson_high(numerator, denominator) -%}
    {{ wilson_bound(numerator, denominator, '+') }}
{%- endmacro %}

{% macro wilson_bound(numerator, denominator, sign) -%}
    cast({{ wilson_score(numerator, denominator, sign) }} as decimal(9, 6))
{%- endmacro %}

{% macro wilson_score(numerator, denominator, sign) -%}
    {%- set n = 'cast(' ~ denominator ~ ' as double)' -%}
    {%- set p = '(cast(' ~ numerator ~ ' as double) / ' ~ n ~ ')' -%}
    {%- set zz = '(1.959964 * 1.959964)' -%}
    (
        (
            {{ p }} + {{ zz }} / (2 * {{ n }})
            {{ sign }} 1.959964 * sqrt({{ p }} * (1 - {{ p }}) / {{ n }} + {{ zz }} / (4 * {{ n }} * {{ n }}))
        ) / (1 + {{ zz }} / {{ n }})
    )
{%- endmacro %}
