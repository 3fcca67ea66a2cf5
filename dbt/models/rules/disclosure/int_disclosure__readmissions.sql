-- The cells of the open tables of readmissions (rules §6, §8 and §9): index discharges, those that were followed by a
-- readmission and those that were not; of all, of those with a readiness interval (lus) and of the others, which no
-- table shows and a difference of two shown figures would. The headline is the group of 65 and older in somatic and
-- geriatric care; the three groups beside it are cells as well, so that it and the ages give nothing away of them.
{% set figures = [
    {'figure': 'index_discharges', 'value': 'index_discharges'},
    {'figure': 'readmissions', 'value': 'readmissions'},
    {'figure': 'not_readmitted', 'value': 'not_readmitted'},
] %}
{% set groups = [
    ('all', 'true'),
    ('block', 'true'),
    ('care_area', "place_level = 'county'"),
    ('sex', "place_level = 'county' or (place_level = 'municipality' and part = 'all')"),
    ('age_band', "place_level = 'county' or (place_level = 'municipality' and part = 'all')"),
] %}
with index_spells as (
    select * from {{ ref('int_readmissions__index_spells') }}
),

persons_of_spells as (
    select
        spell_id,
        person_key
    from {{ ref('int_spells') }}
),

care_areas as (
    select * from {{ ref('ref_care_areas') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

municipalities as (
    select * from {{ ref('dim_municipality') }}
),

described as (
    select
        candidate.region_code,
        index_spells.month,
        persons_of_spells.person_key,
        index_spells.shown_municipality_code as municipality_code,
        {{ shown_district('index_spells') }},
        municipalities.has_districts,
        care_areas.payment_class,
        index_spells.care_area,
        index_spells.sex,
        index_spells.age_band,
        index_spells.is_lus,
        1 as index_discharges,
        case when index_spells.is_readmitted then 1 else 0 end as readmissions,
        case when index_spells.is_readmitted then 0 else 1 end as not_readmitted
    from index_spells
    cross join candidate
    inner join persons_of_spells on index_spells.spell_id = persons_of_spells.spell_id
    inner join care_areas on index_spells.care_area = care_areas.care_area
    inner join municipalities on index_spells.shown_municipality_code = municipalities.municipality_code
    {{ join_shown_districts('index_spells', 'shown_municipality_code', 'index_spells.month_end') }}
),

parts as (
    select
        *,
        'all' as part
    from described
    union all
    select
        *,
        case when is_lus then 'lus' else 'other' end as part
    from described
),

{{ open_margins('parts', figures, groups) }},

{{ open_cells(figures) }},

final as (
    select * from cells
)

select * from final
