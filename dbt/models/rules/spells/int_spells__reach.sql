-- How far each stay reaches (rules §2): the date of its discharge, one day later where it moved the patient to another
-- inpatient unit, endless while it is open. One row per stay that counts, with its discharge as it counts: that of an
-- open stay which was never sent is the person's next admission.
with stays as (
    select * from {{ ref('int_episodes__in_force') }}
),

unsent_discharges as (
    select * from {{ ref('int_spells__unsent_discharges') }}
),

discharges as (
    select
        stays.*,
        coalesce(stays.discharged_at, unsent_discharges.discharged_at) as counted_discharged_at,
        coalesce(stays.discharged_on, unsent_discharges.discharged_on) as counted_discharged_on,
        case
            when stays.discharged_at is not null then stays.discharge_destination
            else unsent_discharges.discharge_destination
        end as counted_discharge_destination
    from stays
    left join unsent_discharges on stays.episode_id = unsent_discharges.episode_id
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
        care_area,
        is_protected,
        admission_mode,
        admitted_at,
        admitted_on,
        counted_discharged_at as discharged_at,
        counted_discharged_on as discharged_on,
        counted_discharge_destination as discharge_destination,
        case
            when counted_discharged_on is null then cast('9999-12-31' as date)
            when counted_discharge_destination = 'inpatient' then {{ add_days('counted_discharged_on', 1) }}
            else counted_discharged_on
        end as reach_on
    from discharges
)

select * from final
