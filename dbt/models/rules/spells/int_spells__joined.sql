-- The spells of several stays: how many, what the first stay gives, and which is the last (rules §2). The last stay
-- is the greatest by open first, discharged_at, admitted_at, episode_id. The spell is open if any stay is, and then
-- its last stay is an open one; else it ends at the greatest discharged_at, which is the last stay's. One protected
-- stay protects the spell.
with joined_stays as (
    select * from {{ ref('int_spells__joined_stays') }}
),

stays as (
    select * from {{ ref('int_spells__reach') }}
),

ordered as (
    select
        joined_stays.spell_id,
        stays.episode_id,
        stays.admission_mode,
        stays.admitted_at,
        stays.admitted_on,
        stays.is_protected,
        row_number() over (
            partition by joined_stays.spell_id
            order by
                case when stays.discharged_at is null then 1 else 0 end desc,
                stays.discharged_at desc,
                stays.admitted_at desc,
                stays.episode_id desc
        ) as place
    from joined_stays
    inner join stays on joined_stays.episode_id = stays.episode_id
),

final as (
    select
        spell_id,
        cast(count(*) as integer) as stays,
        max(case when place = 1 then episode_id end) as last_episode_id,
        max(case when episode_id = spell_id then admission_mode end) as admission_mode,
        min(admitted_at) as admitted_at,
        min(admitted_on) as admitted_on,
        max(case when is_protected then 1 else 0 end) = 1 as is_protected
    from ordered
    group by spell_id
)

select * from final
