"""The annual follow-up: what each interval, spell, invoice, deviation and contact adds to a year, and its rows.

A place's difference from others has its interval by Newcombe's method, reckoned here in decimal fractions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from functools import cache, cached_property
from statistics import median
from typing import Any

from tests.oracle import clock, indicators, readiness, ready_days, reference, responsibility, spells
from tests.oracle.feeds import Deviation, InForce
from tests.oracle.payment import Assessed
from tests.oracle.readiness import Interval
from tests.oracle.rounding import Z, ratio, rounded, wilson_bounds
from tests.oracle.spells import Spell

Row = dict[str, Any]

VERIFIED_WITHIN = 183
LEAST_FOR_A_MEAN = 30
GROWS_WITH_THE_YEAR = ("days", "days_per_1000", "sek", "count")
WHOLES = ("beds_equivalent", "ready_days", "liable_days", "liable_amount", "deviations", "disputed_lines")
"""Indicators without a denominator of their parts: a row has one of them that is not 0, or has no amount."""


@dataclass(frozen=True)
class Part:
    """What one thing adds in a month. ``sex`` is 0 and ``district`` None where it is not told apart by them.

    ``numerator`` is None where a rate is missing. Of a ``stock`` the year's last month counts.
    """

    month: date
    municipality: str
    indicator: str
    numerator: Decimal | int | None
    denominator: int = 0
    sex: int = 0
    district: str | None = None
    is_stock: bool = False


@dataclass
class Sum:
    numerator: Decimal | int = 0
    denominator: int = 0
    squares: Decimal | int = 0
    is_unknown: bool = False

    def add(self, part: Part) -> None:
        self.numerator += part.numerator or 0
        self.denominator += part.denominator
        self.squares += (part.numerator or 0) ** 2
        self.is_unknown = self.is_unknown or part.numerator is None

    def less(self, other: Sum) -> Sum:
        return Sum(self.numerator - other.numerator, self.denominator - other.denominator, self.squares - other.squares)


@dataclass(frozen=True)
class Year:
    """Its published months, and those that they are compared with."""

    year: int
    months: list[date]
    before: list[date]

    @cached_property
    def last_day(self) -> date:
        return clock.last_of(self.months[-1])


@dataclass
class Figure:
    """An indicator of a year, a place and a sex, and of the months that the year is compared with."""

    now: Sum = field(default_factory=Sum)
    before: Sum = field(default_factory=Sum)


Figures = dict[tuple[int, str, str, str, int], Figure]
"""By year, municipality, district, indicator and sex."""


def figures_of(
    all_spells: list[Spell], assessed: list[Assessed], reconciled: list[Row], indexes: list[Row], given: InForce
) -> Figures:
    """What has a row; ``reconciled`` and ``indexes`` are rows of the reconciliation and index discharges."""
    intervals = [one.interval for one in assessed]
    parts = [
        *of_ready_days(intervals, given),
        *of_inhabitants(intervals, given),
        *of_process(all_spells, intervals, given),
        *of_readmissions(indexes),
        *of_payment(assessed, given),
        *of_reconciliation(reconciled),
        *of_deviations(given),
        *of_contacts(given),
    ]
    figures: Figures = {}
    years = years_through(given)
    for part in parts:
        for year, is_before in years_of(part, years):
            for municipality, district in places(part, year.last_day, given.region):
                for sex in {0, part.sex}:
                    figure = figures.setdefault((year.year, municipality, district, part.indicator, sex), Figure())
                    (figure.before if is_before else figure.now).add(part)
    return {key: figure for key, figure in figures.items() if is_shown(key[3], figure)}


def follow_up(figures: Figures, given: InForce) -> list[Row]:
    """mart_annual_follow_up."""
    years = years_through(given)
    return [row(years[key[0]], *key[1:], figure, given) for key, figure in figures.items()]


def years_through(given: InForce) -> dict[int, Year]:
    """Every year of the published months. Where not all of its months are published a year before, it has none."""
    published = clock.months_through(given.first_month, given.month)
    found = {}
    for year in {month.year for month in published}:
        months = [month for month in published if month.year == year]
        before = [month.replace(year=year - 1) for month in months]
        found[year] = Year(year, months, before if before[0] in published else [])
    return found


def years_of(part: Part, years: dict[int, Year]) -> Iterator[tuple[Year, bool]]:
    """The years that a part counts in: its own, and the one that is compared with it."""
    own, next_one = years[part.month.year], years.get(part.month.year + 1)
    if part.month in (own.months[-1:] if part.is_stock else own.months):
        yield own, False
    if next_one and part.month in (next_one.before[-1:] if part.is_stock else next_one.before):
        yield next_one, True


def places(part: Part, on: date, region: str) -> Iterator[tuple[str, str]]:
    yield region, "all"
    yield part.municipality, "all"
    if part.district is not None and reference.has_districts(part.municipality):
        yield part.municipality, reference.district_on(part.district, on)


def is_shown(indicator: str, figure: Figure) -> bool:
    sides = (figure.now, figure.before)
    if indicator in WHOLES:
        return any(side.numerator != 0 for side in sides) or figure.now.is_unknown
    return any(side.denominator for side in sides)


def row(year: Year, municipality: str, district: str, indicator: str, sex: int, figure: Figure, given: InForce) -> Row:
    described = described_as(indicator)
    plan = planned(given.region, year.year, indicator)
    direction = plan["direction"] if plan else described["direction"]
    target = Decimal(plan["target"]) if plan and plan["target"] else None
    unit, now = described["unit"], figure.now
    denominator = days_of(year.months) if unit == "beds" else now.denominator or None
    denominator_before = days_of(year.before) if unit == "beds" else figure.before.denominator or None
    value = value_of(unit, now, denominator)
    was = value_of(unit, figure.before, denominator_before) if year.before else None
    is_judged = unit not in GROWS_WITH_THE_YEAR or len(year.months) == 12
    meets = None
    if is_judged and direction != "none" and value is not None and target is not None:
        meets = value >= target if direction == "higher" else value <= target
    return {
        "region_code": given.region, "year": year.year, "municipality_code": municipality, "district_code": district,
        "indicator_id": indicator, "sex": sex,
        "numerator": None if unit == "sek" or now.is_unknown else int(now.numerator),
        "denominator": denominator, "value": value, "value_previous_year": was,
        "change": None if value is None or was is None else value - was,
        "target": target, "direction": direction, "meets_target": meets, "months_included": len(year.months),
        "status": "final" if year.year < given.month.year else "preliminary",
    }  # fmt: skip


def days_of(months: list[date]) -> int:
    return sum(clock.last_of(month).day for month in months)


def value_of(unit: str, total: Sum, denominator: int | None) -> Decimal | None:
    if unit in ("days", "sek", "count"):
        return None if total.is_unknown else Decimal(total.numerator)
    if unit == "share":
        return ratio(total.numerator, denominator or 0, 6)
    thousand = 1000 if unit == "days_per_1000" else 1
    return ratio(Decimal(thousand) * total.numerator, denominator or 0, 4)


@cache
def described_as(indicator: str) -> dict[str, str]:
    [described] = [one for one in reference.table("indicators") if one["indicator_id"] == indicator]
    return described


@cache
def planned(region: str, year: int, indicator: str) -> dict[str, str] | None:
    """The region's own row of the plan, else the one for all, else None."""
    for owner in (region, "SE"):
        for plan in reference.table("follow_up_plan"):
            if (plan["region_code"], plan["year"], plan["indicator_id"]) == (owner, str(year), indicator):
                return plan
    return None


