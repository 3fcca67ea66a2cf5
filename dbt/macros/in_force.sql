{# Whether a row of a dated table is valid on a date: valid_to is the last valid day, null for still. #}
{% macro in_force(dated_row, on_date) -%}
    {{ on_date }} >= {{ dated_row }}.valid_from
            and {{ on_date }} <= coalesce({{ dated_row }}.valid_to, cast('9999-12-31' as date))
{%- endmacro %}
