-- One row per earlier identity: the identity at the end of its chain of links, which is the person (feeds contract,
-- identity_links). Links are cumulative; of several deliveries of the same link the latest month's counts. A chain is
-- never longer than there are links, so the walk ends even where a cycle slipped past ingestion; a test stops that
-- build.
with recursive identity_links as (
    select * from {{ ref('stg_identity_links') }}
),

latest_months as (
    select
        old_person_key,
        max(delivery_month) as delivery_month
    from identity_links
    group by old_person_key
),

links as (
    select
        identity_links.old_person_key,
        identity_links.new_person_key,
        count(*) over () as longest_chain
    from identity_links
    inner join latest_months
        on
            identity_links.old_person_key = latest_months.old_person_key
            and identity_links.delivery_month = latest_months.delivery_month
),

walked as (
    select
        old_person_key,
        new_person_key as person_key,
        1 as links_followed,
        longest_chain
    from links
    union all
    select
        walked.old_person_key,
        links.new_person_key as person_key,
        walked.links_followed + 1 as links_followed,
        walked.longest_chain
    from walked
    inner join links on walked.person_key = links.old_person_key
    where walked.links_followed < walked.longest_chain
),

final as (
    select
        walked.old_person_key,
        walked.person_key,
        walked.links_followed
    from walked
    left join links on walked.person_key = links.old_person_key
    where links.old_person_key is null
)

select * from final
