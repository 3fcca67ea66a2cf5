-- No stay is lost or counted twice on its way into spells, and none of a spell's is another person's.
with counts as (
    select
        (select count(*) from {{ ref('int_episodes__in_force') }}) as stays_in_force,
        (select count(*) from {{ ref('int_spells__stays') }}) as stays_in_spells,
        (select coalesce(sum(stays), 0) from {{ ref('fct_spells') }}) as stays_of_spells
),

persons as (
    select distinct joined_stays.spell_id
    from {{ ref('int_spells__joined_stays') }} as joined_stays
    inner join {{ ref('int_episodes__in_force') }} as stays on joined_stays.episode_id = stays.episode_id
    inner join {{ ref('fct_spells') }} as spells on joined_stays.spell_id = spells.spell_id
    where stays.person_key <> spells.person_key
)

select
    'counts differ' as what,
    stays_in_force || ' in force, ' || stays_in_spells || ' in spells, ' || stays_of_spells || ' summed' as found
from counts
where stays_in_force <> stays_in_spells or stays_in_force <> stays_of_spells
union all
select
    'two persons in a spell' as what,
    spell_id as found
from persons