# -- differences ------------------------------------------------------------------------------------------------------


def differences(figures: Figures, given: InForce) -> list[Row]:
    """mart_annual_differences: of shares and means that are told by sex."""
    by_sex = {indicator for *_, indicator, sex in figures if sex}
    years = years_through(given)
    rows = []
    for (year, municipality, district, indicator, sex), figure in figures.items():
        unit = described_as(indicator)["unit"]
        if indicator not in by_sex or unit not in ("share", "mean_days"):
            continue
        pairs = []
        if sex == 2 and (men := figures.get((year, municipality, district, indicator, 1))):
            pairs.append(("women_men", men.now))
        if sex == 0:
            pairs.append(("previous_year", figure.before))
        if sex == 0 and municipality != given.region:
            whole = figures[year, given.region, "all", indicator, 0].now
            pairs.append(("rest_of_county", whole.less(figure.now)))
        rows += [
            {
                "region_code": given.region, "year": year, "municipality_code": municipality,
                "district_code": district, "indicator_id": indicator, "comparison": comparison,
                **difference(figure.now, other, unit), "months_included": len(years[year].months),
                "status": "final" if year < given.month.year else "preliminary",
            }
            for comparison, other in pairs
            if figure.now.denominator and other.denominator
        ]  # fmt: skip
    return rows


