{# numerator / denominator of whole numbers, neither negative, with halves rounded up (rules §8) in integers:
   a division of doubles would decide some halves by its last bit. Counted as bigint: a thousand readmissions in
   millionths are already more than an integer holds. Cast the result to the column's decimal. #}
{% macro half_up_ratio(numerator, denominator, decimals=4) -%}
    {%- set scale = 10 ** decimals -%}
    {%- set counted = 'cast(' ~ numerator ~ ' as bigint)' -%}
    {%- set of_all = 'cast(' ~ denominator ~ ' as bigint)' -%}
    (
        cast({{ floor_divide('2 * ' ~ scale ~ ' * ' ~ counted ~ ' + ' ~ of_all, '2 * ' ~ of_all) }} as decimal(18, 0))
        * cast('{{ '%.*f' | format(decimals, 1 / scale) }}' as decimal({{ decimals + 1 }}, {{ decimals }}))
    )
{%- endmacro %}

{% macro floor_divide(numerator, denominator) -%}
    {{ return(adapter.dispatch('floor_divide')(numerator, denominator)) }}
{%- endmacro %}

{% macro default__floor_divide(numerator, denominator) -%}
    (({{ numerator }}) // ({{ denominator }}))
{%- endmacro %}

{% macro spark__floor_divide(numerator, denominator) -%}
    (({{ numerator }}) div ({{ denominator }}))
{%- endmacro %}
