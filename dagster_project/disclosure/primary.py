"""The primary rule alone (rules §9), for the annual tables: what few stand behind is null, its status says so.

What is counted is what the tables know: spells, intervals, deviations and invoice lines, not persons, who may be fewer.
What is hidden because it would give another figure away comes after it, in ``secondary.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

FOLLOW_UP = "mart_annual_follow_up"
DIFFERENCES = "mart_annual_differences"
COMMITMENTS = "mart_commitments"
DEVIATIONS = "mart_deviations_annual"
COOPERATION = "mart_local_cooperation_annual"
MONTHS = "annual_months"

FIGURES = {
    FOLLOW_UP: ("numerator", "denominator", "value", "value_previous_year", "change"),
    DIFFERENCES: (
        "denominator", "value", "value_low", "value_high", "compared_denominator", "compared_value", "difference",
        "difference_low", "difference_high",
    ),
    COMMITMENTS: ("measured_value",),
    DEVIATIONS: (
        "deviations", "closed", "median_days_to_close", "escalated_to_steering_group", "escalated_to_vis",
    ),
    COOPERATION: (
        "discharges", "long_wait_7", "long_wait_14", "long_wait_30", "deviations", "local_cooperation_deviations",
        "escalated_to_steering_group", "escalated_to_vis", "disputed_lines", "escalated_lines", "disputed_amount",
    ),
}  # fmt: skip
"""The columns of each annual table that have a status."""

NOT_OF_PERSONS = ("contacts_verified", "contacts_weekend_hours", "reconciliation_matched")
"""Indicators of the list of contacts and of accounts: nobody's care stands behind them."""

_OF_WAITS = ("ready_days", "beds_equivalent", "ready_days_per_1000")
_OF_LIABILITY = ("liable_days", "liable_amount")
_WAITS = "mean_excluding_day_zero"


def protected(relations: Mapping[str, str], rules: str, year: int) -> dict[str, str]:
    """The annual tables of a year with their statuses, as SQL that can stand after ``from``, by name.

    ``relations`` are SQL of the published tables: the annual ones, ``dim_indicator``, ``fct_liable_days``, the months'
    ready days and payment responsibility. ``rules`` is the reference table of disclosure rules; the threshold is the
    year's last day's. Beside them stand the county's ready days by month, of the year and the one before
    (``annual_months``).
    """
    fewest = least(rules, year)

    def few(*counts: str) -> str:
        return " or ".join(f"coalesce({count} >= 1 and {count} < {fewest}, false)" for count in counts)

    follow_up = _follow_up(relations, few, year)
    whole = (
        f"select indicator_id, is_hidden from {follow_up} "
        "where municipality_code = region_code and district_code = 'all' and sex = 0"
    )
    differences = f"""(
        select given.*,
            {few("denominator", "compared_denominator")} or (unit = 'share' and ({
        few(
            "round(value * denominator)",
            "denominator - round(value * denominator)",
            "round(compared_value * compared_denominator)",
            "compared_denominator - round(compared_value * compared_denominator)",
        )
    })) as is_hidden
        from {relations[DIFFERENCES]} as given
        inner join {relations["dim_indicator"]} as indicators using (indicator_id)
        where year = {year}
    )"""
    commitments = f"""(
        select given.*, coalesce(whole.is_hidden, false) as is_hidden
        from {relations[COMMITMENTS]} as given left join ({whole}) as whole using (indicator_id)
        where year = {year}
    )"""
    judged = {
        FOLLOW_UP: _with_statuses(
            f"(select * replace (case when not is_hidden then meets_target end as meets_target) from {follow_up})",
            dict.fromkeys(FIGURES[FOLLOW_UP], "is_hidden")
            | {
                "numerator": "is_hidden and numerator <> 0",
                "denominator": "denominator_is_hidden",
                "value_previous_year": "was_hidden",
                "change": "is_hidden or was_hidden",
            },
            ("is_hidden", "denominator_is_hidden", "was_hidden"),
        ),
        DIFFERENCES: _with_statuses(
            f"(select * replace (case when not is_hidden then is_certain end as is_certain) from {differences})",
            dict.fromkeys(FIGURES[DIFFERENCES], "is_hidden"),
            ("is_hidden",),
        ),
        COMMITMENTS: _with_statuses(commitments, {"measured_value": "is_hidden"}, ("is_hidden",)),
    }
    months = f"""(
        select region_code, month, sum(ready_days)::integer as ready_days,
            sum(intervals_discharged + open_at_month_end) as intervals
        from {relations["mart_ready_days_monthly"]} where extract(year from month) in ({year - 1}, {year})
        group by all
    )"""
    judged[MONTHS] = _with_statuses(months, {"ready_days": few(_behind("ready_days", "intervals"))}, ("intervals",))
    # The same numbers as in the follow-up: few of the rest hide one, too.
    waits = {
        one: f"{one} <> 0 and ({few(one, 'discharges', f'discharges - {one}')})"
        for one in ("long_wait_7", "long_wait_14", "long_wait_30")
    }
    behind = {"median_days_to_close": few("closed"), "disputed_amount": few("disputed_lines"), **waits}
    for name in (DEVIATIONS, COOPERATION):
        hidden = {figure: behind.get(figure, few(figure)) for figure in FIGURES[name]}
        judged[name] = _with_statuses(f"(select * from {relations[name]} where year = {year})", hidden)
    return judged


