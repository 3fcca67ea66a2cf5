with monthly as (
    select * from {{ ref('int_readmissions__monthly') }}
    where is_headline
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

summed as (
    select
        month,
        municipality_code,
        population,
        status,
        cast(sum(index_discharges) as integer) as index_discharges,
        cast(sum(readmissions) as integer) as readmissions
    from monthly
    group by
        month,
        municipality_code,
        population,
        status
),

final as (
    select
        candidate.region_code,
        summed.month,
        summed.municipality_code,
        summed.population,
        summed.index_discharges,
        summed.readmissions,
        cast({{ half_up_ratio('summed.readmissions', 'summed.index_discharges', 6) }} as decimal(9, 6)) as share,
        {{ wilson_low('summed.readmissions', 'summed.index_discharges') }} as share_low,
        {{ wilson_high('summed.readmissions', 'summed.index_discharges') }} as share_high,
        summed.status
    from summed
    cross join candidate
)

select * from final
