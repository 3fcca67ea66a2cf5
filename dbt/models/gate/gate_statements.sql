-- The statements that count, by the commitment that they are on, and whether the table of commitments has it: one that
-- it does not have is on nobody's list, and would be lost unseen. They are named in every release until corrected.
with statements as (
    select * from {{ ref('int_statements__in_force') }}
),

commitments as (
    select * from {{ ref('ref_commitments') }}
),

final as (
    select
        statements.commitment_id,
        commitments.commitment_id is not null as is_known,
        cast(count(*) as integer) as statements
    from statements
    left join commitments on statements.commitment_id = commitments.commitment_id
    group by
        statements.commitment_id,
        commitments.commitment_id
)

select * from final
