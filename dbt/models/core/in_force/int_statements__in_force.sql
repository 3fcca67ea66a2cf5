-- The parties' statements that count: of each key the latest month's row, unless that row deletes it. The municipality
-- is null in the key of the region's and Storsthlm's own, and null is a value of the key.
with statements as (
    select * from {{ ref('stg_statements') }}
),

latest as (
    select * from statements
    qualify
        row_number() over (
            partition by year, commitment_id, party, municipality_code
            order by delivery_month desc
        ) = 1
),

final as (
    select
        year,
        commitment_id,
        party,
        municipality_code,
        fulfilment,
        statement,
        stated_on,
        delivery_month
    from latest
    where not coalesce(is_deleted, false)
)

select * from final
