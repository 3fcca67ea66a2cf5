-- Which spell (sammanhållen vårdepisod) each stay that counts belongs to (rules §2).
with stays as (
    select episode_id from {{ ref('int_episodes__in_force') }}
),

joined_stays as (
    select * from {{ ref('int_spells__joined_stays') }}
),

final as (
    select
        stays.episode_id,
        coalesce(joined_stays.spell_id, stays.episode_id) as spell_id
    from stays
    left join joined_stays on stays.episode_id = joined_stays.episode_id
)

select * from final
