-- One row per rule that only reports (feeds contract): how many rows of the release month's delivery it found, and
-- their share. The rules of a single row come from ingestion; those that need the other feeds are judged here: an
-- identity link against every stay delivered, and a message against the spell of its stay, for a transfer keeps its
-- case open. A meeting (sip_held) may come after the discharge; what else is sent on a later date is outside.
with candidate as (
    select * from {{ ref('stg_candidate') }}
),

reports as (
    select * from {{ ref('stg_reports') }}
),

files as (
    select * from {{ ref('stg_files') }}
),

messages as (
    select * from {{ ref('int_messages__in_force') }}
),

spell_cases as (
    select
        case_id,
        spell_id
    from {{ ref('int_spells__cases') }}
),

spells as (
    select
        spell_id,
        admitted_at,
        discharged_on
    from {{ ref('int_spells') }}
),

identity_links as (
    select distinct
        old_person_key,
        new_person_key
    from {{ ref('stg_identity_links') }}
),

linked_stays as (
    select person_key
    from {{ ref('stg_episodes') }}
    where
        person_key in (select identity_links.old_person_key from identity_links)
        or person_key in (select identity_links.new_person_key from identity_links)
),

invoices as (
    select * from {{ ref('stg_invoices') }}
),

population as (
    select population.*
    from {{ ref('int_population__counted') }} as population
    inner join {{ ref('stg_candidate') }} as candidate on population.delivery_month = candidate.month
),

delivered_rows as (
    select
        files.feed,
        sum(files.rows_loaded) as rows_in_feed
    from files
    inner join candidate on files.delivery_month = candidate.month
    group by files.feed
),

row_rules as (
    select
        reports.feed,
        reports.rule as rule_name,
        sum(reports.rows) as rows_reported
    from reports
    inner join candidate on reports.delivery_month = candidate.month
    group by
        reports.feed,
        reports.rule
),

message_rules as (
    select
        'messages' as feed,
        'message_outside_stay' as rule_name,
        count(*) filter (
            where
            messages.sent_at < spells.admitted_at
            or (messages.sent_on > spells.discharged_on and messages.message_type <> 'sip_held')
        ) as rows_reported,
        count(*) as rows_in_feed
    from messages
    inner join candidate on messages.delivery_month = candidate.month
    inner join spell_cases on messages.case_id = spell_cases.case_id
    inner join spells on spell_cases.spell_id = spells.spell_id
    where not messages.is_voided
),

link_rules as (
    select
        'identity_links' as feed,
        'link_matches_no_stay' as rule_name,
        count(*) filter (
            where
            identity_links.old_person_key not in (select linked_stays.person_key from linked_stays)
            and identity_links.new_person_key not in (select linked_stays.person_key from linked_stays)
        ) as rows_reported,
        count(*) as rows_in_feed
    from identity_links
),

invoice_rules as (
    select
        'invoices' as feed,
        'care_month_before_first_delivery' as rule_name,
        count(*) filter (where invoices.care_month < candidate.first_month) as rows_reported,
        count(*) as rows_in_feed
    from invoices
    inner join candidate on invoices.delivery_month = candidate.month
    union all
    select
        'invoices' as feed,
        'care_month_after_release' as rule_name,
        count(*) filter (where invoices.care_month > candidate.month) as rows_reported,
        count(*) as rows_in_feed
    from invoices
    inner join candidate on invoices.delivery_month = candidate.month
),

population_rules as (
    select
        'population' as feed,
        'left_over_district' as rule_name,
        count(*) filter (where is_left_over) as rows_reported,
        count(*) as rows_in_feed
    from population
),

every_rule as (
    select
        row_rules.feed,
        row_rules.rule_name,
        row_rules.rows_reported,
        delivered_rows.rows_in_feed
    from row_rules
    inner join delivered_rows on row_rules.feed = delivered_rows.feed
    union all
    select * from message_rules
    union all
    select * from link_rules
    union all
    select * from invoice_rules
    union all
    select * from population_rules
),

final as (
    select
        feed,
        rule_name,
        cast(rows_reported as bigint) as rows_reported,
        cast(rows_in_feed as bigint) as rows_in_feed,
        cast(coalesce({{ half_up_ratio('rows_reported', 'nullif(rows_in_feed, 0)', 6) }}, 0) as decimal(9, 6))
            as reported_share
    from every_rule
)

select * from final
