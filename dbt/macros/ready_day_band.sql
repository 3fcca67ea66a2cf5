{# The bands of ready days (marts contract, mart_ready_day_bands_monthly). #}
{% macro ready_day_band(ready_days) -%}
    case
        when {{ ready_days }} <= 1 then cast({{ ready_days }} as {{ dbt.type_string() }})
        when {{ ready_days }} <= 3 then '2-3'
        when {{ ready_days }} <= 6 then '4-6'
        when {{ ready_days }} <= 13 then '7-13'
        when {{ ready_days }} <= 20 then '14-20'
        else '21+'
    end
{%- endmacro %}