def least(rules: str, year: int) -> str:
    """The fewest that may stand behind a figure of the year, by the rule of its last day: SQL of a value."""
    return f"""(
        select threshold from {rules}
        where rule_id = 'fewest_persons' and valid_from <= date '{year}-12-31'
            and coalesce(valid_to, date '9999-12-31') >= date '{year}-12-31'
    )"""


def _follow_up(relations: Mapping[str, str], few: Callable[..., str], year: int) -> str:
    """The follow-up with ``is_hidden``, of the year's figures, and ``was_hidden``, of those of the year before.

    A denominator has its own, ``denominator_is_hidden``: most stand under other indicators, too. A numerator of zero is
    shown.
    """
    waits, liability, not_of_persons = (_listed(names) for names in (_OF_WAITS, _OF_LIABILITY, NOT_OF_PERSONS))
    # A mean counts every interval of its month once; a liable day's interval may come back in the next month.
    liable = f"""(
        select
            case when is_county then region_code else municipality_code end as place,
            extract(year from month)::integer as year,
            sum(intervals) filter (where interval_id is null) as means,
            count(distinct interval_id) + coalesce(means, 0) as intervals
        from (
            select region_code, municipality_code, month, null as interval_id, intervals
            from {relations["mart_payment_responsibility_monthly"]} where model = 'mean' and liable_days > 0
            union all
            select region_code, payer_municipality_code, liable_on, interval_id, null
            from {relations["fct_liable_days"]}
        ) cross join (values (true), (false)) as places(is_county)
        where extract(month from month) <= (select max(months_included) from {relations[FOLLOW_UP]} where year = {year})
        group by all
    )"""

    def hidden(value: str, share: tuple[str, str], waiting: str, paying: str) -> str:
        part, of = share
        return f"""
            case
                when {value} is null or given.indicator_id in {not_of_persons} then false
                when given.indicator_id in {waits} then {few(_behind(value, waiting))}
                when given.indicator_id in {liability} then {few(_behind(value, paying))}
                when unit = 'share' then {few(part, of, f"{of} - {part}")}
                when unit = 'mean_days' then {few(of)}
                else {few(value)}
            end
        """

    now = hidden("given.value", ("given.numerator", "given.denominator"), "waits.denominator", "liable.intervals")
    then = hidden(
        "given.value_previous_year",
        ("coalesce(round(before.compared_value * before.compared_denominator), 1)", "before.compared_denominator"),
        "waits_before.compared_denominator",
        "liable_before.intervals",
    )
    place = (
        "{0}.year = given.year and {0}.municipality_code = given.municipality_code "
        "and {0}.district_code = given.district_code"
    )
    before = f"{place} and {{0}}.comparison = 'previous_year'"
    return f"""(
        select given.*,
            {now} as is_hidden,
            unit in ('share', 'mean_days') and given.indicator_id not in {not_of_persons}
            and ({few("given.denominator")}) as denominator_is_hidden,
            -- What stands behind the sexes' year before is not told.
            case when given.sex = 0 then {then} else given.value_previous_year is not null end as was_hidden
        from {relations[FOLLOW_UP]} as given
        inner join {relations["dim_indicator"]} as indicators using (indicator_id)
        left join {relations[FOLLOW_UP]} as waits
            on {place.format("waits")} and waits.sex = given.sex and waits.indicator_id = '{_WAITS}'
        left join {relations[DIFFERENCES]} as before
            on {before.format("before")} and before.indicator_id = given.indicator_id
        left join {relations[DIFFERENCES]} as waits_before
            on {before.format("waits_before")} and waits_before.indicator_id = '{_WAITS}'
        left join {liable} as liable
            on liable.place = given.municipality_code and liable.year = given.year
        left join {liable} as liable_before
            on liable_before.place = given.municipality_code and liable_before.year = given.year - 1
        where given.year = {year}
    )"""


def _behind(value: str, units: str) -> str:
    """How many stand behind days or kronor; those that no counted one stands behind are taken for one person's."""
    return f"case when {value} = 0 then 0 else greatest(coalesce({units}, 0), 1) end"


def _with_statuses(relation: str, hidden: Mapping[str, str], spent: tuple[str, ...] = ()) -> str:
    """The relation with a status beside each figure of ``hidden``, by the condition that hides it."""
    figures = ", ".join(f"case when not ({condition}) then {name} end as {name}" for name, condition in hidden.items())
    statuses = ", ".join(
        f"case when {name} is null then 'missing' when {condition} then 'suppressed' else 'shown' end as {name}_status"
        for name, condition in hidden.items()
    )
    without = f" exclude ({', '.join(spent)})" if spent else ""
    # The conditions read the figures as they were: aliases of a projection do not reach into it.
    return f"(select *{without} replace ({figures}), {statuses} from {relation})"


def _listed(names: tuple[str, ...]) -> str:
    return f"({', '.join(repr(name) for name in names)})"
