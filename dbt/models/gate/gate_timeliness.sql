-- One row: when the release month's delivery was extracted, against the day it was due by the release calendar (the
-- region's own row, else SE's). The date of extraction is by Swedish normal time, one hour before UTC's.
with candidate as (
    select * from {{ ref('stg_candidate') }}
),

deliveries as (
    select * from {{ ref('stg_deliveries') }}
),

calendar as (
    select * from {{ ref('ref_release_calendar') }}
),

delivered as (
    select
        deliveries.region_code,
        deliveries.delivery_month,
        deliveries.version,
        deliveries.source_system,
        cast({{ dbt.dateadd('hour', 1, 'deliveries.extracted_at') }} as date) as extracted_on,
        {{ add_days('candidate.month_end', 1) }} as following_month
    from deliveries
    inner join candidate on deliveries.delivery_month = candidate.month
),

due as (
    select
        delivered.*,
        calendar.delivery_due_day,
        row_number() over (order by case when calendar.region_code = 'SE' then 1 else 0 end) as place
    from delivered
    left join calendar
        on
            (delivered.region_code = calendar.region_code or calendar.region_code = 'SE')
            and delivered.following_month >= calendar.valid_from
            and delivered.following_month <= coalesce(calendar.valid_to, delivered.following_month)
),

final as (
    select
        region_code,
        delivery_month,
        version,
        source_system,
        extracted_on,
        {{ add_days('following_month', 'delivery_due_day - 1') }} as due_on,
        {{ days_between(add_days('following_month', 'delivery_due_day - 1'), 'extracted_on') }} as days_late
    from due
    where place = 1
)

select * from final
