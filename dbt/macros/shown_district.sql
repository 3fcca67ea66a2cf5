{# The joins and columns that show a delivered district code as of a date and as of today (rules §3 and §8). `from_row`
   is the alias of the row that has the codes; `00` and `99` are in no chain and stay as they are. #}
{% macro shown_district(from_row) -%}
    coalesce(shown_areas.shown_district_code, {{ from_row }}.delivered_district_code) as district_code,
    coalesce(current_areas.shown_district_code, {{ from_row }}.delivered_district_code) as current_district_code
{%- endmacro %}

{% macro join_shown_districts(from_row, municipality_code, on_date) -%}
    left join {{ ref('int_district_chain') }} as shown_areas
        on
            {{ from_row }}.{{ municipality_code }} = shown_areas.municipality_code
            and {{ from_row }}.delivered_district_code = shown_areas.district_code
            and {{ on_date }} >= shown_areas.shown_from
            and {{ on_date }} <= shown_areas.shown_to
    left join {{ ref('int_district_chain') }} as current_areas
        on
            {{ from_row }}.{{ municipality_code }} = current_areas.municipality_code
            and {{ from_row }}.delivered_district_code = current_areas.district_code
            and current_areas.is_current
{%- endmacro %}
