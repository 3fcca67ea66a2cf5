{# numerator / denominator of whole numbers, neither negative, with halves rounded up (rules §8) in integers:
   a division of doubles would decide some halves by its last bit. Cast the result to the column's decimal. #}
{% macro half_up_ratio(numerator, denominator, decimals=4) -%}
    {%- set scale = 10 ** decimals -%}
    (
        cast({{ floor_divide('2 * ' ~ scale ~ ' * (' ~ numerator ~ ') + (' ~ denominator ~ ')',
                             '2 * (' ~ denominator ~ ')') }} as decimal(18, 0))
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
