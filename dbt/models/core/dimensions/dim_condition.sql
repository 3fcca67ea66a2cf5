-- One row per condition of payment responsibility, by the code that is given where it is not met (rules §4).
with conditions as (
    select * from {{ ref('ref_conditions') }}
),

final as (
    select
        reason_code,
        position,
        paragraph,
        term_sv,
        definition_sv,
        definition_en,
        status,
        source
    from conditions
)

select * from final
