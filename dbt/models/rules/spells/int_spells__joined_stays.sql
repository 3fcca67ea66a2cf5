-- The stays that form a spell (sammanhållen vårdepisod) together with others (rules §2); a stay that is not here is a
-- spell of its own. In order of admitted_at and episode_id, a stay joins the person's current spell if its date of
-- admission is no later than the greatest reach of all the earlier stays, which also finds stays within stays and
-- chains of overlaps; else it starts a new one. The spell has the id of its first stay.
with stays as (
    select
        episode_id,
        person_key,
        admitted_at,
        admitted_on,
        reach_on
    from {{ ref('int_spells__reach') }}
),

reached as (
    select
        episode_id,
        person_key,
        admitted_at,
        admitted_on > coalesce(
            max(reach_on) over (
                partition by person_key
                order by admitted_at, episode_id rows between unbounded preceding and 1 preceding
            ),
            cast('0001-01-01' as date)
        ) as starts_spell
    from stays
),

-- Most stays start a spell: only persons with one that does not pass the second window.
persons_with_joined_stays as (
    select distinct person_key
    from reached
    where not starts_spell
),

numbered as (
    select
        reached.episode_id,
        reached.person_key,
        reached.starts_spell,
        sum(case when reached.starts_spell then 1 else 0 end) over (
            partition by reached.person_key
            order by reached.admitted_at, reached.episode_id rows between unbounded preceding and current row
        ) as spell_number
    from reached
    inner join persons_with_joined_stays on reached.person_key = persons_with_joined_stays.person_key
),

spells as (
    select
        person_key,
        spell_number,
        max(case when starts_spell then episode_id end) as spell_id
    from numbered
    group by
        person_key,
        spell_number
    having count(*) > 1
),

final as (
    select
        numbered.episode_id,
        spells.spell_id
    from numbered
    inner join spells
        on numbered.person_key = spells.person_key and numbered.spell_number = spells.spell_number
)

select * from final
