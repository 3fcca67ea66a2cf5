with intervals as (
    select * from {{ ref('int_readiness__days') }}
    where end_reason = 'discharged'
),

months as (
    select month from {{ ref('int_months') }}
),

banded as (
    select
        region_code,
        {{ first_of_month('ended_on') }} as month,
        payer_municipality_code as municipality_code,
        payment_class,
        {{ ready_day_band('ready_days') }} as band,
        ready_days
    from intervals
),

final as (
    select
        banded.region_code,
        banded.month,
        banded.municipality_code,
        banded.payment_class,
        banded.band,
        cast(count(*) as integer) as intervals,
        cast(sum(banded.ready_days) as integer) as ready_days
    from banded
    inner join months on banded.month = months.month
    group by
        banded.region_code,
        banded.month,
        banded.municipality_code,
        banded.payment_class,
        banded.band
)

select * from final
