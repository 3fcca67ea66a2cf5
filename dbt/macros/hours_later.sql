{# An instant some elapsed hours after another: right over a change of clocks, since instants know none. #}
{% macro hours_later(instant, hours) -%}
    {{ return(adapter.dispatch('hours_later')(instant, hours)) }}
{%- endmacro %}

{% macro default__hours_later(instant, hours) -%}
    ({{ instant }} + to_hours({{ hours }}))
{%- endmacro %}

{% macro spark__hours_later(instant, hours) -%}
    ({{ instant }} + make_dt_interval(0, {{ hours }}))
{%- endmacro %}

{# The wall clock some minutes after midnight of a local date. #}
{% macro minutes_into(local_date, minutes) -%}
    {{ return(adapter.dispatch('minutes_into')(local_date, minutes)) }}
{%- endmacro %}

{% macro default__minutes_into(local_date, minutes) -%}
    (cast({{ local_date }} as timestamp) + to_minutes({{ minutes }}))
{%- endmacro %}

{% macro spark__minutes_into(local_date, minutes) -%}
    (cast({{ local_date }} as timestamp_ntz) + make_dt_interval(0, 0, {{ minutes }}))
{%- endmacro %}
