-- One row per indicator: the process indicators of rules §7, readmission and the headline figures.
with indicators as (
    select * from {{ ref('ref_indicators') }}
),

final as (
    select
        indicator_id,
        term_sv,
        definition_sv,
        definition_en,
        unit,
        direction,
        status,
        source
    from indicators
)

select * from final
