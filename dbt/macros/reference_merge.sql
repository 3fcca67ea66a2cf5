{#
  The rows of a reference table: the seed's, and the installation's own, which replace a seed row of the same key or are
  added. The installation's are text and get the types of the calling model's contract.
#}
{% macro merge_installation(table, key) -%}
    {%- set shipped = ref(table) -%}
    {%- set own = source('installation', table) -%}
    {%- set columns = model.columns.values() | list -%}
    select
        {%- for column in columns %}
        shipped.{{ column.name }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ shipped }} as shipped
    where not exists (
        select 1
        from {{ own }} as own
        where
            {%- for column in columns if column.name in key %}
            {{ "and " if not loop.first }}cast(own.{{ column.name }} as {{ column.data_type }}) = shipped.{{ column.name }}
            {%- endfor %}
    )
    union all
    select
        {%- for column in columns %}
        cast(own.{{ column.name }} as {{ column.data_type }}) as {{ column.name }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ own }} as own
{%- endmacro %}
