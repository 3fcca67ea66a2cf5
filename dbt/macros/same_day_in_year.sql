{# A date's day and month in another year, as a date; null for 29 February where the year has none. #}
{% macro same_day_in_year(a_date, year) -%}
    try_cast(
        {{ year }} || '-' || substring(cast({{ a_date }} as {{ dbt.type_string() }}), 6, 5) as date
    )
{%- endmacro %}
