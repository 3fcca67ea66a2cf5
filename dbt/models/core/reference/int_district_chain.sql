-- One row per district and area it is shown as: itself while it is valid, then its successors in turn (rules §3).
-- A figure of date D shows the row with `shown_from <= D <= shown_to`: a code that has ended by then becomes its
-- successor's, a code of a later area than the date stays as delivered. The last area of the chain is today's.
with recursive districts as (
    select * from {{ ref('ref_districts') }}
),

chain as (
    select
        municipality_code,
        district_code,
        district_code as shown_district_code,
        successor_district_code,
        cast('1900-01-01' as date) as shown_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as ends_on
    from districts
    union all
    select
        chain.municipality_code,
        chain.district_code,
        successor.district_code as shown_district_code,
        successor.successor_district_code,
        {{ add_days('chain.ends_on', 1) }} as shown_from,
        greatest(chain.ends_on, coalesce(successor.valid_to, cast('9999-12-31' as date))) as ends_on
    from chain
    inner join districts as successor
        on
            chain.municipality_code = successor.municipality_code
            and chain.successor_district_code = successor.district_code
),

final as (
    select
        municipality_code,
        district_code,
        shown_district_code,
        shown_from,
        case when successor_district_code is null then cast('9999-12-31' as date) else ends_on end as shown_to,
        successor_district_code is null as is_current
    from chain
)

select * from final
