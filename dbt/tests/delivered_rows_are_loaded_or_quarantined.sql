-- Nothing is dropped silently: of every file the rows delivered are those loaded and those quarantined, each
-- quarantined one is shown, and each loaded one is in the warehouse.
{{ config(meta={'category': 'completeness'}) }}
{% set feeds = [
    'episodes', 'cases', 'messages', 'invoices', 'identity_links', 'deviations', 'contacts', 'population',
    'statements'
] %}
with deliveries as (
    select * from {{ ref('audit_deliveries') }}
),

quarantined as (
    select
        delivery_month,
        file,
        count(*) as shown_rows
    from {{ ref('audit_quarantine') }}
    group by
        delivery_month,
        file
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

staged as (
    {% for feed in feeds %}
        select
            delivery_month,
            file,
            count(*) as staged_rows
        from {{ ref('stg_' ~ feed) }}
        group by
            delivery_month,
            file
        {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    deliveries.delivery_month,
    deliveries.file,
    deliveries.rows_delivered,
    deliveries.rows_loaded,
    deliveries.rows_quarantined,
    quarantined.shown_rows,
    staged.staged_rows
from deliveries
left join quarantined
    on deliveries.delivery_month = quarantined.delivery_month and deliveries.file = quarantined.file
left join orphans on deliveries.delivery_month = orphans.delivery_month and deliveries.file = orphans.file
left join staged on deliveries.delivery_month = staged.delivery_month and deliveries.file = staged.file
where
    deliveries.rows_loaded < 0
    or deliveries.rows_delivered <> deliveries.rows_loaded + deliveries.rows_quarantined
    or deliveries.rows_quarantined <> coalesce(quarantined.shown_rows, 0)
    or deliveries.rows_loaded + coalesce(orphans.orphan_rows, 0) <> coalesce(staged.staged_rows, 0)
