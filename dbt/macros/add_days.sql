{# A date some days later. DuckDB refuses a bigint beside a date, so the number is cast. #}
{% macro add_days(a_date, days) -%}
    {{ return(adapter.dispatch('add_days')(a_date, days)) }}
{%- endmacro %}

{% macro default__add_days(a_date, days) -%}
    (({{ a_date }}) + cast({{ days }} as integer))
{%- endmacro %}

{% macro spark__add_days(a_date, days) -%}
    date_add({{ a_date }}, cast({{ days }} as integer))
{%- endmacro %}
