-- The cells of the open tables of payment responsibility (rules §4, §8 and §9). Under the mean model an interval adds
-- its days less the level to the payer's days, so that they add up over payers; behind them stand the persons with
-- days above the level, each with those days. What a district adds to the days of a mean is not told: the mean is the
-- payer's.
{% set figures = [
    {'figure': 'intervals', 'value': 'intervals'},
    {'figure': 'sum_days', 'value': 'sum_days'},
    {'figure': 'liable_days', 'value': 'liable_days', 'weight': 'days_stood_for'},
    {'figure': 'liable_days_alternative', 'value': 'liable_days_alternative'},
] %}
{% set groups = [('given', 'true')] %}
with liable_days as (
    select * from {{ ref('int_responsibility__liable_days') }}
),

mean_intervals as (
    select * from {{ ref('int_mean__intervals') }}
),

mean_months as (
    select * from {{ ref('int_mean__liable_months') }}
),

intervals as (
    select * from {{ ref('int_readiness__days') }}
),

persons_of_spells as (
    select
        spell_id,
        person_key
    from {{ ref('int_spells') }}
),

months as (
    select * from {{ ref('int_months') }}
),

municipalities as (
    select * from {{ ref('dim_municipality') }}
),

mean_agreements as (
    select agreement_id from {{ ref('dim_agreement') }}
    where model = 'mean'
),

individual_parts as (
    select
        month,
        interval_id,
        agreement_id,
        1 as intervals,
        cast(null as integer) as sum_days,
        count(*) as liable_days,
        count(*) as days_stood_for,
        cast(null as integer) as liable_days_alternative
    from liable_days
    group by month, interval_id, agreement_id
),

mean_parts as (
    select
        mean_intervals.month,
        mean_intervals.interval_id,
        mean_intervals.agreement_id,
        case when mean_intervals.is_above then 0 else 1 end as intervals,
        case when mean_intervals.is_above then 0 else mean_intervals.days_after_day_zero end as sum_days,
        case
            when mean_intervals.is_above then mean_intervals.days_above
            when mean_months.is_mean_liable then mean_intervals.days_after_day_zero - mean_intervals.last_free_day
            else 0
        end as liable_days,
        case
            when mean_intervals.is_above then mean_intervals.days_above
            when mean_months.is_mean_liable
                then greatest(0, mean_intervals.days_after_day_zero - mean_intervals.last_free_day)
            else 0
        end as days_stood_for,
        case
            when mean_months.is_mean_liable and not mean_intervals.is_above
                then greatest(0, mean_intervals.days_after_day_zero - mean_intervals.last_free_day)
            else 0
        end as liable_days_alternative
    from mean_intervals
    inner join mean_months
        on
            mean_intervals.month = mean_months.month
            and mean_intervals.payer_municipality_code = mean_months.payer_municipality_code
            and mean_intervals.payment_class = mean_months.payment_class
            and mean_intervals.agreement_id = mean_months.agreement_id
),

pieces as (
    select * from individual_parts
    union all
    select * from mean_parts
),

parts as (
    select
        intervals.region_code,
        pieces.month,
        persons_of_spells.person_key,
        intervals.payer_municipality_code as municipality_code,
        {{ shown_district('intervals') }},
        municipalities.has_districts,
        intervals.payment_class,
        'all' as care_area,
        0 as sex,
        'all' as age_band,
        pieces.agreement_id as part,
        pieces.intervals,
        pieces.sum_days,
        pieces.liable_days,
        pieces.days_stood_for,
        pieces.liable_days_alternative
    from pieces
    inner join intervals on pieces.interval_id = intervals.interval_id
    inner join persons_of_spells on intervals.spell_id = persons_of_spells.spell_id
    inner join months on pieces.month = months.month
    inner join municipalities on intervals.payer_municipality_code = municipalities.municipality_code
    {{ join_shown_districts('intervals', 'payer_municipality_code', 'months.month_end') }}
),

{{ open_margins('parts', figures, groups) }},

{{ open_cells(figures) }},

final as (
    select * from cells
    where
        figure <> 'liable_days'
        or district_code = 'all'
        or part not in (select mean_agreements.agreement_id from mean_agreements)
)

select * from final
