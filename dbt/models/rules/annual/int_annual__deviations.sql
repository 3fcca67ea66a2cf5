-- The deviations that were reported in a published month, each in its year. A municipality that was none on that day
-- is `9999`. Closed and how far it went are as known: what a later delivery says of an earlier deviation counts.
with deviations as (
    select * from {{ ref('int_deviations__in_force') }}
),

months as (
    select * from {{ ref('int_months') }}
),

municipalities as (
    select * from {{ ref('ref_municipalities') }}
),

final as (
    select
        deviations.deviation_id,
        months.month,
        cast(extract(year from months.month) as integer) as year,
        coalesce(municipalities.municipality_code, '9999') as municipality_code,
        deviations.category,
        deviations.severity,
        deviations.reporting_party,
        case when deviations.status = 'closed' then 1 else 0 end as is_closed,
        case
            when deviations.status = 'closed'
                then {{ days_between('deviations.reported_on', 'deviations.closed_on') }}
        end as days_to_close,
        case when deviations.escalation_step = 'steering_group' then 1 else 0 end as is_at_steering_group,
        case when deviations.escalation_step = 'vis' then 1 else 0 end as is_at_vis
    from deviations
    inner join months on {{ first_of_month('deviations.reported_on') }} = months.month
    left join municipalities
        on
            deviations.municipality_code = municipalities.municipality_code
            and {{ in_force('municipalities', 'deviations.reported_on') }}
)

select * from final
