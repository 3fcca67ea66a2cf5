{# Schemas have exactly the names that dbt_project.yml gives them: no prefix of the target. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