def difference(one: Sum, other: Sum, unit: str) -> Row:
    value, compared = (value_of(unit, side, side.denominator) for side in (one, other))
    assert value is not None
    assert compared is not None
    with localcontext() as context:
        context.prec = 50
        share, low, high = interval(one, unit)
        other_share, other_low, other_high = interval(other, unit)
        lowest = highest = None
        if low is not None and high is not None and other_low is not None and other_high is not None:
            apart = share - other_share
            lowest = apart - ((share - low) ** 2 + (other_high - other_share) ** 2).sqrt()
            highest = apart + ((high - share) ** 2 + (other_share - other_low) ** 2).sqrt()
    return {
        "denominator": one.denominator, "value": value, "value_low": six(low), "value_high": six(high),
        "compared_denominator": other.denominator, "compared_value": compared, "difference": value - compared,
        "difference_low": six(lowest), "difference_high": six(highest),
        "is_certain": lowest is not None and highest is not None and not six(lowest) <= 0 <= six(highest),
    }  # fmt: skip


def interval(of: Sum, unit: str) -> tuple[Decimal, Decimal | None, Decimal | None]:
    """The share or mean, and its bounds at 95 per cent: a mean's from 30 on, with the spread of its values."""
    total, n = Decimal(of.numerator), Decimal(of.denominator)
    if unit == "share":
        return total / n, *wilson_bounds(int(of.numerator), of.denominator)
    if n < LEAST_FOR_A_MEAN:
        return total / n, None, None
    variance = (Decimal(of.squares) - total * total / n) / (n - 1)
    reach = Z * (variance / n).sqrt()
    return total / n, total / n - reach, total / n + reach


def six(value: Decimal | None) -> Decimal | None:
    return None if value is None else rounded(value, 6)


# -- what adds to a year ----------------------------------------------------------------------------------------------


def of_ready_days(intervals: list[Interval], given: InForce) -> Iterator[Part]:
    for interval in intervals:
        place = {"sex": interval.spell.last.sex, "district": interval.district}
        for month in ready_days.months_touched(interval, given):
            if days := readiness.days_in(interval, month):
                yield Part(month, interval.payer, "ready_days", days, **place)
                yield Part(month, interval.payer, "beds_equivalent", days, **place)
            if interval.end_reason == "discharged" and interval.ended_in(month):
                if interval.ready_dates:
                    whole = len(interval.ready_dates)
                    yield Part(month, interval.payer, "mean_excluding_day_zero", whole, 1, **place)
                waited = indicators.days_waited(interval)
                yield Part(month, interval.payer, "mean_including_day_zero", waited, 1, **place)


def of_inhabitants(intervals: list[Interval], given: InForce) -> Iterator[Part]:
    """Ready days of those 65 and older, and the inhabitants: by district where only districts are delivered."""
    name = "ready_days_per_1000"
    of_old = [interval for interval in intervals if spells.age(interval.spell, given.month_end) >= 65]
    for month in clock.months_through(given.first_month, given.month):
        for code in sorted({row.municipality_code for row in given.population}):
            mine = [row for row in given.population if row.municipality_code == code and row.year <= month.year]
            newest = [row for row in mine if row.year == max(row.year for row in mine)]
            delivered = {row.district_code for row in newest}
            old = [row for row in newest if row.age_from >= 65]
            whole = [row for row in old if row.district_code is None]
            parts = [row for row in old if not set(reference.successors(row.district_code)) & delivered]
            for row in whole or parts:
                district = None if whole else reference.district_of(code, row.district_code)
                yield Part(month, code, name, 0, row.inhabitants, row.sex, district, is_stock=True)
            for interval in of_old if whole or parts else []:
                if interval.payer == code and (days := readiness.days_in(interval, month)):
                    district = None if whole else interval.district
                    yield Part(month, code, name, days, 0, interval.spell.last.sex, district)


