-- The index discharges of the measure of readmissions (oplanerad återinskrivning, rules §6) and whether each was
-- followed by a readmission: spells of any age and care area that ended alive, not in another inpatient unit, of
-- persons registered in a municipality of the region. Readmitted: the person's next unplanned admission comes 1 to as
-- many days later as the measure says; a planned stay between neither counts nor ends the search. One pass over the
-- spells of a person, which never overlap: the next begins a day after the last at the earliest.
with spells as (
    select * from {{ ref('int_spells') }}
),

municipalities as (
    select * from {{ ref('ref_municipalities') }}
),

measures as (
    select * from {{ ref('dim_measure') }}
    where measure_id = 'readmission'
),

candidate as (
    select * from {{ ref('stg_candidate') }}
),

months as (
    select * from {{ ref('int_months') }}
),

discharged_intervals as (
    select spell_id from {{ ref('int_readiness__days') }}
    where end_reason = 'discharged'
),

admissions as (
    select
        person_key,
        spell_id,
        admitted_at,
        case when admission_mode = 'unplanned' then admitted_on end as unplanned_on
    from spells
),

followed as (
    select
        spell_id,
        min(unplanned_on) over (
            partition by person_key order by admitted_at, spell_id
            rows between 1 following and unbounded following
        ) as next_unplanned_on
    from admissions
),

final as (
    select
        spells.spell_id,
        months.month,
        months.month_end,
        spells.shown_municipality_code,
        spells.delivered_district_code,
        spells.care_area,
        spells.sex,
        {{ age_band('spells.age') }} as age_band,
        spells.age >= measures.age_from and spells.payment_class = 'somatic' as is_headline,
        spells.spell_id in (select discharged_intervals.spell_id from discharged_intervals) as is_lus,
        coalesce(
            {{ days_between('spells.discharged_on', 'followed.next_unplanned_on') }} <= measures.limit_days, false
        ) as is_readmitted,
        case when months.month = candidate.month then 'preliminary' else 'final' end as status
    from spells
    inner join followed on spells.spell_id = followed.spell_id
    inner join months on {{ first_of_month('spells.discharged_on') }} = months.month
    inner join measures on {{ in_force('measures', 'spells.discharged_on') }}
    cross join candidate
    inner join municipalities
        on
            spells.shown_municipality_code = municipalities.municipality_code
            and candidate.region_code = municipalities.region_code
    where spells.discharge_destination not in ('deceased', 'inpatient')
)

select * from final
