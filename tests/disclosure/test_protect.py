"""What is hidden cannot be computed: random months and revisions of them, attacked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.disclosure import warehouses
from tests.disclosure.open_files import PAYMENT, PROCESS, READMISSIONS, READY_DAYS
from tests.disclosure.warehouses import CITY, Deviation, Payment, Stay, leaks, release

PLACES = [(CITY, "01"), (CITY, "04"), (CITY, "99"), ("0184", "00"), ("0188", "00"), ("9999", "00")]
STAYS = st.lists(
    st.builds(
        lambda place, **known: Stay(municipality=place[0], district=place[1], **known),
        person=st.integers(1, 60),
        place=st.sampled_from(PLACES),
        care_area=st.sampled_from(["somatic", "somatic", "geriatric", "psychiatric"]),
        sex=st.sampled_from([1, 2]),
        age_band=st.sampled_from(["18-64", "65-79", "80+"]),
        days=st.one_of(st.none(), st.integers(0, 9)),
        is_readmitted=st.sampled_from([False, False, False, True]),
        needs_plan=st.booleans(),
        goes_on=st.sampled_from([False, False, False, True]),
    ),
    min_size=1,
    max_size=90,
)
FEW_EXAMPLES = settings(
    max_examples=3, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
BEFORE = date(2024, 2, 1)
_numbers = count()


def fresh(tmp_path: Path) -> Path:
    return tmp_path / str(next(_numbers))


def rows(files: dict[str, Path], table: str) -> list[dict[str, Any]]:
    cursor = duckdb.execute("select * from read_parquet(?)", [str(files[table])])
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


@FEW_EXAMPLES
@given(STAYS, st.data())
def test_nothing_hidden_can_be_computed_from_a_month_and_its_revisions(
    tmp_path: Path, stays: list[Stay], data: st.DataObject
) -> None:
    published = [release(fresh(tmp_path), stays, [])]
    for _ in range(2):
        changed = data.draw(st.lists(st.integers(0, len(stays) - 1), max_size=6, unique=True))
        stays = [
            replace(stay, days=None if stay.days is None else stay.days + 1, municipality="0184", district="00")
            if number in changed
            else stay
            for number, stay in enumerate(stays)
        ] + data.draw(STAYS.map(lambda late: late[:5]))
        published.append(release(fresh(tmp_path), stays, published))
        assert leaks(published) == []


DEVIATIONS = st.lists(
    st.builds(
        Deviation,
        number=st.just(0),
        municipality=st.sampled_from(["0180", "0184", "0188"]),
        category=st.sampled_from(["sip", "planning", "other"]),
        is_closed=st.booleans(),
        step=st.sampled_from(["", "", "escalated_to_steering_group", "escalated_to_vis"]),
    ),
    min_size=1,
    max_size=40,
)


@FEW_EXAMPLES
@given(DEVIATIONS, DEVIATIONS)
def test_nothing_hidden_can_be_computed_from_a_years_deviations_and_what_is_heard_of_them_later(
    tmp_path: Path, deviations: list[Deviation], late: list[Deviation]
) -> None:
    published = [release(fresh(tmp_path), [], [], deviations)]
    known = [replace(one, is_closed=True) for one in deviations[:4]] + deviations[8:] + late[:3]
    known += [replace(one, category="other") for one in deviations[4:8]]
    published.append(release(fresh(tmp_path), [], published, known))
    assert leaks(published) == []


def test_a_median_is_hidden_with_those_that_it_is_of(tmp_path: Path) -> None:
    """Of ten that are closed six have a date in one municipality, four in another; in a third three are closed."""
    found = [
        Deviation(number, place, "sip", number < closed, "", 1 + number if number < dated else None)
        for place, closed, dated in (("0180", 10, 6), ("0184", 10, 4), ("0188", 3, 0), ("0191", 6, 0))
        for number in range(20)
    ]
    files = release(tmp_path / "one", [], [], found)
    told = {
        row["municipality_code"]: (
            row["closed_status"],
            row["median_days_to_close"],
            row["median_days_to_close_status"],
        )
        for row in rows(files, "mart_deviations_annual")
        if row["category"] == "all"
    }
    assert told["0180"] == ("shown", Decimal("3.5"), "shown")
    assert told["0184"][1:] == (None, "suppressed")
    assert told["0188"] == ("suppressed", None, "suppressed")
    assert told["0191"] == ("suppressed", None, "suppressed")  # else what the county has would tell of the third


@FEW_EXAMPLES
@given(STAYS)
def test_hidden_zero_and_missing_are_told_apart_and_shown_parts_add_up(tmp_path: Path, stays: list[Stay]) -> None:
    files = release(fresh(tmp_path), stays, [])
    for table, figures in ((READY_DAYS, ["ready_days", "intervals_discharged"]), (READMISSIONS, ["readmissions"])):
        found = rows(files, table)
        for figure in figures:
            for row in found:
                assert (row[figure] is None) == (row[f"{figure}_status"] != "shown")
            for total in [row for row in found if row["sex"] == 0 and row["age_band"] == row["care_area"] == "all"]:
                same = ("municipality_code", "district_code", *(["population"] if "population" in total else []))
                of_total = [row for row in found if row["sex"] and all(row[name] == total[name] for name in same)]
                values = [row[figure] for row in of_total]
                if of_total and None not in [*values, total[figure]]:
                    assert sum(values) == total[figure]
    # What the table has no cells for is missing, not hidden.
    assert {row["open_at_month_end_status"] for row in rows(files, READY_DAYS)} <= {"missing"}


def many(count_: int, **given: Any) -> list[Stay]:
    known = {
        "municipality": "0184", "district": "00", "care_area": "somatic", "sex": 1, "age_band": "80+", "days": 3,
        "is_readmitted": False,
    }  # fmt: skip
    return [Stay(person=number, **known | given) for number in range(count_)]


def one_day(**by_municipality: int) -> list[Stay]:
    """So many stays of a day by municipality, given as ``m0184``, those of the city in one district."""
    return [
        stay
        for code, number in by_municipality.items()
        for stay in many(number, municipality=code[1:], district="01" if code[1:] == CITY else "00", days=1)
    ]


def shown(files: dict[str, Path], municipality: str, figure: str = "ready_days") -> tuple[int | None, str]:
    [row] = [
        row
        for row in rows(files, READY_DAYS)
        if row["municipality_code"] == municipality
        and (row["district_code"], row["care_area"], row["sex"], row["age_band"]) == ("all", "all", 0, "all")
    ]
    return row[figure], row[f"{figure}_status"]


def test_few_persons_are_hidden_and_with_them_what_would_give_them_away(tmp_path: Path) -> None:
    stays = many(40) + many(4, municipality="0188") + many(9, municipality=CITY, district="01")
    files = release(tmp_path / "one", stays, [])
    assert shown(files, "01") == (159, "shown")
    assert shown(files, "0184") == (120, "shown")
    assert shown(files, "0188") == (None, "suppressed")
    assert shown(files, CITY) == (None, "suppressed")  # the smallest that keeps the county's total


def test_zero_days_of_few_persons_are_shown_and_their_number_is_not(tmp_path: Path) -> None:
    files = release(tmp_path / "one", many(40) + many(3, municipality="0188", days=0), [])
    assert shown(files, "0188") == (0, "shown")
    assert shown(files, "0188", "intervals_discharged") == (None, "suppressed")


def test_days_of_which_one_person_stands_for_most_are_hidden(tmp_path: Path) -> None:
    stays = many(40) + many(8, municipality="0188", days=1) + many(1, municipality="0188", days=90)
    files = release(tmp_path / "one", stays, [])
    assert shown(files, "0188") == (None, "suppressed")
    assert shown(files, "0188", "intervals_discharged") == (9, "shown")


NESTED = {
    "spells without a plan": many(40, needs_plan=True) + many(3, needs_plan=False, municipality="0188"),
    "spells that were not ready": many(40, needs_plan=True) + many(3, needs_plan=True, days=None),
    "who went on": many(40, needs_plan=True) + many(3, needs_plan=True, goes_on=True),
}


@pytest.mark.parametrize("difference", NESTED)
def test_few_that_one_table_counts_and_another_does_not_are_hidden(tmp_path: Path, difference: str) -> None:
    files = release(tmp_path / "one", NESTED[difference], [])
    county = {row["indicator"]: row["denominator"] for row in rows(files, PROCESS) if row["municipality_code"] == "01"}
    assert None in county.values()
    assert leaks([files]) == []


def test_few_that_a_mean_is_not_of_are_hidden_also_when_the_mean_is_gone(tmp_path: Path) -> None:
    stays = many(43) + many(12, municipality="0188") + many(8, municipality=CITY, district="01")
    payments = [Payment("0184", 40, 120, 40), Payment("0188", 6, 30, 18)]
    first = release(tmp_path / "one", stays, [], payments=payments)
    [mean] = [row for row in rows(first, PAYMENT) if row["municipality_code"] == "0184"]
    of_class = [
        row["intervals_discharged"]
        for row in rows(first, READY_DAYS)
        if row["municipality_code"] == "0184" and row["care_area"] == "somatic"
    ]
    assert None in [mean["intervals"], *of_class]
    second = release(tmp_path / "two", stays, [first], payments=payments[1:])
    third = release(tmp_path / "three", stays, [first, second])
    assert leaks([first, second, third]) == []


def test_what_was_hidden_stays_hidden_when_late_stays_make_it_many(tmp_path: Path) -> None:
    before = many(40) + many(4, municipality="0188") + many(9, municipality=CITY, district="01")
    first = release(tmp_path / "one", before, [])
    late = many(30, municipality="0188")
    second = release(tmp_path / "two", before + late, [first])
    assert shown(second, "0188") == (None, "suppressed")
    assert leaks([first, second]) == []
    assert shown(release(tmp_path / "alone", before + late, []), "0188") == (102, "shown")


def test_what_was_hidden_and_is_nothing_now_is_not_told_by_what_all_became(tmp_path: Path) -> None:
    before = many(40) + many(9, municipality=CITY, district="01") + many(4, municipality="0188")
    first = release(tmp_path / "one", before, [])
    second = release(tmp_path / "two", [replace(stay, municipality="0184", district="00") for stay in before], [first])
    assert shown(second, "0184") == (None, "suppressed")  # shown, it would say that the others have nothing left
    assert leaks([first, second]) == []


@pytest.mark.parametrize("days", [3, 0])
def test_what_was_hidden_and_is_nothing_now_stays_hidden(tmp_path: Path, days: int) -> None:
    """The row that has gone is kept: a total that is the same would tell what it was."""
    others = many(40) + many(9, municipality=CITY, district="01")
    before = others + many(4, municipality="0188", days=days)
    first = release(tmp_path / "one", before, [])
    moved = others + many(4, municipality="0184", days=days)
    second = release(tmp_path / "two", moved, [first])
    third = release(tmp_path / "three", moved, [first, second])
    for files in (first, second, third):
        assert shown(files, "0188", "intervals_discharged") == (None, "suppressed")
        assert shown(files, "01", "intervals_discharged") == (53, "shown")
    assert shown(third, "0188") == ((0, "shown") if days == 0 else (None, "suppressed"))
    assert leaks([first, second]) == []
    assert leaks([first, second, third]) == []


RETURNS = {
    "a stay too many that is taken back": (
        one_day(m0184=15, m0188=4, m9999=12, m0180=40),
        one_day(m0184=15, m0188=5, m9999=12, m0180=40),
        one_day(m0184=3, m0188=4, m9999=12, m0180=52),
    ),
    "a release that shows the same, but hides another number": (
        one_day(m0184=15, m0188=4, m9999=12, m0180=40),
        one_day(m0184=15, m0188=5, m9999=11, m0180=40),
        one_day(m0184=3, m0188=5, m9999=11, m0180=52),
    ),
}


@pytest.mark.parametrize("history", RETURNS)
def test_what_changed_between_two_releases_hides_nothing_of_what_they_have_alike(tmp_path: Path, history: str) -> None:
    published: list[dict[str, Path]] = []
    for number, stays in enumerate(RETURNS[history]):
        published.append(release(tmp_path / str(number), stays, published))
    first, second, third = published
    for told in ([first, second, third], [first, third], [second, third]):
        assert leaks(told) == []
    assert shown(third, CITY) == (None, "suppressed")  # shown, it would say what is left of the county for the others


def test_an_older_month_is_revised_after_a_newer_release(tmp_path: Path) -> None:
    """What the newer release told of its own month is no row of the older one's."""
    newer = release(tmp_path / "newer", one_day(m0184=9, m0188=4, m9999=12, m0180=40), [])
    older = release(tmp_path / "older", one_day(m0184=9, m0180=40), [newer], month=BEFORE)
    assert {row["month"] for row in rows(older, READY_DAYS)} == {BEFORE}
    assert leaks([newer, older], BEFORE) == []


