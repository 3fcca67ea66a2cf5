{# Every condition holds for every row, and is never null: one scan for all that a row must fulfil. #}
{% test rows_hold(model, conditions) %}
    select *
    from {{ model }}
    where
        {%- for condition in conditions %}
        {{ "or " if not loop.first }}not coalesce({{ condition }}, false)
        {%- endfor %}
{% endtest %}
