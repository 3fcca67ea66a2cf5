-- One row per term.
with terms as (
    select * from {{ ref('ref_terms') }}
),

final as (
    select
        name,
        term_sv,
        definition_sv,
        definition_en,
        source
    from terms
)

select * from final
