with files as (
    select * from {{ ref('stg_files') }}
),

orphans as (
    select
        delivery_month,
        file,
        count(*) as orphan_rows
    from {{ ref('int_orphans') }}
    group by
        delivery_month,
        file
),

final as (
    select
        files.region_code,
        files.delivery_month,
        files.version,
        files.file,
        files.sha256,
        cast(files.rows_delivered as integer) as rows_delivered,
        cast(files.rows_loaded - coalesce(orphans.orphan_rows, 0) as integer) as rows_loaded,
        cast(files.rows_quarantined + coalesce(orphans.orphan_rows, 0) as integer) as rows_quarantined
    from files
    left join orphans on files.delivery_month = orphans.delivery_month and files.file = orphans.file
)

select * from final
