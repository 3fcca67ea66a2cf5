-- The cells of the open table of process indicators (rules §7, §8 and §9): numerator, complement and denominator of
-- each indicator. Care area, sex and age are told apart for the county alone: in a municipality's month most would be
-- hidden. Day zero is the county's alone: below it, its discharges are those of readmissions with readiness, and would
-- give away what is hidden there. Long waits are nested: those above one bound and not the next are cells as well,
-- which two numerators would give away. So are the spells that need no plan, those that were not ready at the
-- discharge, and what the spells and day zero's discharges have beside the `lus` of readmissions, a part of both.
{% set indicators = [
    ('admission_notice_24h', 'is_notified_in_time', 'spells'),
    ('planned_date_changed', 'is_date_changed', 'spells'),
    ('ready_notice_before_noon', 'intervals_before_noon', 'intervals'),
    ('ready_withdrawn', 'is_withdrawn', 'spells'),
    ('day_zero', 'intervals_of_day_zero', 'intervals_to_discharge'),
    ('weekend_discharge', 'is_weekend', 'spells'),
    ('sip_called_in_time', 'is_sip_called_in_time', 'needs_sip'),
    ('sip_held', 'is_sip_held', 'needs_sip'),
    ('discharge_information_same_day', 'is_informed', 'spells'),
    ('long_wait_7', 'waits_7', 'spells'),
    ('long_wait_14', 'waits_14', 'spells'),
    ('long_wait_30', 'waits_30', 'spells'),
] %}
{% set figures = [
    {'part': 'long_wait_7', 'figure': 'until_next_bound', 'value': 'waits_7_to_14'},
    {'part': 'long_wait_14', 'figure': 'until_next_bound', 'value': 'waits_14_to_30'},
    {'part': 'sip_called_in_time', 'figure': 'other_spells', 'value': 'without_plan'},
    {'part': 'day_zero', 'figure': 'other_spells', 'value': 'not_to_discharge'},
    {'part': 'admission_notice_24h', 'figure': 'beside_lus', 'value': 'spells_beside_lus'},
    {'part': 'day_zero', 'figure': 'beside_lus', 'value': 'intervals_beside_lus'},
] %}
{% for indicator, numerator, denominator in indicators %}
    {% set _ = figures.append({'part': indicator, 'figure': 'numerator', 'value': numerator}) %}
    {% set _ = figures.append({'part': indicator, 'figure': 'complement', 'value': 'not_' ~ numerator}) %}
    {% set _ = figures.append({'part': indicator, 'figure': 'denominator', 'value': denominator}) %}
{% endfor %}
{% set groups = [
    ('all', 'true'),
    ('care_area', "place_level = 'county'"),
    ('sex', "place_level = 'county'"),
    ('age_band', "place_level = 'county'"),
] %}
with spells as (
    select * from {{ ref('int_process__spells') }}
),

described_spells as (
    select
        spell_id,
        region_code,
        person_key,
        payment_class
    from {{ ref('int_spells') }}
),

lus_spells as (
    select spell_id from {{ ref('int_readmissions__index_spells') }}
    where is_lus
),

measures as (
    select * from {{ ref('dim_measure') }}
),

municipalities as (
    select * from {{ ref('dim_municipality') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

waits as (
    select
        spells.spell_id,
        max(case when measures.measure_id = 'long_wait_7' then 1 else 0 end) as waits_7,
        max(case when measures.measure_id = 'long_wait_14' then 1 else 0 end) as waits_14,
        max(case when measures.measure_id = 'long_wait_30' then 1 else 0 end) as waits_30
    from spells
    inner join measures
        on
            measures.measure_id in ('long_wait_7', 'long_wait_14', 'long_wait_30')
            and spells.ready_days > measures.limit_days
            and {{ in_force('measures', 'spells.month') }}
    group by spells.spell_id
),

counted as (
    select
        spells.*,
        described_spells.region_code,
        described_spells.person_key,
        described_spells.payment_class,
        1 as spells,
        case when lus_spells.spell_id is null then 1 else 0 end as spells_beside_lus,
        coalesce(waits.waits_7, 0) as waits_7,
        coalesce(waits.waits_14, 0) as waits_14,
        coalesce(waits.waits_30, 0) as waits_30
    from spells
    inner join described_spells on spells.spell_id = described_spells.spell_id
    left join waits on spells.spell_id = waits.spell_id
    left join lus_spells on spells.spell_id = lus_spells.spell_id
),

parts as (
    select
        counted.*,
        counted.shown_municipality_code as municipality_code,
        {{ shown_district('counted') }},
        municipalities.has_districts,
        {{ age_band('counted.age') }} as age_band,
        '' as part,
        {%- for indicator, numerator, denominator in indicators %}
            counted.{{ denominator }} - counted.{{ numerator }} as not_{{ numerator }},
        {%- endfor %}
        1 - counted.needs_sip as without_plan,
        1 - counted.intervals_to_discharge as not_to_discharge,
        counted.intervals_to_discharge * counted.spells_beside_lus as intervals_beside_lus,
        counted.waits_7 - counted.waits_14 as waits_7_to_14,
        counted.waits_14 - counted.waits_30 as waits_14_to_30
    from counted
    inner join municipalities on counted.shown_municipality_code = municipalities.municipality_code
    {{ join_shown_districts('counted', 'shown_municipality_code', 'counted.month_end') }}
),

{{ open_margins('parts', figures, groups) }},

{{ open_cells(figures) }},

final as (
    select cells.* from cells
    cross join candidate
    where cells.part <> 'day_zero' or cells.municipality_code = candidate.region_code
)

select * from final
