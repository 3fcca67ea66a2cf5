"""The cells of the open tables and what ties them, from a candidate's warehouse and the open tables published before.

A cell is one figure of one group in one month. Cells that belong together, because a reader can add or subtract them,
make a system; the systems of different months are apart, since no table adds up what they hide. A year's deviations are
cells of its last month.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
from scipy.sparse import csc_matrix

from dagster_project.disclosure.vintages import Places, Vintages

KEYS = ("municipality_code", "district_code", "current_district_code", "payment_class", "care_area", "sex", "age_band")

_SAME_PLACE = "c.municipality_code = p.municipality_code and c.district_code = p.district_code"
_SAME_GROUP = (
    "c.care_area = p.care_area and c.payment_class = p.payment_class and c.sex = p.sex and c.age_band = p.age_band"
)
_SAME_FIGURE = "c.subject = p.subject and c.part = p.part and c.figure = p.figure"
_NO_GROUP = "p.care_area = 'all' and p.sex = 0 and p.age_band = 'all'"


def _other_spells(indicator: str) -> str:
    return (
        f"{_SAME_PLACE} and {_SAME_GROUP} and p.subject = 'process' and c.subject = p.subject "
        "and p.part = 'admission_notice_24h' and p.figure = 'denominator' "
        f"and c.part = '{indicator}' and c.figure in ('denominator', 'other_spells')"
    )


PARTS = {
    "municipalities of the county": (
        f"{_SAME_FIGURE} and {_SAME_GROUP} and p.place_level = 'county' and c.place_level = 'municipality'"
    ),
    "districts of the municipality": (
        f"{_SAME_FIGURE} and {_SAME_GROUP} and c.municipality_code = p.municipality_code "
        "and p.place_level = 'municipality' and c.place_level = 'district'"
    ),
    "care areas": f"{_SAME_FIGURE} and {_SAME_PLACE} and p.group_level = 'all' and c.group_level = 'care_area'",
    "sexes": f"{_SAME_FIGURE} and {_SAME_PLACE} and p.group_level = 'all' and c.group_level = 'sex'",
    "ages": f"{_SAME_FIGURE} and {_SAME_PLACE} and p.group_level = 'all' and c.group_level = 'age_band'",
    "groups beside the headline": (
        f"{_SAME_FIGURE} and {_SAME_PLACE} and p.group_level = 'all' and c.group_level = 'block'"
    ),
    "readmitted or not": (
        f"{_SAME_PLACE} and {_SAME_GROUP} and p.subject = 'readmissions' and c.subject = p.subject and c.part = p.part "
        "and p.figure = 'index_discharges' and c.figure in ('readmissions', 'not_readmitted')"
    ),
    "with readiness or without": (
        f"{_SAME_PLACE} and {_SAME_GROUP} and p.subject = 'readmissions' and c.subject = p.subject "
        "and c.figure = p.figure and p.part = 'all' and c.part in ('lus', 'other')"
    ),
    "numerator and complement": (
        f"{_SAME_PLACE} and {_SAME_GROUP} and p.subject = 'process' and c.subject = p.subject and c.part = p.part "
        "and p.figure = 'denominator' and c.figure in ('numerator', 'complement')"
    ),
    "spells with a plan or without": _other_spells("sip_called_in_time"),
    "spells that were ready at the discharge or not": _other_spells("day_zero"),
    # With readiness are the discharges to the home of who is registered in the region.
    "discharges with readiness or beside them": (
        f"{_SAME_PLACE} and {_SAME_GROUP} and p.subject = 'process' and p.figure = 'denominator' "
        "and p.part in ('admission_notice_24h', 'day_zero') and ((c.subject = 'readmissions' and c.part = 'lus' "
        "and c.figure = 'index_discharges') or (c.subject = 'process' and c.part = p.part "
        "and c.figure = 'beside_lus'))"
    ),
    "kinds of deviation": (
        f"{_SAME_PLACE} and {_SAME_GROUP} and p.subject = 'deviations' and c.subject = p.subject "
        "and c.figure = p.figure and p.part = 'all' and c.part <> 'all'"
    ),
    "closed or not": (
        f"{_SAME_PLACE} and {_SAME_GROUP} and p.subject = 'deviations' and c.subject = p.subject and c.part = p.part "
        "and p.figure = 'deviations' and c.figure in ('closed', 'not_closed')"
    ),
    "escalated or not": (
        f"{_SAME_PLACE} and {_SAME_GROUP} and p.subject = 'deviations' and c.subject = p.subject and c.part = p.part "
        "and p.figure = 'deviations' "
        "and c.figure in ('escalated_to_steering_group', 'escalated_to_vis', 'not_escalated')"
    ),
    "waits up to the next bound or longer": (
        f"{_SAME_PLACE} and {_SAME_GROUP} and p.subject = 'process' and c.subject = p.subject "
        "and p.figure = 'numerator' and ((c.figure = 'until_next_bound' and c.part = p.part "
        "and p.part in ('long_wait_7', 'long_wait_14')) "
        "or (c.figure = 'numerator' and (p.part, c.part) in (('long_wait_7', 'long_wait_14'), "
        "('long_wait_14', 'long_wait_30'))))"
    ),
}
"""Where cell ``c`` is a part of the total ``p``, as SQL."""

EQUALS = {
    "spells of every indicator": (
        f"{_SAME_PLACE} and {_SAME_GROUP} and p.subject = 'process' and c.subject = p.subject "
        "and p.figure = 'denominator' and c.figure = p.figure and ((p.part = 'admission_notice_24h' and c.part in "
        "('planned_date_changed', 'ready_withdrawn', 'weekend_discharge', 'discharge_information_same_day', "
        "'long_wait_7', 'long_wait_14', 'long_wait_30')) or (p.part = 'sip_called_in_time' and c.part = 'sip_held'))"
    ),
    # An interval that ends in a discharge is counted by its payer in one table and by the spell's municipality in the
    # other, and by the care area of its case and of the last stay: only the county's sum, and sex and age, agree.
    "intervals that ended in the discharge": (
        f"{_SAME_PLACE} and {_SAME_GROUP} and p.subject = 'ready_days' and p.figure = 'intervals_discharged' "
        "and c.subject = 'process' and c.part = 'day_zero' and c.figure = 'denominator' and p.place_level = 'county' "
        "and p.group_level in ('all', 'sex', 'age_band')"
    ),
}
"""Where ``c`` and ``p`` are the same number in two places, as SQL."""


_CELL = ("subject", "month", *KEYS, "part", "figure")
_SAME_AS_TOLD = " and ".join(f"gone.{name} = cells.{name}" for name in _CELL if name != "current_district_code")

# The candidate's cells, and zeros for those that an earlier release told and the candidate has not, with the cells that
# no table has beside them; a mean that is gone leaves all discharged intervals to the others. A row of which a part was
# hidden is kept: were it gone, or its zero shown, what was hidden could be reckoned. Districts whose code is gone from
# the month are not kept; nor is a month before the first delivery, or after the candidate's, which a newer release told
# before an older one is revised. A level of places that the month tells no more, such as the districts of a
# municipality that has none any longer, is left out: it adds up to nothing.
_TOLD = f"""
    create table told as
    with cells as (select * from warehouse.rules.int_disclosure__cells),
    region as (select region_code, first_month, month as last_month from warehouse.bronze.candidate),
    districts as (select distinct (month, municipality_code) from cells where district_code <> 'all'),
    counties as (select distinct (month, subject, part) from cells),
    municipalities as (
        select distinct (month, subject, part) from cells cross join region where municipality_code <> region_code
    ),
    earlier as (
        select
            earlier_cell.* exclude (number, is_hidden, value),
            case
                when care_area <> 'all' then coalesce(care_areas.payment_class, class_key) else class_key
            end as payment_class,
            bool_or(is_hidden) over (
                partition by month, subject, part, municipality_code, district_code, class_key, care_area, sex, age_band
            ) as is_hidden_in_part
        from earlier_cell
        cross join region
        left join warehouse.reference.ref_care_areas as care_areas using (care_area)
        where
            month between first_month and last_month
            and case
                when district_code <> 'all' then (month, municipality_code) in (from districts)
                when municipality_code = region_code then true
                else (month, subject, part) in (from municipalities)
                or (month, subject, part) not in (from counties)
            end
    ),
    published as (
        select distinct
            {", ".join(_CELL)},
            0 as value,
            true as is_published,
            is_hidden_in_part
            and (
                district_code = 'all'
                or (month, municipality_code, district_code)
                in (select (month, municipality_code, district_code) from cells)
            ) as is_kept
        from earlier
    ),
    with_complements as (
        from published
        union all
        select published.* replace (
            beside.rest as figure, coalesce(beside.rest_part, part) as part, false as is_published
        )
        from published
        cross join region
        inner join (
            values
                ('index_discharges', null, 'not_readmitted', null),
                ('denominator', null, 'complement', null),
                ('numerator', 'long_wait_7', 'until_next_bound', null),
                ('numerator', 'long_wait_14', 'until_next_bound', null),
                ('denominator', 'admission_notice_24h', 'other_spells', 'sip_called_in_time'),
                ('denominator', 'admission_notice_24h', 'other_spells', 'day_zero'),
                ('denominator', 'admission_notice_24h', 'beside_lus', null),
                ('denominator', 'day_zero', 'beside_lus', null),
                ('deviations', null, 'not_closed', null),
                ('deviations', null, 'not_escalated', null)
        ) as beside(figure, of_part, rest, rest_part)
            on published.figure = beside.figure and published.part = coalesce(beside.of_part, published.part)
        where municipality_code = region_code or coalesce(beside.rest_part, part) <> 'day_zero'
    ),
    means as (
        select distinct month, payment_class, part from published
        where
            figure = 'intervals'
            and part in (select agreement_id from warehouse.main.dim_agreement where model = 'mean')
        union
        select distinct month, payment_class, part from cells where figure = 'other_intervals_of_all'
    ),
    discharged as (
        select
            month,
            municipality_code,
            district_code,
            max(current_district_code) as current_district_code,
            case when care_area <> 'all' then payment_class end as payment_class,
            sum(value)::bigint as value
        from (select * from cells union all by name select * exclude (is_kept) from published)
        where figure = 'intervals_discharged' and sex = 0 and age_band = 'all'
        group by all
    ),
    with_other_intervals as (
        from with_complements
        union all by name
        select
            means.*,
            'payment' as subject,
            municipality_code,
            district_code,
            current_district_code,
            'all' as care_area,
            0 as sex,
            'all' as age_band,
            if(discharged.payment_class is null, 'other_intervals_of_all', 'other_intervals') as figure,
            value,
            false as is_published,
            true as is_kept
        from means
        inner join discharged
            on
                means.month = discharged.month
                and means.payment_class = coalesce(discharged.payment_class, means.payment_class)
    ),
    with_others as (
        from with_other_intervals
        union all
        select * replace ('other' as part, false as is_published) from with_other_intervals where part = 'lus'
    ),
    gone as (
        from with_others
        union all
        select with_others.* replace (
            beside.age_band as age_band, beside.payment_class as payment_class, false as is_published
        )
        from with_others
        cross join (values ('65+', 'psychiatric'), ('0-64', 'somatic'), ('0-64', 'psychiatric'))
            as beside(age_band, payment_class)
        where with_others.age_band = '65+' and with_others.payment_class = 'somatic'
    )
    select *, false as is_gone, true as is_kept from cells
    union all by name
    select
        {", ".join(f"gone.{name}" for name in _CELL if name != "current_district_code")},
        max(gone.current_district_code) as current_district_code,
        max(gone.value) as value,
        0 as persons,
        bool_or(gone.is_published) as is_published,
        false as is_sensitive,
        true as is_gone,
        bool_or(gone.is_kept) as is_kept
    from gone
    anti join cells on {_SAME_AS_TOLD}
    group by all
