with cases as (
    select * from {{ source('bronze', 'cases') }}
),

final as (
    select
        region_code,
        case_id,
        episode_id,
        source_system,
        municipality_code,
        district_code,
        deciding_municipality_code,
        sip_required,
        open_care_available,
        measures_declined,
        coordinated_care_plan,
        coalesce(is_deleted, false) as is_deleted,
        delivery_month,
        version,
        file,
        line
    from cases
)

select * from final
