{# A value of a JSON object as text, null where there is none: what a quarantined row says of itself. What was masked
   there (see json_row) names nothing. #}
{% macro json_text(json, name) -%}
    nullif({{ adapter.dispatch('json_member')(json, name) }}, '***')
{%- endmacro %}

{% macro default__json_member(json, name) -%}
    ({{ json }} ->> '$.{{ name }}')
{%- endmacro %}

{% macro spark__json_member(json, name) -%}
    get_json_object({{ json }}, '$.{{ name }}')
{%- endmacro %}
