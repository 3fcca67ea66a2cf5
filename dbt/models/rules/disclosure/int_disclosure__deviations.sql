-- The cells of the open table of deviations (rules §9): those of each year that is over, in its last month; open and
-- closed, and how far they went. A running year's would change with every release. A deviation counts as a person:
-- there is one case behind it. The kind (`part`) is told apart for the county alone: in a municipality's year most
-- would be hidden.
{% set figures = [
    {'figure': 'deviations', 'value': 'deviations'},
    {'figure': 'closed', 'value': 'is_closed'},
    {'figure': 'not_closed', 'value': 'not_closed'},
    {'figure': 'escalated_to_steering_group', 'value': 'is_at_steering_group'},
    {'figure': 'escalated_to_vis', 'value': 'is_at_vis'},
    {'figure': 'not_escalated', 'value': 'not_escalated'},
] %}
{% set groups = [('all', "place_level = 'county' or part = 'all'")] %}
with deviations as (
    select * from {{ ref('int_annual__deviations') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

years as (
    select
        year,
        max(month) as month
    from {{ ref('int_annual__months') }}
    where status = 'final' and not is_previous
    group by year
),

counted as (
    select
        candidate.region_code,
        years.month,
        deviations.deviation_id as person_key,
        deviations.municipality_code,
        'all' as district_code,
        'all' as current_district_code,
        false as has_districts,
        'all' as payment_class,
        'all' as care_area,
        0 as sex,
        'all' as age_band,
        deviations.category,
        1 as deviations,
        deviations.is_closed,
        1 - deviations.is_closed as not_closed,
        deviations.is_at_steering_group,
        deviations.is_at_vis,
        1 - deviations.is_at_steering_group - deviations.is_at_vis as not_escalated
    from deviations
    cross join candidate
    inner join years on deviations.year = years.year
),

parts as (
    select
        *,
        'all' as part
    from counted
    union all
    select
        *,
        category as part
    from counted
),

{{ open_margins('parts', figures, groups) }},

{{ open_cells(figures) }},

final as (
    select * from cells
)

select * from final
