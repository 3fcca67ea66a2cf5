-- How many rows of stays, cases and messages each delivery brought, loaded, quarantined or orphaned, by hospital and
-- payer: a stay's own, a case's and its messages' as the case has them, a quarantined row's as far as it or its parents
-- tell. Either is null where it is not known. The rows of a case that does not count, its stay being deleted or left
-- for the next release, are in none of them; an orphan correction of a case that counts is both loaded and an orphan.
with loaded as (
    select * from {{ ref('int_delivered__loaded') }}
),

quarantined as (
    select * from {{ ref('int_delivered__quarantined') }}
),

cases as (
    select
        case_id,
        hospital_id,
        nullif(payer_municipality_code, '9999') as payer_municipality_code
    from {{ ref('int_billing_readiness__cases') }}
),

months as (
    select * from {{ ref('int_months') }}
),

municipalities as (
    select distinct municipality_code from {{ ref('ref_municipalities') }}
),

delivered as (
    select
        'loaded' as outcome,
        feed,
        delivery_month,
        hospital_id,
        municipality_code,
        delivered_rows
    from loaded
    where feed = 'episodes'
    union all
    select
        'loaded' as outcome,
        loaded.feed,
        loaded.delivery_month,
        cases.hospital_id,
        cases.payer_municipality_code as municipality_code,
        sum(loaded.delivered_rows) as delivered_rows
    from loaded
    inner join cases on loaded.case_id = cases.case_id
    group by
        loaded.feed,
        loaded.delivery_month,
        cases.hospital_id,
        cases.payer_municipality_code
    union all
    select
        outcome,
        feed,
        delivery_month,
        hospital_id,
        coalesce(deciding_municipality_code, case_municipality_code, stay_municipality_code) as municipality_code,
        1 as delivered_rows
    from quarantined
),

final as (
    select
        months.month,
        delivered.outcome,
        delivered.feed,
        delivered.hospital_id,
        municipalities.municipality_code as payer_municipality_code,
        cast(sum(delivered.delivered_rows) as bigint) as delivered_rows
    from delivered
    inner join months on delivered.delivery_month = months.month
    left join municipalities on delivered.municipality_code = municipalities.municipality_code
    group by
        months.month,
        delivered.outcome,
        delivered.feed,
        delivered.hospital_id,
        municipalities.municipality_code
)

select * from final
