-- The statements that count, by their year and the commitment that they are on, whether the table of commitments has it
-- and whether figures are published of the year: one that is on neither is on nobody's list, and would be lost unseen.
-- They are named in every release until corrected.
with statements as (
    select * from {{ ref('int_statements__in_force') }}
),

commitments as (
    select * from {{ ref('ref_commitments') }}
),

years as (
    select distinct cast(extract(year from month) as integer) as year
    from {{ ref('int_months') }}
),

final as (
    select
        statements.year,
        statements.commitment_id,
        commitments.commitment_id is not null as is_known,
        years.year is not null as is_of_published_year,
        cast(count(*) as integer) as statements
    from statements
    left join commitments on statements.commitment_id = commitments.commitment_id
    left join years on statements.year = years.year
    group by
        statements.year,
        statements.commitment_id,
        commitments.commitment_id,
        years.year
)

select * from final
