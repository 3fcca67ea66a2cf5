-- Rows that did not enter (criteria quarantined_share, orphans), by the month of the delivery. Quarantined are rows
-- with a fault of their own, among stays, cases and messages; orphans are among cases and messages. The share of a unit
-- is that of its own rows and, added to it, the share of the region's rows that could not be attributed to any unit:
-- each unit bears them in proportion, since any may be theirs.
with delivered as (
    select * from {{ ref('int_billing_readiness__delivered') }}
),

by_unit as (
    {{ rows_by_unit('delivered') }}
),

summed as (
    select
        month,
        unit_type,
        unit_id,
        cast(sum(delivered_rows) as bigint) as all_rows,
        cast(coalesce(sum(delivered_rows) filter (where outcome = 'quarantined'), 0) as bigint) as quarantined_rows,
        cast(coalesce(sum(delivered_rows) filter (where feed <> 'episodes'), 0) as bigint) as child_rows,
        cast(coalesce(sum(delivered_rows) filter (where outcome = 'orphan'), 0) as bigint) as orphan_rows
    from by_unit
    group by
        month,
        unit_type,
        unit_id
),

totals as (
    select
        month,
        unit_type,
        cast(sum(all_rows) as bigint) as all_rows,
        cast(coalesce(sum(quarantined_rows) filter (where unit_id is null), 0) as bigint) as nobodys_quarantined_rows,
        cast(sum(child_rows) as bigint) as child_rows,
        cast(coalesce(sum(orphan_rows) filter (where unit_id is null), 0) as bigint) as nobodys_orphan_rows
    from summed
    group by
        month,
        unit_type
),

own as (
    {{ measured_share('summed', 'quarantined_share', 'quarantined_rows', 'all_rows') }}
    union all
    {{ measured_share('summed', 'orphans', 'orphan_rows', 'child_rows') }}
),

nobodys as (
    select
        month,
        unit_type,
        'quarantined_share' as criterion,
        cast({{ half_up_ratio('nobodys_quarantined_rows', 'nullif(all_rows, 0)', 6) }} as decimal(18, 6)) as value
    from totals
    union all
    select
        month,
        unit_type,
        'orphans' as criterion,
        cast({{ half_up_ratio('nobodys_orphan_rows', 'nullif(child_rows, 0)', 6) }} as decimal(18, 6)) as value
    from totals
),

final as (
    select
        own.month,
        own.unit_type,
        own.unit_id,
        own.criterion,
        cast(own.value + nobodys.value as decimal(18, 6)) as value,
        own.observations
    from own
    inner join nobodys
        on own.month = nobodys.month and own.unit_type = nobodys.unit_type and own.criterion = nobodys.criterion
    where own.unit_id is not null
)

select * from final
