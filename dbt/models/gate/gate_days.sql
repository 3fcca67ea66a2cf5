-- One row per date of the release month: what happened on it, beside the month's mean per day.
with candidate as (
    select * from {{ ref('stg_candidate') }}
),

dates as (
    select
        date_on,
        is_weekday
    from {{ ref('dim_date') }}
),

admissions as (
    select
        admitted_on as date_on,
        count(*) as amount
    from {{ ref('int_episodes__in_force') }}
    group by admitted_on
),

discharges as (
    select
        discharged_on as date_on,
        count(*) as amount
    from {{ ref('int_episodes__in_force') }}
    group by discharged_on
),

messages as (
    select
        sent_on as date_on,
        count(*) as amount
    from {{ ref('int_messages__in_force') }}
    group by sent_on
),

counted as (
    select
        dates.date_on,
        dates.is_weekday,
        coalesce(admissions.amount, 0) as stays_admitted,
        coalesce(discharges.amount, 0) as stays_discharged,
        coalesce(messages.amount, 0) as messages
    from dates
    inner join candidate on dates.date_on >= candidate.month and dates.date_on <= candidate.month_end
    left join admissions on dates.date_on = admissions.date_on
    left join discharges on dates.date_on = discharges.date_on
    left join messages on dates.date_on = messages.date_on
),

totals as (
    select
        count(*) as days_in_month,
        sum(stays_admitted) as stays_admitted,
        sum(stays_discharged) as stays_discharged,
        sum(messages) as messages
    from counted
),

final as (
    select
        counted.date_on,
        counted.is_weekday,
        counted.stays_admitted,
        counted.stays_discharged,
        counted.messages,
        cast({{ half_up_ratio('totals.stays_admitted', 'totals.days_in_month', 2) }} as decimal(14, 2))
            as mean_stays_admitted,
        cast({{ half_up_ratio('totals.stays_discharged', 'totals.days_in_month', 2) }} as decimal(14, 2))
            as mean_stays_discharged,
        cast({{ half_up_ratio('totals.messages', 'totals.days_in_month', 2) }} as decimal(14, 2)) as mean_messages,
        cast(
            {{ half_up_ratio('counted.stays_admitted * totals.days_in_month', 'nullif(totals.stays_admitted, 0)') }}
            as decimal(14, 4)
        ) as admitted_share_of_mean
    from counted
    cross join totals
)

select * from final
