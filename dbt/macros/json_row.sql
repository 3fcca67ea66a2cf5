{# A row as a JSON text, every value a text as the contract has it, null where empty: what audit_quarantine shows. What
   could be a person id in a column that is not meant for it is `***`, as it is in the rows that ingestion quarantines.
   columns: contract name -> SQL expression of type text. #}
{% macro json_row(columns) -%}
    {{ return(adapter.dispatch('json_row')(columns)) }}
{%- endmacro %}

{% macro default__json_row(columns) -%}
    cast(
        json_object(
            {%- for name, value in columns.items() %}
            '{{ name }}', {{ masked_person_id(value) }}{{ "," if not loop.last }}
            {%- endfor %}
        ) as string
    )
{%- endmacro %}

{% macro spark__json_row(columns) -%}
    to_json(
        named_struct(
            {%- for name, value in columns.items() %}
            '{{ name }}', {{ masked_person_id(value) }}{{ "," if not loop.last }}
            {%- endfor %}
        ),
        map('ignoreNullFields', 'false')
    )
{%- endmacro %}

{% macro masked_person_id(value) -%}
    {%- set day = '(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])' -%}
    {%- set pattern = '(^|[^0-9])((18|19|20)[0-9]{6}[-+ ]?[0-9]{4}|[0-9]{2}' ~ day ~ '[-+ ]?[0-9]{4})([^0-9]|$)' -%}
    case when {{ text_matches(value, pattern) }} then '***' else {{ value }} end
{%- endmacro %}

{% macro text_matches(value, pattern) -%}
    {{ return(adapter.dispatch('text_matches')(value, pattern)) }}
{%- endmacro %}

{% macro default__text_matches(value, pattern) -%}
    regexp_matches({{ value }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__text_matches(value, pattern) -%}
    {{ value }} rlike '{{ pattern }}'
{%- endmacro %}

{# A local timestamp as ISO 8601 text, to the second. #}
{% macro iso_local(timestamp) -%}
    {{ return(adapter.dispatch('iso_local')(timestamp)) }}
{%- endmacro %}

{% macro default__iso_local(timestamp) -%}
    strftime({{ timestamp }}, '%Y-%m-%dT%H:%M:%S')
{%- endmacro %}

{% macro spark__iso_local(timestamp) -%}
    date_format({{ timestamp }}, "yyyy-MM-dd'T'HH:mm:ss")
{%- endmacro %}
