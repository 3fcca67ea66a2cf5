{# Whole days from one date to another; negative where the second is earlier. Integer on every engine. #}
{% macro days_between(from_date, to_date) -%}
    {{ return(adapter.dispatch('days_between')(from_date, to_date)) }}
{%- endmacro %}

{% macro default__days_between(from_date, to_date) -%}
    cast(({{ to_date }}) - ({{ from_date }}) as integer)
{%- endmacro %}

{% macro spark__days_between(from_date, to_date) -%}
    datediff({{ to_date }}, {{ from_date }})
{%- endmacro %}
