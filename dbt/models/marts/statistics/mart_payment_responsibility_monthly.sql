with owed as (
    select * from {{ ref('int_responsibility__monthly') }}
),

mean_months as (
    select * from {{ ref('int_mean__liable_months') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

summed as (
    select
        month,
        payer_municipality_code,
        payment_class,
        agreement_id,
        model,
        max(last_free_day) as last_free_day,
        count(distinct interval_id) as intervals_with_days,
        sum(days) as liable_days,
        -- One part without an amount leaves the whole without one.
        case when count(*) = count(amount) then sum(amount) end as amount,
        max(case when invoicing_active then 1 else 0 end) = 1 as invoicing_active
    from owed
    group by
        month,
        payer_municipality_code,
        payment_class,
        agreement_id,
        model
),

final as (
    select
        candidate.region_code,
        summed.month,
        summed.payer_municipality_code as municipality_code,
        summed.payment_class,
        summed.agreement_id,
        summed.model,
        summed.last_free_day,
        cast(coalesce(mean_months.intervals, summed.intervals_with_days) as integer) as intervals,
        mean_months.sum_days,
        cast({{ half_up_ratio('mean_months.sum_days', 'nullif(mean_months.intervals, 0)') }} as decimal(12, 4))
            as mean_days,
        cast(summed.liable_days as integer) as liable_days,
        mean_months.days_alternative as liable_days_alternative,
        cast(summed.amount as decimal(14, 2)) as amount,
        summed.invoicing_active,
        cast(case when summed.invoicing_active then summed.amount end as decimal(14, 2)) as amount_to_invoice
    from summed
    cross join candidate
    left join mean_months
        on
            summed.model = 'mean'
            and summed.month = mean_months.month
            and summed.payer_municipality_code = mean_months.payer_municipality_code
            and summed.agreement_id = mean_months.agreement_id
)

select * from final
