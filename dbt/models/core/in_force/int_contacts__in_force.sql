-- The list of contacts that counts: the latest month's file replaces the earlier whole, an empty one too.
with contacts as (
    select * from {{ ref('stg_contacts') }}
),

files as (
    select * from {{ ref('stg_files') }}
),

latest as (
    select max(delivery_month) as delivery_month
    from files
    where feed = 'contacts'
),

final as (
    select
        contacts.region_code,
        contacts.municipality_code,
        contacts.district_code,
        contacts.unit_name,
        contacts.role,
        contacts.phone,
        contacts.email,
        contacts.weekend_hours,
        contacts.verified_on,
        contacts.delivery_month
    from contacts
    inner join latest on contacts.delivery_month = latest.delivery_month
)

select * from final
