-- The agreement of each readiness interval (rules §4): the one in force for the region and the interval's payment class
-- on the date its notice was sent. A region without one of its own for the class and date falls under SE's, the act.
-- An interval without either (a notice before 2018) has no row.
with intervals as (
    select
        region_code,
        interval_id,
        payment_class,
        ready_on
    from {{ ref('int_readiness__days') }}
),

agreements as (
    select * from {{ ref('dim_agreement') }}
),

national_agreements as (
    select * from agreements
    where region_code = 'SE'
),

chosen as (
    select
        intervals.interval_id,
        coalesce(agreements.agreement_id, national_agreements.agreement_id) as agreement_id
    from intervals
    left join agreements
        on
            intervals.region_code = agreements.region_code
            and intervals.payment_class = agreements.payment_class
            and {{ in_force('agreements', 'intervals.ready_on') }}
    left join national_agreements
        on
            intervals.payment_class = national_agreements.payment_class
            and {{ in_force('national_agreements', 'intervals.ready_on') }}
),

final as (
    select
        chosen.interval_id,
        agreements.agreement_id,
        agreements.model,
        agreements.last_free_day,
        agreements.day_count,
        agreements.noon_cutoff_minutes,
        agreements.cap_days,
        agreements.individual_above_days,
        agreements.consecutive_months
    from chosen
    inner join agreements on chosen.agreement_id = agreements.agreement_id
)

select * from final
