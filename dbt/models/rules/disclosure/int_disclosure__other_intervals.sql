-- The discharged intervals that a mean is not of (rules §4 and §9), for each mean agreement and month: those of its
-- payment class, which did not meet the conditions, are above `individual_above_days` or under another agreement, and
-- those of any class. No table has them: they are what the table of ready days counts more than that of payment. Of
-- every payer, also where the mean is of none, so that they add up to the county's. A district has no care areas, so
-- that nothing is told of a class there.
{% set figures = [
    {'figure': 'other_intervals', 'value': 'of_class'},
    {'figure': 'other_intervals_of_all', 'value': 'of_all'},
] %}
{% set groups = [('given', 'true')] %}
with interval_months as (
    select
        month,
        interval_id
    from {{ ref('int_readiness__months') }}
    where intervals_discharged = 1
),

intervals as (
    select * from {{ ref('int_readiness__days') }}
),

mean_intervals as (
    select * from {{ ref('int_mean__intervals') }}
),

persons_of_spells as (
    select
        spell_id,
        person_key
    from {{ ref('int_spells') }}
),

municipalities as (
    select * from {{ ref('dim_municipality') }}
),

months as (
    select * from {{ ref('int_months') }}
),

means as (
    select distinct
        month,
        payment_class,
        agreement_id
    from mean_intervals
),

discharged as (
    select
        intervals.*,
        means.month,
        means.agreement_id,
        means.payment_class as agreed_class,
        case when coalesce(not mean_intervals.is_above, false) then 0 else 1 end as of_all
    from interval_months
    inner join intervals on interval_months.interval_id = intervals.interval_id
    inner join means on interval_months.month = means.month
    left join mean_intervals
        on interval_months.interval_id = mean_intervals.interval_id and means.agreement_id = mean_intervals.agreement_id
),

parts as (
    select
        discharged.region_code,
        discharged.month,
        persons_of_spells.person_key,
        discharged.payer_municipality_code as municipality_code,
        {{ shown_district('discharged') }},
        municipalities.has_districts,
        discharged.agreed_class as payment_class,
        'all' as care_area,
        0 as sex,
        'all' as age_band,
        discharged.agreement_id as part,
        case when discharged.payment_class = discharged.agreed_class then discharged.of_all end as of_class,
        discharged.of_all
    from discharged
    inner join persons_of_spells on discharged.spell_id = persons_of_spells.spell_id
    inner join months on discharged.month = months.month
    inner join municipalities on discharged.payer_municipality_code = municipalities.municipality_code
    {{ join_shown_districts('discharged', 'payer_municipality_code', 'months.month_end') }}
),

{{ open_margins('parts', figures, groups) }},

{{ open_cells(figures) }},

final as (
    select * from cells
    where district_code = 'all' or figure = 'other_intervals_of_all'
)

select * from final
