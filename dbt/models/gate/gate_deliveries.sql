{%- set keys = {
    'episodes': 'episode_id', 'cases': 'case_id', 'messages': 'message_id', 'invoices': 'invoice_line_id',
} -%}
-- One row per required feed of the release month's delivery: its rows, how many are quarantined or orphans, how many
-- keys came before, and whether the file is one that came before. `expected_rows` is what a month of the region holds,
-- by the last three months.
with candidate as (
    select * from {{ ref('stg_candidate') }}
),

files as (
    select * from {{ ref('stg_files') }}
),

orphans as (
    select
        orphans.feed,
        count(*) as rows_orphaned
    from {{ ref('int_orphans') }} as orphans
    inner join candidate on orphans.delivery_month = candidate.month
    group by orphans.feed
),

units as (
    select * from {{ ref('gate_units') }}
    where unit_type = 'region'
),

{% for feed, key in keys.items() -%}
    {{ feed }}_delivered as (
        select delivered.{{ key }}
        from {{ ref('stg_' ~ feed) }} as delivered
        inner join candidate on delivered.delivery_month = candidate.month
    ),

    {{ feed }}_known as (
        select distinct earlier.{{ key }}
        from {{ ref('stg_' ~ feed) }} as earlier
        inner join candidate on earlier.delivery_month < candidate.month
        where earlier.{{ key }} in (select {{ feed }}_delivered.{{ key }} from {{ feed }}_delivered)
    ),

{% endfor -%}
known_keys as (
    {%- for feed, key in keys.items() %}
        select
            '{{ feed }}' as feed,
            '{{ {"episodes": "stays_admitted", "cases": "cases", "messages": "messages", "invoices": "none"}[feed] }}'
                as measure,
            count(*) as keys_known
        from {{ feed }}_known
        {{- "\n    union all" if not loop.last }}
    {%- endfor %}
),

delivered_files as (
    select files.*
    from files
    inner join candidate on files.delivery_month = candidate.month
),

repeated_files as (
    select
        delivered_files.file,
        max(files.delivery_month) as same_file_as
    from delivered_files
    inner join files
        on
            delivered_files.sha256 = files.sha256
            and delivered_files.feed = files.feed
            and delivered_files.delivery_month > files.delivery_month
    where delivered_files.rows_delivered > 0
    group by delivered_files.file
),

final as (
    select
        delivered_files.feed,
        delivered_files.file,
        delivered_files.version,
        delivered_files.rows_delivered,
        delivered_files.rows_loaded,
        delivered_files.rows_quarantined,
        cast(
            {{ half_up_ratio('delivered_files.rows_quarantined', 'nullif(delivered_files.rows_delivered, 0)', 6) }}
            as decimal(9, 6)
        ) as quarantined_share,
        coalesce(orphans.rows_orphaned, 0) as rows_orphaned,
        cast(
            {{ half_up_ratio('coalesce(orphans.rows_orphaned, 0)', 'nullif(delivered_files.rows_delivered, 0)', 6) }}
            as decimal(9, 6)
        ) as orphaned_share,
        known_keys.keys_known,
        delivered_files.rows_loaded - known_keys.keys_known as keys_new,
        cast(
            {{ half_up_ratio('known_keys.keys_known', 'nullif(delivered_files.rows_loaded, 0)', 6) }}
            as decimal(9, 6)
        ) as repeated_share,
        repeated_files.same_file_as,
        case when repeated_files.same_file_as is null then 0 else 1 end as is_same_file,
        units.recent_mean as expected_rows,
        cast(
            {{ half_up_ratio(
                '100 * (delivered_files.rows_loaded - known_keys.keys_known)',
                'nullif(cast(100 * units.recent_mean as bigint), 0)'
            ) }} as decimal(14, 4)
        ) as new_share_of_expected
    from delivered_files
    inner join known_keys on delivered_files.feed = known_keys.feed
    left join orphans on delivered_files.feed = orphans.feed
    left join repeated_files on delivered_files.file = repeated_files.file
    left join units on known_keys.measure = units.measure
)

select * from final