"""

_SYSTEM = "case when subject = 'deviations' then subject else 'stays' end"


@dataclass(frozen=True)
class Cells:
    """``systems`` are the numbers of each system's cells with what every release told of them.

    Left out are systems that stand as they were published; ``stay_hidden`` are the cells that these hide.
    """

    systems: list[tuple[Places, Vintages]]
    stay_hidden: Places


def load(connection: duckdb.DuckDBPyConnection) -> Cells:
    """Lay table ``cell`` (numbered from 0) in the connection and read it with its relations and what was published.

    The connection has the candidate attached as ``warehouse`` and a table ``earlier_cell`` (see ``tables.py``).
    """
    connection.execute(_TOLD)
    connection.execute(f"""
        create table cell as
        select
            (row_number() over (order by month, {_SYSTEM}, subject, part, figure,
                {", ".join(KEYS)}) - 1)::integer as cell,
            cells.*,
            case
                when municipality_code = (select region_code from warehouse.bronze.candidate) then 'county'
                when district_code = 'all' then 'municipality'
                else 'district'
            end as place_level,
            case
                when subject = 'payment' then 'all'
                when age_band in ('65+', '0-64') then 'block'
                when care_area <> 'all' then 'care_area'
                when sex <> 0 then 'sex'
                when age_band <> 'all' then 'age_band'
                else 'all'
            end as group_level,
            case when care_area = 'all' then payment_class else '' end as class_key,
            {_SYSTEM} as system
        from told as cells
        order by 1
    """)
    _lay_relations(connection)
    connection.execute(_HISTORY)
    stay_hidden = connection.execute("select cell from history where is_unchanged and was_hidden").fetchnumpy()["cell"]
    return Cells(list(_systems(connection)), np.sort(stay_hidden))


def _systems(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[Places, Vintages]]:
    cell = connection.execute("select value, is_published, is_kept, is_sensitive from cell order by cell").fetchnumpy()
    value, is_published, is_kept, is_sensitive = (np.asarray(column) for column in cell.values())
    earlier = connection.execute(f"""
        select number, cell.cell, is_hidden, earlier_cell.value
        from earlier_cell inner join cell on {_SAME_CELL} inner join history on cell.cell = history.cell
        where not is_unchanged order by cell.cell, number, is_hidden
    """).fetchnumpy()
    merged = connection.execute(_MERGED).fetchall()
    ties = connection.execute("from relation order by relation, cell").fetchnumpy()
    above_zero = connection.execute(
        "select any_value(above_zero) as cell from relation group by relation order by relation"
    ).fetchnumpy()["cell"]
    relations = csc_matrix(
        (ties["coefficient"].astype(float), (ties["relation"], ties["cell"])),
        shape=(len(above_zero), len(value)),
    )
    systems = connection.execute("""
        with releases as (
            select month, list(distinct number order by number) as numbers from earlier_cell group by month
        )
        select min(cell.cell), max(cell.cell) + 1, coalesce(any_value(numbers), []), any_value(threshold)::integer
        from cell
        inner join history on cell.cell = history.cell
        inner join warehouse.reference.ref_disclosure_rules as rules
            on rules.rule_id = 'fewest_persons' and cell.month >= rules.valid_from
            and cell.month <= coalesce(rules.valid_to, date '9999-12-31')
        left join releases on cell.month = releases.month
        where not is_unchanged
        group by cell.month, cell.system order by 1
    """).fetchall()
    for first, end, numbers, fewest in systems:
        values = np.zeros((len(numbers) + 1, end - first))
        is_hidden = np.zeros(values.shape, dtype=bool)
        mine = slice(*np.searchsorted(earlier["cell"], (first, end)))
        release, place = np.searchsorted(numbers, earlier["number"][mine]), earlier["cell"][mine] - first
        values[release, place] = earlier["value"][mine]
        is_hidden[release, place] = earlier["is_hidden"][mine]
        values[-1] = value[first:end]
        # A release that shows and hides what the one before it did tells nothing more.
        tells = np.ones(len(values), dtype=bool)
        tells[1:-1] = ((values[1:-1] != values[:-2]) | (is_hidden[1:-1] != is_hidden[:-2])).any(axis=1)
        of_system = relations[:, first:end].tocsr()
        rows = np.flatnonzero(np.diff(of_system.indptr))
        yield (
            np.arange(first, end),
            Vintages(
                of_system[rows],
                np.where(above_zero[rows] < 0, -1, above_zero[rows] - first),
                values[tells],
                is_hidden[tells],
                is_published[first:end],
                is_kept[first:end],
                is_sensitive[first:end],
                [(new - first, old - first) for new, old in merged if first <= new < end],
                fewest,
            ),
        )


def _lay_relations(connection: duckdb.DuckDBPyConnection) -> None:
    """Table ``relation``: relation (from 0), cell, coefficient; the coefficients times the values add up to zero.

    Where ``above_zero`` is a cell (else -1), they do so only if that one's value is above zero.
    """
    selects = [
        *(_tied(name, condition, "p.cell") for name, condition in PARTS.items()),
        *(_tied(name, condition, "c.cell") for name, condition in EQUALS.items()),
        *_ties_of_blocks(),
        _tie_of_mean_days(),
        _tie_of_other_intervals(),
    ]
    connection.execute(f"""
        create table relation as
        select
            (dense_rank() over (order by name, number) - 1)::integer as relation,
            cell,
            sum(coefficient) as coefficient,
            case when name = 'days of a mean' then number else -1 end as above_zero
        from ({" union all ".join(selects)})
        group by name, number, cell
    """)
    wrong = connection.execute(
        "select count(*) from (select 1 from relation inner join cell using (cell) group by relation "
        "having sum(coefficient * value) <> 0 and not bool_or(relation.above_zero = cell and value = 0))"
    ).fetchone()
    assert wrong == (0,), f"{wrong} relations between open cells do not hold"


def _tied(name: str, condition: str, number: str) -> str:
    pairs = f"from cell as p inner join cell as c on p.month = c.month and p.system = c.system and {condition}"
    return (
        f"select '{name}' as name, {number} as number, c.cell, 1 as coefficient {pairs} "
        f"union all select distinct '{name}', {number}, p.cell, -1 {pairs}"
    )


def _ties_of_blocks() -> Iterator[str]:
    """The groups of age 65 and payment class add up to ages and to care areas."""
    for name, group_level, same in (
        ("ages of the groups", "age_band", "c.age_band in ('65-79', '80+') and p.age_band = '65+'"),
        ("care areas of the groups", "care_area", "c.payment_class = p.payment_class"),
    ):
        pairs = (
            "from cell as p inner join cell as c on p.month = c.month and p.system = c.system "
            f"and {_SAME_FIGURE} and {_SAME_PLACE} and p.group_level = 'block' and p.place_level <> 'district' "
            f"and c.group_level = '{group_level}' and {same}"
        )
        # The relation has the number of the first group of its kind: of the age, or of the payment class.
        alike = "p.month, p.subject, p.part, p.figure, p.municipality_code, "
        alike += "p.age_band" if group_level == "age_band" else "p.payment_class"
        yield (
            f"select distinct '{name}' as name, min(p.cell) over (partition by {alike}) as number, c.cell, "
            f"1 as coefficient {pairs} "
            f"union all select distinct '{name}', min(p.cell) over (partition by {alike}), p.cell, -1 {pairs}"
        )


def _tie_of_mean_days() -> str:
    """Under the mean model the days to pay are the sum of days less the level times the intervals (rules §4)."""
    rows = (
        "from cell as n inner join cell as s on s.month = n.month and s.subject = 'payment' and n.subject = 'payment' "
        "and s.part = n.part and s.payment_class = n.payment_class and s.municipality_code = n.municipality_code "
        "and s.place_level = 'municipality' and n.place_level = 'municipality' and s.figure = 'sum_days' "
        "and n.figure = 'intervals' "
        "inner join cell as l on l.month = n.month and l.subject = 'payment' and l.part = n.part "
        "and l.payment_class = n.payment_class and l.municipality_code = n.municipality_code "
        "and l.place_level = 'municipality' and l.figure = 'liable_days' "
        "inner join warehouse.main.dim_agreement as agreements on agreements.agreement_id = n.part "
        "and agreements.model = 'mean' and agreements.individual_above_days is null"
    )
    return " union all ".join(
        f"select 'days of a mean' as name, l.cell as number, {cell}.cell, {coefficient} as coefficient {rows}"
        for cell, coefficient in (("l", "1"), ("s", "-1"), ("n", "agreements.last_free_day"))
    )


def _tie_of_other_intervals() -> str:
    """The discharged intervals, all and those of the care areas of a payment class, are those of a mean and others."""
    pairs = (
        "from cell as o inner join cell as c on c.month = o.month and c.municipality_code = o.municipality_code "
        "and c.district_code = o.district_code and o.figure in ('other_intervals', 'other_intervals_of_all')"
    )
    mean = (
        "c.subject = 'payment' and c.payment_class = o.payment_class and c.part = o.part "
        "and c.figure in ('intervals', o.figure)"
    )
    discharged = (
        "c.subject = 'ready_days' and c.figure = 'intervals_discharged' and case o.figure "
        "when 'other_intervals' then c.group_level = 'care_area' and c.payment_class = o.payment_class "
        "else c.group_level = 'all' end"
    )
    return " union all ".join(
        f"select 'intervals of a mean or others' as name, o.cell as number, c.cell, {coefficient} as coefficient "
        f"{pairs} and {which}"
        for which, coefficient in ((mean, 1), (discharged, -1))
    )


_SAME_CELL = " and ".join(
    f"cell.{name} = earlier_cell.{name}"
    for name in (
        *("month", "subject", "part", "figure", "municipality_code", "district_code"),
        *("class_key", "care_area", "sex", "age_band"),
    )
)

# For each cell: whether any release hid it, and whether the whole system stands in the newest earlier release of the
# month as it would now, with the same hidden figures.
_HISTORY = f"""
    create table history as
    with newest as (
        select month, max(number) as number from earlier_cell group by month
    ),
    matched as (
        select
            cell.cell,
            bool_or(earlier_cell.is_hidden) as was_hidden,
            bool_or(earlier_cell.is_hidden) filter (where earlier_cell.number = newest.number) as is_hidden_now,
            max(earlier_cell.value) filter (where earlier_cell.number = newest.number) as value_now
        from cell
        inner join earlier_cell on {_SAME_CELL}
        inner join newest on earlier_cell.month = newest.month
        group by cell.cell
    ),
    told_before as (
        select month, {_SYSTEM} as system, count(*) as cells
        from earlier_cell inner join newest using (month, number)
        where is_hidden or value <> 0
        group by all
    ),
    compared as (
        select
            cell.*,
            newest.month is not null as has_history,
            cell.is_kept and coalesce(matched.was_hidden, false) as was_hidden,
            not cell.is_published
            or (cell.value = 0 and not (cell.is_kept and coalesce(matched.was_hidden, false)))
            or coalesce(
                matched.value_now = cell.value
                and (matched.is_hidden_now or (not matched.was_hidden and not cell.is_sensitive)),
                false
            ) as is_as_before
        from cell
        left join matched on cell.cell = matched.cell
        left join newest on cell.month = newest.month
    )
    select
        cell,
        was_hidden,
        has_history and bool_and(is_as_before) over system_rows
        and count(*) filter (where is_published and (value <> 0 or was_hidden)) over system_rows
        = coalesce(told_before.cells, 0)
            as is_unchanged
    from compared
    left join told_before using (month, system)
    window system_rows as (partition by month, system)
"""

# A district and those whose areas became a part of it.
_MERGED = f"""
    select p.cell, c.cell
    from cell as p
    inner join cell as c
        on p.month = c.month and p.municipality_code = c.municipality_code and {_SAME_FIGURE} and {_SAME_GROUP}
    where
        p.place_level = 'district' and c.place_level = 'district' and p.is_published and c.is_published
        and c.current_district_code = p.district_code and c.district_code <> p.district_code
    order by all
"""
