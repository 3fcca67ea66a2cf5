{# The key's columns are never null, and no two rows share them. #}
{% test unique_key(model, key) %}
    select {{ key | join(', ') }}, count(*) as rows_of_key
    from {{ model }}
    group by {{ key | join(', ') }}
    having count(*) > 1 or {{ key | join(' is null or ') }} is null
{% endtest %}


{# Within a group, a row begins after the one before it has ended (valid_to is the last valid day, null for still). #}
{% test no_overlap(model, group) %}
    with ordered as (
        select
            {{ group | join(', ') }},
            valid_from,
            valid_to,
            lag(valid_from) over (partition by {{ group | join(', ') }} order by valid_from) as previous_from,
            max(coalesce(valid_to, cast('9999-12-31' as date))) over (
                partition by {{ group | join(', ') }} order by valid_from
                rows between unbounded preceding and 1 preceding
            ) as reached_on
        from {{ model }}
    )

    select * from ordered
    where reached_on >= valid_from or valid_to < valid_from
{% endtest %}


{# Every group is covered without a break from `since` on, and its last row is still valid. #}
{% test no_gap(model, group, since) %}
    with ordered as (
        select
            {{ group | join(', ') }},
            valid_from,
            valid_to,
            row_number() over (partition by {{ group | join(', ') }} order by valid_from) as position,
            lead(valid_from) over (partition by {{ group | join(', ') }} order by valid_from) as next_from
        from {{ model }}
    )

    select * from ordered
    where
        (position = 1 and valid_from > cast('{{ since }}' as date))
        or (next_from is null and valid_to is not null)
        or (next_from is not null and {{ add_days('valid_to', 1) }} < next_from)
{% endtest %}


{# The calendar reaches at least `days` days past the latest date in `to`. #}
{% test reaches_past(model, column_name, to, field, days) %}
    with reached as (
        select max({{ column_name }}) as reached_on from {{ model }}
    ),

    needed as (
        select {{ add_days('max(' ~ field ~ ')', days) }} as needed_on from {{ to }}
    )

    select reached.reached_on, needed.needed_on
    from reached
    cross join needed
    where reached.reached_on < needed.needed_on
{% endtest %}
