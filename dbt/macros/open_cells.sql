{# The cells of the open tables (rules §8 and §9): figures of persons added up over the places and groups that are
   published. `parts` is a step with a row per person and whatever she stands behind: region_code, month, person_key,
   municipality_code, district_code, current_district_code, has_districts, payment_class, care_area, sex, age_band, part
   and the figures. Totals: the county's code, `all`, and sex 0. One dimension at a time is told apart beside the place:
   a full cross would leave little that may be shown. #}

{# The steps `places` and `margins`: each part once for every place and group that it belongs to. `groups` are pairs of a
   group and the condition on place_level (county, municipality, district) and part under which it is told apart: `all`;
   `care_area`, `sex`, `age_band`; `block`, the groups of age 65 and payment class that the headline of readmissions is
   one of; `given`, the groups that the parts have. #}
{% macro open_margins(parts, figures, groups) -%}
{%- set columns = figures | map(attribute='value') | list + figures | selectattr('weight', 'defined') | map(attribute='weight') | list -%}
{%- set columns = columns | unique | join(',\n        ') -%}
places as (
    {%- for level in ['county', 'municipality', 'district'] %}
    {% if not loop.first %}union all{% endif %}
    select
        month,
        person_key,
        '{{ level }}' as place_level,
        {{ 'region_code' if level == 'county' else 'municipality_code' }} as municipality_code,
        {{ 'district_code' if level == 'district' else "'all' as district_code" }},
        {{ 'current_district_code' if level == 'district' else "'all' as current_district_code" }},
        payment_class,
        care_area,
        sex,
        age_band,
        part,
        {{ columns }}
    from {{ parts }}
    {% if level == 'district' %}where has_districts{% endif %}
    {%- endfor %}
),

margins as (
    {%- set columns_of = {
        'all': ("'all'", "'all'", '0', "'all'"),
        'care_area': ('payment_class', 'care_area', '0', "'all'"),
        'sex': ("'all'", "'all'", 'sex', "'all'"),
        'age_band': ("'all'", "'all'", '0', 'age_band'),
        'block': ('payment_class', "'all'", '0', "case when age_band in ('65-79', '80+') then '65+' else '0-64' end"),
        'given': ('payment_class', 'care_area', 'sex', 'age_band'),
    } %}
    {%- for group, condition in groups %}
    {% if not loop.first %}union all{% endif %}
    select
        month,
        person_key,
        municipality_code,
        district_code,
        current_district_code,
        {{ columns_of[group][0] }} as payment_class,
        {{ columns_of[group][1] }} as care_area,
        {{ columns_of[group][2] }} as sex,
        {{ columns_of[group][3] }} as age_band,
        part,
        {{ columns }}
    from places
    where {{ condition }}
    {%- endfor %}
)
{%- endmacro %}

{# The steps `persons` and `cells` behind `margins`: a row per cell and figure with its value, the number of persons
   behind it, the largest part of one person and the sum of all parts. `figures` are {figure, value, part, weight}: the
   column that is added up; the part of the table, where it is not the row's own; the column that says how much a person
   stands for, where that is not the value itself. A figure that is null for all is no cell. #}
{% macro open_cells(figures) -%}
{%- set keys %}month, municipality_code, district_code, current_district_code, payment_class, care_area, sex, age_band, part{% endset -%}
{%- set columns = (figures | map(attribute='value') | list + figures | selectattr('weight', 'defined') | map(attribute='weight') | list) | unique | list -%}
persons as (
    select
        {{ keys }},
        {%- for column in columns %}
        sum({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from margins
    group by {{ keys }}, person_key
),

added as (
    select
        {{ keys }},
        {%- for column in columns %}
        sum({{ column }}) as {{ column }},
        count(*) filter (where {{ column }} <> 0) as {{ column }}_persons,
        max({{ column }}) as {{ column }}_largest{{ ',' if not loop.last }}
        {%- endfor %}
    from persons
    group by {{ keys }}
),

cells as (
    {%- for figure in figures %}
    {%- set weight = figure.weight if figure.weight is defined else figure.value %}
    {% if not loop.first %}union all{% endif %}
    select
        month,
        municipality_code,
        district_code,
        current_district_code,
        payment_class,
        care_area,
        cast(sex as integer) as sex,
        age_band,
        {{ "'" ~ figure.part ~ "'" if figure.part is defined else 'part' }} as part,
        '{{ figure.figure }}' as figure,
        cast({{ figure.value }} as bigint) as value,
        cast({{ weight }}_persons as bigint) as persons,
        cast({{ weight }}_largest as bigint) as largest_part,
        cast({{ weight }} as bigint) as sum_of_parts
    from added
    where {{ figure.value }} is not null
    {%- endfor %}
)
{%- endmacro %}
