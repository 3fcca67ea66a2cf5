-- One row per column of codes: the share of the release month's rows without a code, with one that no reference table
-- knows in that month, and with one that was never seen before. Stays by their admission, cases by that of their stay.
-- A district is judged where the municipality has districts.
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

-- Only the distinct codes of each month go on: the rest is done on hundreds of rows.
stays as (
    select
        {{ first_of_month('admitted_on') }} as in_month,
        municipality_code,
        district_code,
        clinic_code is null as is_without_clinic,
        count(*) as amount
    from {{ ref('int_episodes__in_force') }}
    group by all
),

cases as (
    select
        {{ first_of_month('stays.admitted_on') }} as in_month,
        cases.municipality_code,
        cases.district_code,
        count(*) as amount
    from {{ ref('int_cases__in_force') }} as cases
    inner join {{ ref('int_episodes__in_force') }} as stays on cases.episode_id = stays.episode_id
    group by all
),

coded as (
    select
        'stays' as feed,
        months.*,
        stays.municipality_code,
        stays.district_code,
        stays.amount
    from stays
    inner join months on stays.in_month = months.month
    union all
    select
        'cases' as feed,
        months.*,
        cases.municipality_code,
        cases.district_code,
        cases.amount
    from cases
    inner join months on cases.in_month = months.month
),

counted as (
    select
        coded.feed,
        'municipality_code' as code_column,
        coded.months_ago,
        sum(coded.amount) as rows_judged,
        coalesce(sum(coded.amount) filter (where coded.municipality_code is null), 0) as rows_missing,
        coalesce(sum(coded.amount) filter (
            where coded.municipality_code is not null and municipalities.municipality_code is null
        ), 0) as rows_unknown
    from coded
    left join municipalities
        on
            coded.municipality_code = municipalities.municipality_code
            and coded.next_month > municipalities.valid_from
            and coded.month <= coalesce(municipalities.valid_to, coded.month)
    group by
        coded.feed,
        coded.months_ago
    union all
    select
        coded.feed,
        'district_code' as code_column,
        coded.months_ago,
        sum(coded.amount) as rows_judged,
        coalesce(sum(coded.amount) filter (where coded.district_code is null), 0) as rows_missing,
        coalesce(sum(coded.amount) filter (
            where coded.district_code is not null and districts.district_code is null
        ), 0) as rows_unknown
    from coded
    inner join with_districts on coded.municipality_code = with_districts.municipality_code
    left join districts
        on
            coded.municipality_code = districts.municipality_code
            and coded.district_code = districts.district_code
            and coded.next_month > districts.valid_from
    group by
        coded.feed,
        coded.months_ago
    union all
    select
        'stays' as feed,
        'clinic_code' as code_column,
        months.months_ago,
        sum(stays.amount) as rows_judged,
        coalesce(sum(stays.amount) filter (where stays.is_without_clinic), 0) as rows_missing,
        0 as rows_unknown
    from stays
    inner join months on stays.in_month = months.month
    group by months.months_ago
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
