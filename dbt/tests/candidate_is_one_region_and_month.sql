-- Keys are joined without the region because a candidate holds one: one row says which, and no row is of another.
{{ config(meta={'category': 'conformance'}) }}
with candidate as (
    select * from {{ ref('stg_candidate') }}
),

regions as (
    select distinct region_code from {{ ref('int_episodes__in_force') }}
    union
    select distinct region_code from {{ ref('int_cases__in_force') }}
    union
    select distinct region_code from {{ ref('int_messages__in_force') }}
    union
    select distinct region_code from {{ ref('int_invoices__in_force') }}
)

select
    'rows of stg_candidate' as what,
    cast(count(*) as {{ dbt.type_string() }}) as found
from candidate
having count(*) <> 1
union all
select
    'another region' as what,
    region_code as found
from regions
where region_code not in (select candidate.region_code from candidate)
