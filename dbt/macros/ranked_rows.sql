{# The rows of a dated table that could hold on each date for each payment class, the one that does first (rules §1): a
   region's own before SE's, one of the class before one for all. Reads the calling model's CTEs dates, payment_classes
   and candidate. #}
{% macro ranked_rows(dated_table, column) -%}
    select
        dates.date_on,
        payment_classes.payment_class,
        dated_rows.{{ column }},
        row_number() over (
            partition by dates.date_on, payment_classes.payment_class
            order by
                case when dated_rows.region_code = candidate.region_code then 0 else 1 end,
                case when dated_rows.payment_class = payment_classes.payment_class then 0 else 1 end
        ) as precedence
    from dates
    cross join payment_classes
    cross join candidate
    inner join {{ dated_table }} as dated_rows
        on
            dated_rows.region_code in (candidate.region_code, 'SE')
            and dated_rows.payment_class in (payment_classes.payment_class, 'all')
            and {{ in_force('dated_rows', 'dates.date_on') }}
{%- endmacro %}
