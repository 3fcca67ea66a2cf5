-- Typed rows of every delivery; which of them count is decided in core. Local dates are cut here, once.
with episodes as (
    select * from {{ source('bronze', 'episodes') }}
),

final as (
    select
        region_code,
        episode_id,
        person_key,
        birth_date,
        sex,
        municipality_code,
        district_code,
        hospital_id,
        clinic_code,
        care_area,
        coalesce(protected_identity, false) as is_protected,
        admission_mode,
        admitted_at,
        cast(admitted_at_local as date) as admitted_on,
        discharged_at,
        cast(discharged_at_local as date) as discharged_on,
        discharge_destination,
        coalesce(is_deleted, false) as is_deleted,
        delivery_month,
        version,
        file,
        line
    from episodes
)

select * from final