@pytest.mark.parametrize("is_gone", [False, True])
def test_hidden_days_that_are_none_any_more_do_not_look_otherwise_without_a_rate(tmp_path: Path, is_gone: bool) -> None:
    """Days have no amount then, and no days cost nothing."""
    others = [Payment("0191", 40, 120, 40), Payment("0184", 20, 60, 20), Payment("9999", 10, 10, 0, amount=0)]
    stays = one_day(m0191=50, m0184=30, m9999=20, m0188=13)
    first = release(tmp_path / "1", stays, [], payments=[*others, Payment("0188", 3, 9, 3, is_few=True)])
    late = [] if is_gone else [Payment("0188", 3, 3, 0, amount=0, is_few=True)]
    second = release(tmp_path / "2", stays, [first], payments=[*others, *late])
    for files in (first, second):
        [row] = [row for row in rows(files, PAYMENT) if row["municipality_code"] == "0188"]
        statuses = {row[f"{name}_status"] for name in ("liable_days", "amount", "amount_to_invoice")}
        assert statuses == {"suppressed"}
    assert leaks([first, second]) == []


def test_districts_that_are_told_no_more_add_up_to_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stays = one_day(m0184=15, m0188=6, m9999=12, m0180=40)
    first = release(tmp_path / "one", stays, [])
    monkeypatch.setattr(warehouses, "CITY", "none")
    second = release(tmp_path / "two", stays, [first])
    assert {row["district_code"] for row in rows(second, READY_DAYS)} == {"all"}
    assert leaks([first, second]) == []


