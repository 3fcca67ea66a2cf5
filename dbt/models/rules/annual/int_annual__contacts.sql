-- What the list of contacts adds to the annual indicators: of the contacts in force at the end of each month, those
-- whose details were confirmed within the measure's days, the last of them included, and those that can be reached on
-- weekends. A municipality that was none on that day is `9999`.
with contacts as (
    select * from {{ ref('int_contacts__monthly') }}
),

measures as (
    select * from {{ ref('dim_measure') }}
    where measure_id = 'contacts_verified'
),

municipalities as (
    select * from {{ ref('ref_municipalities') }}
),

judged as (
    select
        contacts.month,
        coalesce(municipalities.municipality_code, '9999') as municipality_code,
        case
            when {{ days_between('contacts.verified_on', 'contacts.month_end') }} <= measures.limit_days then 1
            else 0
        end as is_verified,
        case when contacts.weekend_hours then 1 else 0 end as has_weekend_hours
    from contacts
    inner join measures on {{ in_force('measures', 'contacts.month_end') }}
    left join municipalities
        on
            contacts.municipality_code = municipalities.municipality_code
            and {{ in_force('municipalities', 'contacts.month_end') }}
),

final as (
    select
        month,
        municipality_code,
        sum(is_verified) as verified,
        sum(has_weekend_hours) as with_weekend_hours,
        count(*) as contacts
    from judged
    group by
        month,
        municipality_code
)

select * from final
