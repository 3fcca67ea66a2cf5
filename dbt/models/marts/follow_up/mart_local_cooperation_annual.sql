with follow_up as (
    select * from {{ ref('mart_annual_follow_up') }}
    where district_code = 'all' and sex = 0 and indicator_id in ('long_wait_7', 'long_wait_14', 'long_wait_30')
),

deviations as (
    select * from {{ ref('mart_deviations_annual') }}
    where severity = 'all'
),

disputes as (
    select * from {{ ref('mart_invoice_disputes_monthly') }}
    where dispute_status = 'disputed'
),

statements as (
    select * from {{ ref('int_statements__in_force') }}
    where commitment_id = 'local_cooperation' and party = 'municipality'
),

years as (
    select * from {{ ref('int_annual__months') }}
    where is_last and not is_previous
),

municipalities as (
    select * from {{ ref('ref_municipalities') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

counts as (
    {%- for figure, value, step, condition in [
        ('discharges', 'denominator', 'follow_up', "indicator_id = 'long_wait_7'"),
        ('long_wait_7', 'numerator', 'follow_up', "indicator_id = 'long_wait_7'"),
        ('long_wait_14', 'numerator', 'follow_up', "indicator_id = 'long_wait_14'"),
        ('long_wait_30', 'numerator', 'follow_up', "indicator_id = 'long_wait_30'"),
        ('deviations', 'deviations', 'deviations', "category = 'all'"),
        ('local_cooperation_deviations', 'deviations', 'deviations', "category = 'local_cooperation'"),
        ('escalated_to_steering_group', 'escalated_to_steering_group', 'deviations', "category = 'all'"),
        ('escalated_to_vis', 'escalated_to_vis', 'deviations', "category = 'all'"),
    ] %}
        select
            year,
            municipality_code,
            '{{ figure }}' as figure,
            {{ value }} as value
        from {{ step }}
        where {{ condition }}
        union all
    {%- endfor %}
    {%- for municipality in ['region_code', 'municipality_code'] %}
        {%- for figure, value, condition in [
            ('disputed_lines', 'lines', 'true'),
            ('disputed_amount', 'amount_sek', 'true'),
            ('escalated_lines', 'lines', "dispute_step in ('steering_group', 'vis')"),
        ] %}
            select
                cast(extract(year from month) as integer) as year,
                cast({{ municipality }} as {{ dbt.type_string() }}) as municipality_code,
                '{{ figure }}' as figure,
                {{ value }} as value
            from disputes
            where {{ condition }}
            union all
        {%- endfor %}
    {%- endfor %}
    select
        year,
        municipality_code,
        'statements' as figure,
        1 as value
    from statements
    union all
    select
        statements.year,
        candidate.region_code as municipality_code,
        'statements' as figure,
        1 as value
    from statements
    cross join candidate
    union all
    -- The region's municipalities are there even where nothing is to be told.
    select
        years.year,
        municipalities.municipality_code,
        'statements' as figure,
        0 as value
    from years
    cross join candidate
    inner join municipalities
        on candidate.region_code = municipalities.region_code and {{ in_force('municipalities', 'years.year_end') }}
),

final as (
    select
        candidate.region_code,
        counts.year,
        counts.municipality_code,
        {%- for figure in [
            'discharges', 'long_wait_7', 'long_wait_14', 'long_wait_30', 'deviations', 'local_cooperation_deviations',
            'escalated_to_steering_group', 'escalated_to_vis', 'disputed_lines', 'escalated_lines', 'statements',
        ] %}
            cast(coalesce(sum(counts.value) filter (where counts.figure = '{{ figure }}'), 0) as integer)
                as {{ figure }},
        {%- endfor %}
        cast(coalesce(sum(counts.value) filter (where counts.figure = 'disputed_amount'), 0) as decimal(14, 2))
            as disputed_amount,
        max(statements.fulfilment) as fulfilment,
        max(statements.statement) as statement,
        max(years.months_included) as months_included,
        max(years.status) as status
    from counts
    cross join candidate
    inner join years on counts.year = years.year
    left join statements
        on counts.year = statements.year and counts.municipality_code = statements.municipality_code
    group by
        candidate.region_code,
        counts.year,
        counts.municipality_code
)

select * from final
