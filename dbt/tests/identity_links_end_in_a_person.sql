-- Every chain of identity links ends: an earlier identity without a person is part of a cycle, or points into one.
select distinct links.old_person_key
from {{ ref('stg_identity_links') }} as links
left join {{ ref('int_persons__linked') }} as persons on links.old_person_key = persons.old_person_key
where persons.old_person_key is null
