with quarantine as (
    select * from {{ ref('stg_quarantine') }}
),

orphans as (
    select * from {{ ref('int_orphans') }}
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

final as (
    select
        region_code,
        delivery_month,
        version,
        file,
        line,
        reasons,
        row
    from quarantine
    union all
    select
        candidate.region_code,
        orphans.delivery_month,
        orphans.version,
        orphans.file,
        orphans.line,
        'orphan' as reasons,
        orphans.row
    from orphans
    cross join candidate
)

select * from final
