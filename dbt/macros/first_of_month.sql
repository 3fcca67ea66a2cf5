{# The first date of a date's month, as a date: Spark's date_trunc gives a timestamp. #}
{% macro first_of_month(a_date) -%}
    cast(date_trunc('month', {{ a_date }}) as date)
{%- endmacro %}
