-- One row per column of codes: the share of the release month's rows without a code, with one that no reference table
-- knows on that date, and with one that was never seen before. Stays by their admission, cases by that of their stay. A
-- district is judged where the municipality has districts.
with months as (
    select * from {{ ref('gate_months') }}
),

municipalities as (
    select * from {{ ref('ref_municipalities') }}
),

districts as (
    select * from {{ ref('ref_districts') }}
),

with_districts as (
    select distinct municipality_code from districts
),

codes as (
    select * from {{ ref('gate_codes') }}
),

stays as (
    select
        stays.episode_id,
        stays.municipality_code,
        stays.district_code,
        stays.clinic_code,
        stays.admitted_on,
        months.months_ago
    from {{ ref('int_episodes__in_force') }} as stays
    inner join months on {{ first_of_month('stays.admitted_on') }} = months.month
),

cases as (
    select
        cases.municipality_code,
        cases.district_code,
        stays.admitted_on,
        stays.months_ago
    from {{ ref('int_cases__in_force') }} as cases
    inner join stays on cases.episode_id = stays.episode_id
),

{% for feed in ['stays', 'cases'] -%}
    {{ feed }}_municipality as (
        select
            '{{ feed }}' as feed,
            'municipality_code' as code_column,
            {{ feed }}.months_ago,
            count(*) as rows_judged,
            count(*) filter (where {{ feed }}.municipality_code is null) as rows_missing,
            count(*) filter (
                where {{ feed }}.municipality_code is not null and municipalities.municipality_code is null
            ) as rows_unknown
        from {{ feed }}
        left join municipalities
            on
                {{ feed }}.municipality_code = municipalities.municipality_code
                and {{ feed }}.admitted_on >= municipalities.valid_from
                and {{ feed }}.admitted_on <= coalesce(municipalities.valid_to, {{ feed }}.admitted_on)
        group by {{ feed }}.months_ago
    ),

    {{ feed }}_district as (
        select
            '{{ feed }}' as feed,
            'district_code' as code_column,
            {{ feed }}.months_ago,
            count(*) as rows_judged,
            count(*) filter (where {{ feed }}.district_code is null) as rows_missing,
            count(*) filter (
                where {{ feed }}.district_code is not null and districts.district_code is null
            ) as rows_unknown
        from {{ feed }}
        inner join with_districts on {{ feed }}.municipality_code = with_districts.municipality_code
        left join districts
            on
                {{ feed }}.municipality_code = districts.municipality_code
                and {{ feed }}.district_code = districts.district_code
                and {{ feed }}.admitted_on >= districts.valid_from
        group by {{ feed }}.months_ago
    ),

{% endfor -%}
stays_clinic as (
    select
        'stays' as feed,
        'clinic_code' as code_column,
        months_ago,
        count(*) as rows_judged,
        count(*) filter (where clinic_code is null) as rows_missing,
        0 as rows_unknown
    from stays
    group by months_ago
),

counted as (
    select * from stays_municipality
    union all
    select * from stays_district
    union all
    select * from stays_clinic
    union all
    select * from cases_municipality
    union all
    select * from cases_district
),

new_codes as (
    select
        code_column,
        sum(rows_in_month) as rows_new
    from codes
    where is_new
    group by code_column
),

compared as (
    select
        feed,
        code_column,
        coalesce(sum(rows_judged) filter (where months_ago = 0), 0) as rows_judged,
        coalesce(sum(rows_missing) filter (where months_ago = 0), 0) as rows_missing,
        coalesce(sum(rows_unknown) filter (where months_ago = 0), 0) as rows_unknown,
        coalesce(sum(rows_judged) filter (where months_ago > 0), 0) as rows_judged_before,
        coalesce(sum(rows_missing) filter (where months_ago > 0), 0) as rows_missing_before,
        count(*) filter (where months_ago > 0) as months_before
    from counted
    group by
        feed,
        code_column
),

shared as (
    select
        compared.*,
        coalesce(new_codes.rows_new, 0) as rows_new,
        cast({{ half_up_ratio('compared.rows_missing', 'nullif(compared.rows_judged, 0)', 6) }} as decimal(9, 6))
            as missing_share,
        cast({{ half_up_ratio('compared.rows_unknown', 'nullif(compared.rows_judged, 0)', 6) }} as decimal(9, 6))
            as unknown_share,
        cast(
            {{ half_up_ratio('coalesce(new_codes.rows_new, 0)', 'nullif(compared.rows_judged, 0)', 6) }}
            as decimal(9, 6)
        ) as new_share,
        cast(
            {{ half_up_ratio('compared.rows_missing_before', 'nullif(compared.rows_judged_before, 0)', 6) }}
            as decimal(9, 6)
        ) as missing_share_before
    from compared
    left join new_codes on compared.code_column = new_codes.code_column
),

final as (
    select
        feed,
        code_column,
        cast(rows_judged as bigint) as rows_judged,
        cast(rows_missing as bigint) as rows_missing,
        cast(rows_unknown as bigint) as rows_unknown,
        cast(rows_new as bigint) as rows_new,
        cast(months_before as integer) as months_before,
        missing_share,
        unknown_share,
        new_share,
        missing_share_before,
        missing_share - missing_share_before as missing_share_change
    from shared
)

select * from final
