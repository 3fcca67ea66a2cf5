{# The rows of a step twice over, for the hospital and for the paying municipality that they belong to. #}
{% macro rows_by_unit(step) -%}
    select
        *,
        'hospital' as unit_type,
        hospital_id as unit_id
    from {{ step }}
    union all
    select
        *,
        'municipality' as unit_type,
        payer_municipality_code as unit_id
    from {{ step }}
{%- endmacro %}

{# One criterion's rows: a share of two counts of the step, which has a row per month and unit. #}
{% macro measured_share(step, criterion, numerator, denominator) -%}
    select
        month,
        unit_type,
        unit_id,
        '{{ criterion }}' as criterion,
        cast({{ half_up_ratio(numerator, 'nullif(' ~ denominator ~ ', 0)', 6) }} as decimal(18, 6)) as value,
        {{ denominator }} as observations
    from {{ step }}
{%- endmacro %}

{# Whole seconds from one instant to another; negative where the second is earlier. #}
{% macro seconds_between(from_instant, to_instant) -%}
    {{ return(adapter.dispatch('seconds_between')(from_instant, to_instant)) }}
{%- endmacro %}

{% macro default__seconds_between(from_instant, to_instant) -%}
    date_diff('second', {{ from_instant }}, {{ to_instant }})
{%- endmacro %}

{% macro spark__seconds_between(from_instant, to_instant) -%}
    (unix_timestamp({{ to_instant }}) - unix_timestamp({{ from_instant }}))
{%- endmacro %}

{# The group's texts that are not null, joined in an order. #}
{% macro joined_in_order(text, position, separator) -%}
    {{ return(adapter.dispatch('joined_in_order')(text, position, separator)) }}
{%- endmacro %}

{% macro default__joined_in_order(text, position, separator) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ position }})
{%- endmacro %}

{% macro spark__joined_in_order(text, position, separator) -%}
    nullif(
        array_join(
            transform(array_sort(collect_list(named_struct('place', {{ position }}, 'words', {{ text }}))), one -> one.words),
            '{{ separator }}'
        ),
        ''
    )
{%- endmacro %}