def test_a_merged_district_does_not_give_away_what_one_of_its_parts_hid(tmp_path: Path) -> None:
    others = many(40, municipality=CITY, district="04") + many(6, municipality=CITY, district="06")
    old = many(9, municipality=CITY, district="01") + many(3, municipality=CITY, district="03")
    first = release(tmp_path / "one", others + old, [])
    second = release(tmp_path / "two", others + [replace(stay, district="31") for stay in old], [first])
    districts = {row["district_code"]: row["ready_days"] for row in rows(second, READY_DAYS)}
    assert districts["31"] is None
    assert leaks([first, second]) == []


def test_a_month_that_has_not_changed_is_hidden_as_it_was(tmp_path: Path) -> None:
    stays = many(40) + many(4, municipality="0188") + many(9, municipality=CITY, district="01")
    first = release(tmp_path / "one", stays, [])
    second = release(tmp_path / "two", stays, [first])
    for table, path in first.items():
        assert path.read_bytes() == second[table].read_bytes()


def test_the_same_stays_give_the_same_bytes(tmp_path: Path) -> None:
    stays = many(40) + many(3, municipality="0188") + many(7, municipality=CITY, district="01", age_band="65-79")
    one, two = (release(tmp_path / name, stays, []) for name in ("one", "two"))
    assert [path.read_bytes() for path in one.values()] == [path.read_bytes() for path in two.values()]


@pytest.mark.parametrize("stays", [[], many(1)])
def test_a_month_of_nobody_and_of_one_person(tmp_path: Path, stays: list[Stay]) -> None:
    files = release(tmp_path / "one", stays, [])
    assert all(row["ready_days"] is None for row in rows(files, READY_DAYS))
    assert leaks([files]) == []
