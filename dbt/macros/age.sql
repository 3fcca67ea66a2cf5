{# Whole years on a date (rules §8). Born 29 February turns on 1 March in a year without that day. #}
{% macro age_in_years(birth_date, on_date) -%}
    cast(
        extract(year from {{ on_date }}) - extract(year from {{ birth_date }})
        - case
            when extract(month from {{ on_date }}) * 100 + extract(day from {{ on_date }})
                < extract(month from {{ birth_date }}) * 100 + extract(day from {{ birth_date }}) then 1
            else 0
        end as integer
    )
{%- endmacro %}

{% macro age_band(age) -%}
    case
        when {{ age }} < 18 then '0-17'
        when {{ age }} < 65 then '18-64'
        when {{ age }} < 80 then '65-79'
        else '80+'
    end
{%- endmacro %}
