-- One row per criterion of reliable billing data, kind of unit (hospital, municipality) and first day of its threshold.
with billing_criteria as (
    select * from {{ ref('ref_billing_criteria') }}
),

final as (
    select
        criterion,
        unit_type,
        valid_from,
        valid_to,
        direction,
        threshold,
        least_cases,
        is_required,
        unit,
        position,
        term_sv,
        definition_sv,
        definition_en,
        status,
        source
    from billing_criteria
)

select * from final