def of_process(all_spells: list[Spell], intervals: list[Interval], given: InForce) -> Iterator[Part]:
    of_spell: dict[str, list[Interval]] = {}
    for interval in intervals:
        of_spell.setdefault(interval.spell.spell_id, []).append(interval)
    for spell in all_spells:
        if spell.is_open or not spell.cases or spell.destination == "deceased":
            continue
        if given.first_month <= indicators.discharged_on(spell) <= given.month_end:
            month = clock.first_of(indicators.discharged_on(spell))
            code, district = spells.municipality(spell, given.month_end), spells.district(spell, given.month_end)
            for indicator, part_of in indicators.INDICATORS.items():
                numerator, denominator = part_of(spell, of_spell.get(spell.spell_id, []))
                yield Part(month, code, indicator, numerator, denominator, spell.last.sex, district)


def of_readmissions(indexes: list[Row]) -> Iterator[Part]:
    names = {"all": "readmission_7_days", "lus": "readmission_7_days_lus"}
    for index in indexes:
        if index["is_headline"]:
            yield Part(
                index["month"], index["municipality_code"], names[index["population"]], int(index["readmitted"]), 1,
                index["sex"], index["district_code"],
            )  # fmt: skip


def of_payment(assessed: list[Assessed], given: InForce) -> Iterator[Part]:
    for month in responsibility.monthly_rows(assessed, given):
        if month["liable_days"]:
            yield Part(month["month"], month["municipality_code"], "liable_days", month["liable_days"])
            yield Part(month["month"], month["municipality_code"], "liable_amount", month["amount"])


def of_reconciliation(reconciled: list[Row]) -> Iterator[Part]:
    for one in reconciled:
        matched = int(one["status"] == "matched")
        yield Part(one["month"], one["municipality_code"], "reconciliation_matched", matched, 1)
        yield Part(one["month"], one["municipality_code"], "disputed_lines", one["disputed_lines"])


def reported(given: InForce) -> list[tuple[date, str, Deviation]]:
    """The deviations that were reported in a published month, with it and the municipality of that day."""
    return [
        (clock.first_of(one.reported_on), known(one.municipality_code, one.reported_on), one)
        for one in given.deviations
        if given.first_month <= one.reported_on <= given.month_end
    ]


def known(municipality: str, on: date) -> str:
    return municipality if reference.region_of(municipality, on) else "9999"


def of_deviations(given: InForce) -> Iterator[Part]:
    for month, municipality, one in reported(given):
        yield Part(month, municipality, "deviations", 1)
        yield Part(month, municipality, "deviations_escalated", int(one.step in ("steering_group", "vis")), 1)


def of_contacts(given: InForce) -> Iterator[Part]:
    """The list in force at the end of each month: the latest delivered by then."""
    for month in clock.months_through(given.first_month, given.month):
        delivered = [of for of in given.contacts if of <= month]
        end = clock.last_of(month)
        for one in given.contacts[max(delivered)] if delivered else []:
            code = known(one.municipality_code, end)
            is_verified = one.verified_on is not None and (end - one.verified_on).days <= VERIFIED_WITHIN
            yield Part(month, code, "contacts_verified", int(is_verified), 1, is_stock=True)
            yield Part(month, code, "contacts_weekend_hours", int(one.weekend_hours), 1, is_stock=True)


# -- deviations -------------------------------------------------------------------------------------------------------


def deviations(given: InForce) -> list[Row]:
    """mart_deviations_annual, with the rows ``all`` that a median needs."""
    groups: dict[tuple[Any, ...], list[Deviation]] = {}
    for month, municipality, one in reported(given):
        for place in (municipality, given.region):
            each = (one.category, one.severity, one.reporting_party)
            for detail in (each, (one.category, "all", "all"), ("all", "all", "all")):
                groups.setdefault((given.region, month.year, place, *detail), []).append(one)
    names = ["region_code", "year", "municipality_code", "category", "severity", "reporting_party"]
    return [
        dict(zip(names, key, strict=True))
        | {
            "deviations": len(members),
            "closed": sum(1 for one in members if one.is_closed),
            "median_days_to_close": median_of(
                (one.closed_on - one.reported_on).days for one in members if one.is_closed and one.closed_on
            ),
            "escalated_to_steering_group": sum(1 for one in members if one.step == "steering_group"),
            "escalated_to_vis": sum(1 for one in members if one.step == "vis"),
        }
        for key, members in groups.items()
    ]


def median_of(days: Iterable[int]) -> Decimal | None:
    found = list(days)
    return rounded(Decimal(str(median(found))), 4) if found else None
