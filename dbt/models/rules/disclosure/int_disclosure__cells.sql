-- Every cell of every open table, and whether it is sensitive in itself (rules §9, primary): fewer persons than the
-- rule asks for, though at least one, stand behind it, or one person stands for too large a share of its days.
-- `is_published` is false for cells that no table shows and that a difference of two shown figures would give away:
-- complements, the discharges outside `lus`, the groups beside the headline, and what one table counts and another does
-- not. The thresholds are those of the figure's month.
with ready_days as (
    select * from {{ ref('int_disclosure__ready_days') }}
),

readmissions as (
    select * from {{ ref('int_disclosure__readmissions') }}
),

process as (
    select * from {{ ref('int_disclosure__process') }}
),

payment as (
    select * from {{ ref('int_disclosure__payment') }}
),

other_intervals as (
    select * from {{ ref('int_disclosure__other_intervals') }}
),

deviations as (
    select * from {{ ref('int_disclosure__deviations') }}
),

persons_rules as (
    select * from {{ ref('ref_disclosure_rules') }}
    where rule_id = 'fewest_persons'
),

share_rules as (
    select * from {{ ref('ref_disclosure_rules') }}
    where rule_id = 'largest_share'
),

cells as (
    select
        'ready_days' as subject,
        *
    from ready_days
    union all
    select
        'readmissions' as subject,
        *
    from readmissions
    union all
    select
        'process' as subject,
        *
    from process
    union all
    select
        'payment' as subject,
        *
    from payment
    union all
    select
        'payment' as subject,
        *
    from other_intervals
    union all
    select
        'deviations' as subject,
        *
    from deviations
),

final as (
    select
        cells.subject,
        cells.month,
        cells.municipality_code,
        cells.district_code,
        cells.current_district_code,
        cells.payment_class,
        cells.care_area,
        cells.sex,
        cells.age_band,
        cells.part,
        cells.figure,
        cells.value,
        cells.persons,
        cells.figure not in (
            'not_readmitted', 'complement', 'until_next_bound', 'other_spells', 'beside_lus', 'other_intervals',
            'other_intervals_of_all', 'not_closed', 'not_escalated'
        )
        and not (cells.subject = 'readmissions' and cells.part = 'other')
        and cells.age_band <> '0-64'
        and not (cells.age_band = '65+' and cells.payment_class <> 'somatic') as is_published,
        cells.persons > 0 and (
            cells.persons < persons_rules.threshold
            or (
                cells.figure in (
                    'ready_days', 'ready_days_of_discharged', 'sum_days', 'liable_days', 'liable_days_alternative'
                )
                and cells.largest_part > share_rules.threshold * cells.sum_of_parts
            )
        ) as is_sensitive
    from cells
    inner join persons_rules on {{ in_force('persons_rules', 'cells.month') }}
    inner join share_rules on {{ in_force('share_rules', 'cells.month') }}
)

select * from final
