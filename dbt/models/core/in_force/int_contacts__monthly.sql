-- The list of contacts as it was in force at the end of each month: the latest month's up to then replaces the earlier
-- whole, an empty one too. Before the first list there are no rows.
with contacts as (
    select * from {{ ref('stg_contacts') }}
),

files as (
    select * from {{ ref('stg_files') }}
    where feed = 'contacts'
),

months as (
    select * from {{ ref('int_months') }}
),

lists as (
    select
        months.month,
        months.month_end,
        max(files.delivery_month) as delivery_month
    from months
    inner join files on months.month >= files.delivery_month
    group by
        months.month,
        months.month_end
),

final as (
    select
        lists.month,
        lists.month_end,
        contacts.municipality_code,
        contacts.district_code,
        contacts.unit_name,
        contacts.role,
        contacts.weekend_hours,
        contacts.verified_on
    from lists
    inner join contacts on lists.delivery_month = contacts.delivery_month
)

select * from final
