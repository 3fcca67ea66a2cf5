-- What each month adds to the annual indicators, by the rules of the monthly figures: numerators and denominators,
-- never shares or means. A part that is not told apart by sex has sex 0, one not by district no district. Of a stock
-- only the year's last month counts. The mean model judges a payer as a whole, so days with payment responsibility
-- have neither (rules §4 and §8). A numerator is null where a rate is missing.
with ready_days as (
    select * from {{ ref('int_annual__ready_days') }}
),

per_1000 as (
    select * from {{ ref('int_annual__per_1000') }}
),

process as (
    select
        month,
        municipality_code,
        district_code,
        sex,
        indicator,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from {{ ref('int_process__monthly') }}
    group by
        month,
        municipality_code,
        district_code,
        sex,
        indicator
),

readmissions as (
    select
        month,
        municipality_code,
        district_code,
        sex,
        case population when 'all' then 'readmission_7_days' else 'readmission_7_days_lus' end as indicator,
        sum(readmissions) as readmissions,
        sum(index_discharges) as index_discharges
    from {{ ref('int_readmissions__monthly') }}
    where is_headline
    group by
        month,
        municipality_code,
        district_code,
        sex,
        population
),

responsibility as (
    select * from {{ ref('int_responsibility__monthly') }}
),

reconciled as (
    select
        month,
        payer_municipality_code as municipality_code,
        count(*) filter (where status = 'matched') as alike,
        count(*) as reconciliations,
        sum(disputed_lines) as disputed_lines
    from {{ ref('int_reconciliation__compared') }}
    group by
        month,
        payer_municipality_code
),

deviations as (
    select
        month,
        municipality_code,
        count(*) as deviations,
        sum(is_at_steering_group + is_at_vis) as escalated
    from {{ ref('int_annual__deviations') }}
    group by
        month,
        municipality_code
),

contacts as (
    select * from {{ ref('int_annual__contacts') }}
),

owed as (
    select
        month,
        payer_municipality_code as municipality_code,
        sum(days) as liable_days,
        -- One part without an amount leaves the whole without one.
        case when count(*) = count(amount) then sum(amount) end as liable_amount
    from responsibility
    group by
        month,
        payer_municipality_code
    having sum(days) > 0
),

final as (
    {%- for step, district, sex, indicator, is_stock, numerator, denominator, squares in [
        ('ready_days', 'district_code', 'sex', 'indicator_id', 'false', 'numerator', 'denominator', 'squares'),
        ('per_1000', 'district_code', 'sex', "'ready_days_per_1000'", 'is_stock', 'numerator', 'denominator', 'null'),
        ('process', 'district_code', 'sex', 'indicator', 'false', 'numerator', 'denominator', 'null'),
        ('readmissions', 'district_code', 'sex', 'indicator', 'false', 'readmissions', 'index_discharges', 'null'),
        ('owed', 'null', '0', "'liable_days'", 'false', 'liable_days', 'null', 'null'),
        ('owed', 'null', '0', "'liable_amount'", 'false', 'liable_amount', 'null', 'null'),
        ('reconciled', 'null', '0', "'reconciliation_matched'", 'false', 'alike', 'reconciliations', 'null'),
        ('reconciled', 'null', '0', "'disputed_lines'", 'false', 'disputed_lines', 'null', 'null'),
        ('deviations', 'null', '0', "'deviations'", 'false', 'deviations', 'null', 'null'),
        ('deviations', 'null', '0', "'deviations_escalated'", 'false', 'escalated', 'deviations', 'null'),
        ('contacts', 'null', '0', "'contacts_verified'", 'true', 'verified', 'contacts', 'null'),
        ('contacts', 'null', '0', "'contacts_weekend_hours'", 'true', 'with_weekend_hours', 'contacts', 'null'),
    ] %}
        {% if not loop.first %}union all{% endif %}
        select
            month,
            municipality_code,
            cast({{ district }} as {{ dbt.type_string() }}) as district_code,
            cast({{ sex }} as integer) as sex,
            cast({{ indicator }} as {{ dbt.type_string() }}) as indicator_id,
            cast({{ is_stock }} as boolean) as is_stock,
            cast({{ numerator }} as decimal(18, 2)) as numerator,
            cast({{ denominator }} as bigint) as denominator,
            cast({{ squares }} as bigint) as squares
        from {{ step }}
    {%- endfor %}
)

select * from final
