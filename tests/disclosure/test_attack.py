"""Planted leaks: the attacker finds each of them, from the open files alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.disclosure.open_files import (
    ANNUAL,
    DEVIATIONS,
    HEADLINE,
    HEADLINE_DISTRICT,
    MONTH,
    PAYMENT,
    PAYMENT_DISTRICT,
    PROCESS,
    READMISSIONS,
    READY_DAYS,
    Tables,
    attacked,
    row,
    write,
)

BEFORE = MONTH.replace(year=MONTH.year - 1)


def ready(*places: Any, **given: Any) -> dict[str, Any]:
    return row(READY_DAYS, *places, **given)


def days(*rows: tuple[Any, ...], **totals: Any) -> Tables:
    """Ready days by municipality, and the county's."""
    return {
        READY_DAYS: [ready(ready_days=totals["county"])] + [ready(place, ready_days=value) for place, value in rows]
    }


def indicator(name: str, numerator: int | None, denominator: int | None, **given: Any) -> dict[str, Any]:
    return row(PROCESS, indicator=name, numerator=numerator, denominator=denominator, **given)


def mean(place: str, intervals: int | None, sum_days: int | None, liable: int | None, **given: Any) -> dict[str, Any]:
    return row(PAYMENT, place, intervals=intervals, sum_days=sum_days, liable_days=liable, **given)


def year(*places: Any, **given: Any) -> dict[str, Any]:
    return row(ANNUAL, *places, **given)


