{# No two rows share the key; null is a value of it. #}
{% test unique_row(model, key) %}
    select {{ key | join(', ') }}, count(*) as rows_of_key
    from {{ model }}
    group by {{ key | join(', ') }}
    having count(*) > 1
{% endtest %}
