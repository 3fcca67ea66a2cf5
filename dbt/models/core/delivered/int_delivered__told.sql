-- The quarantined rows of stays, cases and messages, orphans of this release among them, with what each says of where
-- it belongs. A malformed row says nothing.
with quarantine as (
    select * from {{ ref('stg_quarantine') }}
    where feed in ('episodes', 'cases', 'messages')
),

orphans as (
    select * from {{ ref('int_orphans') }}
),

put_aside as (
    select
        'quarantined' as outcome,
        feed,
        delivery_month,
        file,
        line,
        row
    from quarantine
    union all
    select
        'orphan' as outcome,
        feed,
        delivery_month,
        file,
        line,
        row
    from orphans
),

final as (
    select
        outcome,
        feed,
        delivery_month,
        file,
        line,
        {{ json_text('row', 'episode_id') }} as episode_id,
        {{ json_text('row', 'case_id') }} as case_id,
        {{ json_text('row', 'hospital_id') }} as hospital_id,
        {{ json_text('row', 'deciding_municipality_code') }} as deciding_municipality_code,
        {{ json_text('row', 'municipality_code') }} as municipality_code
    from put_aside
)

select * from final