LEAKS: dict[str, tuple[list[Tables], tuple[int, str, int]]] = {
    "a total less the parts that are shown": (
        [days(("0180", 30), ("0184", None), county=34)],
        (0, "ready_days 0184 all all 0 all", 4),
    ),
    "a figure of few that is shown": (
        [days(("0180", 30), ("0184", 5), county=35), days(("0180", 30), ("0184", 4), county=34)],
        (1, "ready_days 0184 all all 0 all", 4),
    ),
    "a hidden total of shown parts": (
        [{READY_DAYS: [ready(ready_days=None), ready("0180", ready_days=30), ready("0184", ready_days=8)]}],
        (0, "ready_days 01 all all 0 all", 38),
    ),
    "two hidden parts of two: each is at least one": (
        [days(("0180", 30), ("0184", None), ("0188", None), county=32)],
        (0, "ready_days 0184 all all 0 all", 1),
    ),
    "the districts of a municipality": (
        [
            {
                READY_DAYS: [
                    ready("0180", ready_days=30),
                    ready("0180", "01", ready_days=28),
                    ready("0180", "99", ready_days=None),
                ]
            }
        ],
        (0, "ready_days 0180 99 all 0 all", 2),
    ),
    "the sexes": (
        [{READY_DAYS: [ready(ready_days=30), ready(sex=1, ready_days=27), ready(sex=2, ready_days=None)]}],
        (0, "ready_days 01 all all 2 all", 3),
    ),
    "the ages": (
        [
            {
                READY_DAYS: [
                    ready(intervals_discharged=30),
                    ready(age_band="80+", intervals_discharged=26),
                    ready(age_band="0-17", intervals_discharged=None),
                ]
            }
        ],
        (0, "intervals_discharged 01 all all 0 0-17", 4),
    ),
    "the care areas": (
        [
            {
                READY_DAYS: [
                    ready(open_at_month_end=9),
                    ready(care_area="somatic", open_at_month_end=8),
                    ready(care_area="addiction", open_at_month_end=None),
                ]
            }
        ],
        (0, "open_at_month_end 01 all addiction 0 all", 1),
    ),
    "a chain of totals over two dimensions": (
        [
            {
                READY_DAYS: [
                    ready(ready_days=50),
                    ready("0180", ready_days=None),
                    ready("0184", ready_days=20),
                    ready("0180", sex=1, ready_days=28),
                    ready("0180", sex=2, ready_days=None),
                ]
            }
        ],
        (0, "ready_days 0180 all all 2 all", 2),
    ),
    "beds that give the days": (
        [{READY_DAYS: [ready("0184", ready_days=None, beds_equivalent="0.1290")]}],
        (0, "ready_days 0184 all all 0 all", 4),
    ),
    "a share that gives its numerator": (
        [{PROCESS: [indicator("weekend_discharge", None, 40, share="0.075000")]}],
        (0, "numerator weekend_discharge 01 all all 0 all", 3),
    ),
    "a complement of few": (
        [{PROCESS: [indicator("weekend_discharge", 38, 40)]}],
        (0, "not numerator weekend_discharge 01 all all 0 all", 2),
    ),
    "spells that another indicator shows": (
        [
            {
                PROCESS: [
                    indicator("admission_notice_24h", None, 9),
                    indicator("weekend_discharge", None, None),
                ]
            }
        ],
        (0, "denominator weekend_discharge 01 all all 0 all", 9),
    ),
    "plans that another indicator shows": (
        [{PROCESS: [indicator("sip_called_in_time", None, None), indicator("sip_held", None, 7)]}],
        (0, "denominator sip_called_in_time 01 all all 0 all", 7),
    ),
    "discharges that another table shows": (
        [
            {
                READY_DAYS: [ready(sex=1, intervals_discharged=None)],
                PROCESS: [indicator("day_zero", None, 6, sex=1)],
            }
        ],
        (0, "intervals_discharged 01 all all 1 all", 6),
    ),
    "waits between two bounds": (
        [{PROCESS: [indicator("long_wait_7", 12, 40), indicator("long_wait_14", 9, 40)]}],
        (0, "not longer long_wait_7 01 all all 0 all", 3),
    ),
    "a bound of the interval that gives the readmissions": (
        [{HEADLINE: [row(HEADLINE, "0184", index_discharges=100, readmissions=None, share_low="0.015663")]}],
        (0, "readmissions all 0184 all all 0 headline", 4),
    ),
    "those without readiness": (
        [
            {
                READMISSIONS: [
                    row(READMISSIONS, "0184", index_discharges=30, readmissions=0),
                    row(READMISSIONS, "0184", index_discharges=28, readmissions=0, population="lus"),
                ]
            }
        ],
        (0, "index_discharges other 0184 all all 0 all", 2),
    ),
    "those who went to another unit": (
        [
            {
                PROCESS: [indicator("day_zero", 12, 12, municipality_code="0184")],
                READMISSIONS: [row(READMISSIONS, "0184", index_discharges=9, population="lus")],
            }
        ],
        (0, "denominator day_zero not lus 0184 all all 0 all", 3),
    ),
    "those who went to another unit or live in another county": (
        [
            {
                PROCESS: [indicator("day_zero", 12, 42, sex=1)],
                READMISSIONS: [row(READMISSIONS, sex=1, index_discharges=40, population="lus")],
            }
        ],
        (0, "denominator day_zero not lus 01 all all 1 all", 2),
    ),
    "spells beside the discharges with readiness": (
        [
            {
                PROCESS: [indicator("admission_notice_24h", 9, 33, municipality_code="0184")],
                READMISSIONS: [row(READMISSIONS, "0184", index_discharges=30, population="lus")],
            }
        ],
        (0, "denominator admission_notice_24h not lus 0184 all all 0 all", 3),
    ),
    "spells without a plan": (
        [{PROCESS: [indicator("admission_notice_24h", 9, 33), indicator("sip_called_in_time", 9, 30)]}],
        (0, "denominator not sip_called_in_time 01 all all 0 all", 3),
    ),
    "spells that were not ready at the discharge": (
        [
            {
                PROCESS: [
                    indicator("admission_notice_24h", 9, 33, age_band="80+"),
                    indicator("day_zero", 9, 29, age_band="80+"),
                ]
            }
        ],
        (0, "denominator not day_zero 01 all all 0 80+", 4),
    ),
    "intervals of a class that a mean is not of": (
        [
            {
                READY_DAYS: [
                    ready("0184", intervals_discharged=40),
                    ready("0184", intervals_discharged=12, care_area="somatic", payment_class="somatic"),
                    ready("0184", intervals_discharged=11, care_area="geriatric", payment_class="somatic"),
                ],
                PAYMENT: [mean("0184", 20, 60, 20)],
            }
        ],
        (0, "not in the mean ('somatic', 'mean') 0184 all of the class 0 all", 3),
    ),
    "intervals of a district that a mean is not of": (
        [
            {
                READY_DAYS: [ready("0180", "04", intervals_discharged=20)],
                PAYMENT_DISTRICT: [row(PAYMENT_DISTRICT, "0180", "04", intervals=18, sum_days=40, liable_days=4)],
            }
        ],
        (0, "not in the mean ('somatic', 'mean') 0180 04 all 0 all", 2),
    ),
    "the ages less the headline": (
        [
            {
                READMISSIONS: [
                    row(READMISSIONS, "0184", index_discharges=40),
                    row(READMISSIONS, "0184", index_discharges=10, age_band="65-79"),
                    row(READMISSIONS, "0184", index_discharges=12, age_band="80+"),
                ],
                HEADLINE: [row(HEADLINE, "0184", index_discharges=21)],
            }
        ],
        (0, "index_discharges all 0184 all all 0 65+ other care", 1),
    ),
    "a figure that another table shows": (
        [
            {
                HEADLINE: [row(HEADLINE, "0180", index_discharges=None)],
                HEADLINE_DISTRICT: [row(HEADLINE_DISTRICT, "0180", index_discharges=44)],
            }
        ],
        (0, "index_discharges all 0180 all all 0 headline", 44),
    ),
    "a district of a payer that another table shows": (
        [
            {
                PAYMENT: [mean("0180", 20, 60, None)],
                PAYMENT_DISTRICT: [
                    row(PAYMENT_DISTRICT, "0180", "04", intervals=18, sum_days=None, liable_days=0),
                    row(PAYMENT_DISTRICT, "0180", "06", intervals=None, sum_days=None, liable_days=0),
                ],
            }
        ],
        (0, "intervals ('somatic', 'mean') 0180 06 all 0 all", 2),
    ),
    "a mean that gives its sum": (
        [{PAYMENT: [mean("0184", 12, None, 0, mean_days="0.3333")]}],
        (0, "sum_days ('somatic', 'mean') 0184 all all 0 all", 4),
    ),
    "an amount that gives the days": (
        [
            {
                PAYMENT: [
                    mean("0180", 20, 60, 20, amount="164000"),
                    mean("0184", None, None, None, amount="24600"),
                ]
            }
        ],
        (0, "liable_days ('somatic', 'mean') 0184 all all 0 all", 3),
    ),
    "days of a mean that give its number": (
        [{PAYMENT: [mean("0180", 20, 60, 20), mean("0184", None, 13, 5)]}],
        (0, "intervals ('somatic', 'mean') 0184 all all 0 all", 4),
    ),
    "a kind of deviation that the others give": (
        [
            {
                DEVIATIONS: [
                    row(DEVIATIONS, deviations=30),
                    row(DEVIATIONS, category="sip", deviations=27),
                    row(DEVIATIONS, category="planning", deviations=None),
                ]
            }
        ],
        (0, "deviations planning 01 all all 0 all", 3),
    ),
    "deviations that are not closed": (
        [{DEVIATIONS: [row(DEVIATIONS, "0184", deviations=30, closed=28)]}],
        (0, "not closed all 0184 all all 0 all", 2),
    ),
    "deviations that went no further": (
        [
            {
                DEVIATIONS: [
                    row(DEVIATIONS, deviations=30, escalated_to_steering_group=20, escalated_to_vis=9),
                ]
            }
        ],
        (0, "not escalated all 01 all all 0 all", 1),
    ),
    "a year with a hidden month in it": (
        [{READY_DAYS: [ready("0184", ready_days=None)], ANNUAL: [year("0184", numerator=3, value="3")]}],
        (0, "value ready_days 0 0184", 3),
    ),
    "a year that counts more than its months": (
        [{READY_DAYS: [ready("0184", ready_days=30)], ANNUAL: [year("0184", numerator=34)]}],
        (0, "numerator ready_days 0 0184", 34),
    ),
    "a year before with a hidden month in it": (
        [
            {
                READY_DAYS: [ready("0184", ready_days=30), ready("0184", month=BEFORE, ready_days=None)],
                ANNUAL: [year("0184", numerator=30, value="30", change="27")],
            }
        ],
        (0, "change ready_days 0 0184", 27),
    ),
    "a target that tells of a hidden month": (
        [
            {
                PROCESS: [indicator("sip_held", None, 30)],
                ANNUAL: [year(indicator_id="sip_held", denominator=30, meets_target=True)],
            }
        ],
        (0, "meets_target sip_held 0 01", 1),
    ),
    "a revision that opens a cell": (
        [
            days(("0180", 5), ("0184", None), ("0188", None), county=15),
            days(("0180", None), ("0184", None), ("0188", 7), county=15),
        ],
        (1, "ready_days 0184 all all 0 all", 3),
    ),
    "a revision that opens a cell of the release before": (
        [
            days(("0180", 5), ("0184", None), ("0188", None), county=15),
            days(("0180", 6), ("0184", None), ("0188", 7), ("0191", None), county=15),
        ],
        (0, "ready_days 0184 all all 0 all", 3),
    ),
    "a third release that opens what two hid": (
        [
            days(("0180", 5), ("0184", None), ("0188", None), county=15),
            days(("0180", None), ("0184", None), ("0188", None), county=15),
            days(("0180", None), ("0184", None), ("0188", 8), county=15),
        ],
        (2, "ready_days 0184 all all 0 all", 2),
    ),
    "a release that shows what one before the last did": (
        [
            days(("0180", 5), ("0184", None), ("0188", None), county=15),
            days(("0180", 5), ("0184", None), ("0188", None), county=16),
            days(("0180", None), ("0184", None), ("0188", 8), county=15),
        ],
        (2, "ready_days 0184 all all 0 all", 2),
    ),
    "a merged district": (
        [
            {
                READY_DAYS: [
                    ready("0180", ready_days=20),
                    ready("0180", "01", ready_days=6, current="31"),
                    ready("0180", "03", ready_days=None, current="31"),
                    ready("0180", "04", ready_days=None),
                    ready("0180", "06", ready_days=None),
                ]
            },
            {
                READY_DAYS: [
                    ready("0180", ready_days=20),
                    ready("0180", "31", ready_days=9),
                    ready("0180", "04", ready_days=None),
                    ready("0180", "06", ready_days=None),
                ]
            },
        ],
        (0, "ready_days 0180 03 all 0 all", 3),
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_found(tmp_path: Path, leak: str) -> None:
    releases, expected = LEAKS[leak]
    found = attacked([write(tmp_path / str(number), tables) for number, tables in enumerate(releases)])
    assert expected in [(one.release, one.cell, one.value) for one in found]


SAFE: dict[str, list[Tables]] = {
    "a year that adds up what its months show": [
        {
            READY_DAYS: [
                ready("0184", ready_days=30),
                ready("0184", month=MONTH.replace(month=4), ready_days=31),
                ready("0184", month=BEFORE, ready_days=41),
            ],
            HEADLINE: [row(HEADLINE, index_discharges=70, readmissions=7, share="0.1")],
            PAYMENT: [
                mean("0184", 20, 60, 20, amount="164000"),
                mean("0184", 9, 9, 0, amount="0", agreement_id="other"),
            ],
            ANNUAL: [
                year("0184", numerator=61, value="61", value_previous_year="41", change="20"),
                year("0184", indicator_id="beds_equivalent", numerator=61, denominator=61, value="1"),
                year(indicator_id="readmission_7_days", numerator=7, denominator=70, value="0.1", meets_target=True),
                year("0184", indicator_id="liable_days", numerator=20, value="20"),
                year("0184", indicator_id="liable_amount", value="164000"),
            ],
        }
    ],
    "deviations of many": [
        {DEVIATIONS: [row(DEVIATIONS, deviations=30, closed=20), row(DEVIATIONS, "0184", deviations=30, closed=20)]}
    ],
    "two hidden parts": [days(("0180", 30), ("0184", None), ("0188", None), county=34)],
    "two hidden parts in two releases alike": [days(("0180", 30), ("0184", None), ("0188", None), county=34)] * 2,
    "a total and its parts that changed and are hidden": [
        days(("0180", 30), ("0184", 5), county=35),
        days(("0180", 30), ("0184", None), county=None),
    ],
    "what was shown before and is hidden now": [
        {READY_DAYS: [ready("0184", ready_days=7)]},
        {READY_DAYS: [ready("0184", ready_days=None)]},
    ],
    "a figure of few that a release before showed as it is": [
        days(("0180", 30), ("0184", 4), county=34),
        days(("0180", 31), ("0184", 4), county=35),
    ],
    "days of a mean, that are fewer than those that persons stand for": [{PAYMENT: [mean("0184", 9, 22, 4)]}],
    "a share of many": [{PROCESS: [indicator("weekend_discharge", 10, 40, share="0.250000")]}],
    "zeros and all of them": [{PROCESS: [indicator("weekend_discharge", 0, 40, share="0.000000")]}],
    "a hidden part that a later release shows as zero": [
        days(("0180", 5), ("0184", None), ("0188", None), county=15),
        days(("0180", 5), ("0184", 0), ("0188", None), ("0191", None), county=15),
    ],
    "a belief that a later figure contradicts": [
        days(("0180", 5), ("0184", None), ("0188", None), county=15),
        days(("0180", None), ("0184", None), ("0188", None), county=17),
    ],
}


@pytest.mark.parametrize("case", SAFE)
def test_what_does_not_follow_is_not_found(tmp_path: Path, case: str) -> None:
    releases = SAFE[case]
    assert attacked([write(tmp_path / str(number), tables) for number, tables in enumerate(releases)]) == []


def test_who_believes_what_is_not_so_has_found_nothing(tmp_path: Path) -> None:
    """As in "a revision that opens a cell", but what all believe unchanged did change."""
    releases = [
        [("01", 15, 15), ("0180", 5, 5), ("0184", None, 2), ("0188", None, 8)],
        [("01", 15, 15), ("0180", None, 6), ("0184", None, 2), ("0188", 7, 7)],
    ]
    tables = [
        write(
            tmp_path / str(number),
            {READY_DAYS: [ready(place, ready_days=told, ready_days_true=true) for place, told, true in rows]},
        )
        for number, rows in enumerate(releases)
    ]
    assert [one.value for one in attacked(tables)] == [3, 7, 3]
    assert attacked(tables, is_told=True) == []


def true_mean(place: str, *true: int, is_hidden: bool = False) -> dict[str, Any]:
    figures = dict(zip(("intervals_true", "sum_days_true", "liable_days_true"), true, strict=True))
    told = [None if is_hidden else value for value in true]
    return mean(place, *told, liable_days_alternative_true=0, **figures)


def test_a_mean_that_is_not_above_its_level_has_hidden_days_of_zero(tmp_path: Path) -> None:
    """What else is hidden still follows from what is shown."""
    payers = [true_mean(place, 3, 1, 0, is_hidden=True) for place in ("0184", "0188")]
    rows = [true_mean("01", 26, 62, 20), true_mean("0180", 20, 60, 20), *payers]
    found = attacked([write(tmp_path / "one", {PAYMENT: rows})], is_told=True)
    assert {one.cell.partition(" ")[0]: one.value for one in found} == {"sum_days": 1, "liable_days": 0}


def test_a_truth_that_does_not_fit_is_an_error(tmp_path: Path) -> None:
    county, payer = true_mean("01", 20, 60, 20), true_mean("0180", 21, 60, 20)
    with pytest.raises(ValueError, match="the true figures do not fit what is shown"):
        attacked(
            [write(tmp_path / "one", {PAYMENT: [county, payer, true_mean("0184", 1, 1, 1, is_hidden=True)]})],
            is_told=True,
        )


def test_at_least_twenty_leaks_are_planted() -> None:
    assert len(LEAKS) >= 20
