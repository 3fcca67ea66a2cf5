with interval_months as (
    select * from {{ ref('int_bridge__interval_months') }}
),

summed as (
    select
        region_code,
        month,
        payer_municipality_code as municipality_code,
        payment_class,
        cast(sum(ready_days) as integer) as ready_days,
        cast(sum(ready_days_of_discharged) as integer) as ready_days_of_discharged,
        cast(sum(carried_in) as integer) as carried_in,
        cast(sum(carried_out) as integer) as carried_out,
        cast(sum(days_ended_otherwise) as integer) as days_ended_otherwise,
        cast(sum(days_waited_of_discharged) as integer) as days_waited_of_discharged,
        cast(sum(discharged_waited) as integer) as discharged_waited,
        cast(sum(ready_at_start) as integer) as ready_at_start,
        cast(sum(became_ready) as integer) as became_ready,
        cast(sum(discharged) as integer) as discharged,
        cast(sum(withdrawn) as integer) as withdrawn,
        cast(sum(deceased) as integer) as deceased,
        cast(sum(ready_at_end) as integer) as ready_at_end
    from interval_months
    group by
        region_code,
        month,
        payer_municipality_code,
        payment_class
),

final as (
    select
        region_code,
        month,
        municipality_code,
        payment_class,
        ready_days,
        ready_days_of_discharged,
        carried_in,
        carried_out,
        days_ended_otherwise,
        ready_days - ready_days_of_discharged + carried_in - carried_out - days_ended_otherwise as residual,
        cast({{ half_up_ratio('days_waited_of_discharged', 'nullif(discharged, 0)') }} as decimal(12, 4))
            as mean_including_day_zero,
        cast({{ half_up_ratio('ready_days_of_discharged', 'nullif(discharged_waited, 0)') }} as decimal(12, 4))
            as mean_excluding_day_zero,
        ready_at_start,
        became_ready,
        discharged,
        withdrawn,
        deceased,
        ready_at_end
    from summed
)

select * from final
