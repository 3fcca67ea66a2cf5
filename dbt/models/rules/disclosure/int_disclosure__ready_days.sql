-- The cells of the open table of ready days (rules §3, §8 and §9): each person's days and intervals, by where the
-- payer and the district are and by one group at a time. A person behind several intervals is one person.
{% set figures = [
    {'figure': 'ready_days', 'value': 'ready_days'},
    {'figure': 'ready_days_of_discharged', 'value': 'ready_days_of_discharged'},
    {'figure': 'intervals_discharged', 'value': 'intervals_discharged'},
    {'figure': 'open_at_month_end', 'value': 'open_at_month_end'},
] %}
{% set groups = [
    ('all', 'true'),
    ('care_area', "place_level <> 'district'"),
    ('sex', "place_level <> 'district'"),
    ('age_band', "place_level <> 'district'"),
] %}
with interval_months as (
    select * from {{ ref('int_readiness__months') }}
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

parts as (
    select
        intervals.region_code,
        interval_months.month,
        persons_of_spells.person_key,
        intervals.payer_municipality_code as municipality_code,
        {{ shown_district('intervals') }},
        municipalities.has_districts,
        intervals.payment_class,
        intervals.care_area,
        intervals.sex,
        intervals.age_band,
        '' as part,
        interval_months.ready_days,
        interval_months.ready_days_of_discharged,
        interval_months.intervals_discharged,
        interval_months.open_at_month_end
    from interval_months
    inner join intervals on interval_months.interval_id = intervals.interval_id
    inner join persons_of_spells on intervals.spell_id = persons_of_spells.spell_id
    inner join months on interval_months.month = months.month
    inner join municipalities on intervals.payer_municipality_code = municipalities.municipality_code
    {{ join_shown_districts('intervals', 'payer_municipality_code', 'months.month_end') }}
),

{{ open_margins('parts', figures, groups) }},

{{ open_cells(figures) }},

final as (
    select * from cells
)

select * from final
