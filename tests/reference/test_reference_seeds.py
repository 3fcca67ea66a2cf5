"""The shipped rows: complete, as the rules and the public sources have them."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from dagster_project.reference import make_non_working_days
from dagster_project.reference.tables import TABLES, Reference, load
from dagster_project.settings import SEEDS_DIR, Settings


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    home = tmp_path_factory.mktemp("home")
    return load(Settings(home=home, landing=home / "landing"))


def valid(reference: Reference, table: str, on: date) -> list[dict[str, object]]:
    return [
        row
        for row in reference.values(table)
        if row["valid_from"] <= on and (row["valid_to"] is None or on <= row["valid_to"])  # type: ignore[operator]
    ]


MUNICIPALITIES_OF_A_COUNTY = {
    "01": 26, "03": 8, "04": 9, "05": 13, "06": 13, "07": 8, "08": 12, "09": 1, "10": 5, "12": 33, "13": 6,
    "14": 49, "17": 16, "18": 12, "19": 10, "20": 15, "21": 10, "22": 7, "23": 8, "24": 15, "25": 14,
}  # fmt: skip

STOCKHOLM_COUNTY = (
    "0114 Upplands Väsby · 0115 Vallentuna · 0117 Österåker · 0120 Värmdö · 0123 Järfälla · 0125 Ekerö · 0126 Huddinge "
    "· 0127 Botkyrka · 0128 Salem · 0136 Haninge · 0138 Tyresö · 0139 Upplands-Bro · 0140 Nykvarn · 0160 Täby · "
    "0162 Danderyd · 0163 Sollentuna · 0180 Stockholm · 0181 Södertälje · 0182 Nacka · 0183 Sundbyberg · 0184 Solna · "
    "0186 Lidingö · 0187 Vaxholm · 0188 Norrtälje · 0191 Sigtuna · 0192 Nynäshamn"
)


def test_the_counties_have_their_municipalities(reference: Reference) -> None:
    assert Counter(row["region_code"] for row in reference.municipalities) == MUNICIPALITIES_OF_A_COUNTY
    assert len(reference.municipalities) == 290
    assert len({row["name"] for row in reference.municipalities}) == 290
    assert {row["region_code"] for row in reference.values("regions")} == set(MUNICIPALITIES_OF_A_COUNTY)


def test_the_municipalities_of_stockholm_county(reference: Reference) -> None:
    named = [
        f"{row['municipality_code']} {row['name']}" for row in reference.municipalities if row["region_code"] == "01"
    ]
    assert " · ".join(named) == STOCKHOLM_COUNTY


def test_the_youngest_municipality_codes_begin_when_they_did(reference: Reference) -> None:
    begins = {row["municipality_code"]: row["valid_from"] for row in reference.municipalities}
    assert begins.pop("0330") == date(2003, 1, 1)
    assert begins.pop("0331") == date(2007, 1, 1)
    assert set(begins.values()) == {date(1999, 1, 1)}


@pytest.mark.parametrize(
    ("on", "areas"),
    [
        (date(2006, 12, 31), 0),
        (date(2007, 1, 1), 14),
        (date(2020, 6, 30), 14),
        (date(2020, 7, 1), 13),
        (date(2023, 6, 30), 13),
        (date(2023, 7, 1), 11),
        (date(2026, 10, 31), 11),
    ],
)
def test_stockholms_districts_on_each_date(reference: Reference, on: date, areas: int) -> None:
    assert len(valid(reference, "districts", on)) == areas


def test_the_areas_of_today_and_what_they_were(reference: Reference) -> None:
    today = {row["name"] for row in valid(reference, "districts", date(2026, 10, 31))}
    assert today == {
        "Järva", "Hässelby-Vällingby", "Bromma", "Kungsholmen", "Norra innerstaden", "Södermalm",
        "Enskede-Årsta-Vantör", "Skarpnäck", "Farsta", "Hägersten-Älvsjö", "Skärholmen",
    }  # fmt: skip
    merged = {row["district_code"]: row["successor_district_code"] for row in reference.districts}
    assert {code: into for code, into in merged.items() if into} == {
        "01": "31", "03": "31", "09": "32", "10": "32", "21": "30", "22": "30",
    }  # fmt: skip


# Rules §1, row by row: id, region, class, from, to, model, last free day, days, cut-off, above, months, status.
AGREEMENTS = """
se-default-somatic SE somatic 2018-01-01 - individual 2 calendar 12:00 - 1 verified
se-default-psychiatric-2018 SE psychiatric 2018-01-01 2018-12-31 individual 29 calendar 12:00 - 1 verified
se-default-psychiatric SE psychiatric 2019-01-01 - individual 2 calendar 12:00 - 1 verified
sthlm-2018-somatic 01 somatic 2018-01-01 2019-12-31 individual 5 weekday - - 1 verified
sthlm-2018-psychiatric 01 psychiatric 2018-01-01 2019-12-31 individual 30 weekday - - 1 verified
sthlm-2020-somatic 01 somatic 2020-01-01 - mean 2 calendar 12:00 - 1 provisional
sthlm-2020-psychiatric 01 psychiatric 2020-01-01 - individual 5 calendar 12:00 - 1 provisional
sormland-2018-somatic 04 somatic 2018-01-01 - mean 3 calendar 12:00 - 3 provisional
dalarna-somatic 20 somatic 2018-01-01 - mean 3 calendar 12:00 - 1 provisional
vgr-somatic 14 somatic 2018-01-01 - mean 3 calendar 12:00 7 1 provisional
"""


def test_the_agreements_are_those_of_the_rules(reference: Reference) -> None:
    columns = [name for name in TABLES["agreements"].columns if name not in ("cap_days", "source")]
    shipped = {" ".join(row.text[name] or "-" for name in columns) for row in reference.merged["agreements"]}
    assert shipped == set(AGREEMENTS.strip().splitlines())
    assert all(row["cap_days"] is None for row in reference.values("agreements"))


def test_the_day_rates_are_those_of_the_rules_and_none_is_carried_forward(reference: Reference) -> None:
    rates = {(row["region_code"], row["valid_from"].year): row for row in reference.values("day_rates")}  # type: ignore[union-attr]
    assert {key: row["sek_per_day"] and int(row["sek_per_day"]) for key, row in rates.items()} == {  # type: ignore[arg-type]
        ("SE", 2019): 7800,
        ("SE", 2020): 8200,
        ("SE", 2022): 9300,
        ("SE", 2023): 10500,
        ("SE", 2024): 11600,
        ("01", 2018): None,
    }
    assert {row["region_code"] for row in valid(reference, "day_rates", date(2018, 6, 1))} == {"01"}
    assert {row["region_code"] for row in valid(reference, "day_rates", date(2019, 12, 31))} == {"01", "SE"}
    assert not valid(reference, "day_rates", date(2021, 6, 1))
    assert not valid(reference, "day_rates", date(2025, 1, 1))


def test_invoicing_in_stockholm_and_elsewhere(reference: Reference) -> None:
    def active(on: date) -> dict[object, object]:
        return {row["region_code"]: row["invoicing_active"] for row in valid(reference, "invoicing_periods", on)}

    assert active(date(2018, 12, 31)) == {"SE": True, "01": False}
    assert active(date(2019, 1, 1)) == {"SE": True, "01": True}
    assert active(date(2022, 9, 30)) == {"SE": True, "01": True}
    assert active(date(2022, 10, 1)) == {"SE": True, "01": False}


def test_care_areas_are_paid_in_two_classes(reference: Reference) -> None:
    assert {row["care_area"]: row["payment_class"] for row in reference.values("care_areas")} == {
        "somatic": "somatic",
        "geriatric": "somatic",
        "psychiatric": "psychiatric",
        "addiction": "psychiatric",
    }


def test_the_indicators_of_rules_7_are_all_there(reference: Reference) -> None:
    process = {
        "admission_notice_24h", "planned_date_changed", "ready_notice_before_noon", "ready_withdrawn", "day_zero",
        "weekend_discharge", "sip_called_in_time", "sip_held", "discharge_information_same_day", "long_wait_7",
        "long_wait_14", "long_wait_30",
    }  # fmt: skip
    assert process <= {row["indicator_id"] for row in reference.values("indicators")}


def test_the_deadlines_of_the_act_judge_every_date(reference: Reference) -> None:
    deadlines = {row["deadline_id"]: (row["amount"], row["unit"]) for row in reference.values("deadlines")}
    assert deadlines == {"admission_notice": (24, "hours"), "sip_call": (3, "days")}
    assert len(valid(reference, "deadlines", date(1900, 1, 1))) == 2


def test_the_conditions_are_those_of_rules_4_in_their_order(reference: Reference) -> None:
    conditions = sorted(reference.values("conditions"), key=lambda row: int(str(row["position"])))
    assert [(row["reason_code"], row["status"]) for row in conditions] == [
        ("NO_AGREEMENT", "verified"),
        ("ADMISSION_NOTICE_MISSING", "verified"),
        ("ADMISSION_NOTICE_LATE", "verified"),
        ("SIP_CALL_MISSING", "verified"),
        ("SIP_CALL_LATE", "verified"),
        ("OPEN_CARE_UNAVAILABLE", "verified"),
        ("MEASURES_DECLINED", "provisional"),
        ("SPECIAL_PROVISIONS", "provisional"),
        ("PAYER_UNKNOWN", "provisional"),
        ("PAYER_OUTSIDE_REGION", "provisional"),
    ]
    assert [row["position"] for row in conditions] == list(range(1, 11))


def test_the_criteria_of_billing_readiness_are_all_there_and_provisional(reference: Reference) -> None:
    rows = reference.values("billing_criteria")
    of = {
        unit_type: [row["criterion"] for row in sorted(rows, key=_position) if row["unit_type"] == unit_type]
        for unit_type in ("hospital", "municipality")
    }
    assert of["hospital"] == [
        "admission_notice_present",
        "admission_notice_in_time",
        "ready_notice_assessed",
        "assessment_to_notice_median_hours",
        "discharge_with_readiness",
        "quarantined_share",
        "orphans",
        "contradictory_times",
    ]
    assert of["municipality"] == [*of["hospital"], "reconciliation_remainder", "district_completeness"]
    assert {row["status"] for row in rows} == {"provisional"}
    assert {row["valid_to"] for row in rows} == {None}


def test_one_fault_among_the_least_number_never_fails_a_unit_by_a_share(reference: Reference) -> None:
    for row in reference.values("billing_criteria"):
        if row["unit"] == "share":
            threshold, least = Decimal(str(row["threshold"])), int(str(row["least_cases"]))
            allowed = threshold if row["direction"] == "at_most" else 1 - threshold
            assert 1 / Decimal(least) <= allowed, row["criterion"]


def _position(row: dict[str, object]) -> int:
    return int(str(row["position"]))


def test_the_non_working_days_are_what_the_script_makes() -> None:
    with (SEEDS_DIR / "non_working_days.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == make_non_working_days.rows()


@pytest.fixture(scope="module")
def non_working_days(reference: Reference) -> dict[date, str]:
    return {row["date_on"]: str(row["name_sv"]) for row in reference.values("non_working_days")}  # type: ignore[misc]


def is_weekday(day: date, non_working_days: dict[date, str]) -> bool:
    return day.isoweekday() <= 5 and day not in non_working_days


@pytest.mark.parametrize(
    ("year", "weekdays", "easter", "midsummer"),
    [
        (2018, 250, "2018-04-01", "2018-06-23"),
        (2019, 250, "2019-04-21", "2019-06-22"),
        (2020, 252, "2020-04-12", "2020-06-20"),
        (2021, 253, "2021-04-04", "2021-06-26"),
        (2022, 253, "2022-04-17", "2022-06-25"),
        (2023, 251, "2023-04-09", "2023-06-24"),
        (2024, 251, "2024-03-31", "2024-06-22"),
        (2025, 249, "2025-04-20", "2025-06-21"),
        (2026, 251, "2026-04-05", "2026-06-20"),
    ],
)
def test_the_calendar_of_each_year(
    non_working_days: dict[date, str], year: int, weekdays: int, easter: str, midsummer: str
) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365 + (year % 4 == 0))]
    assert sum(is_weekday(day, non_working_days) for day in days) == weekdays
    assert non_working_days[date.fromisoformat(easter)] == "Påskdagen"
    assert non_working_days[date.fromisoformat(midsummer)] == "Midsommardagen"
    assert non_working_days[date.fromisoformat(midsummer) - timedelta(days=1)] == "Midsommarafton"
    assert Counter(day.year for day in non_working_days)[year] == 16


@pytest.mark.parametrize("day", ["2018-05-21", "2019-04-18", "2018-01-05", "2019-04-30", "2018-05-11"])
def test_days_that_are_weekdays_though_some_have_them_off(non_working_days: dict[date, str], day: str) -> None:
    """Monday after Pentecost, Maundy Thursday, the eves of Epiphany and May Day, the Friday after Ascension."""
    assert is_weekday(date.fromisoformat(day), non_working_days)


def test_the_seeds_their_dbt_types_and_the_python_tables_have_the_same_columns() -> None:
    """A column is written down for dbt and for Python: both must say the same of it, and the file must have it."""
    types = {"text": "string", "time": "string", "decimal": "decimal(14,2)", "decimal4": "decimal(14,4)"}
    expected = {
        name: {c.name: types.get(c.type, c.type) for c in table.columns.values()} for name, table in TABLES.items()
    }
    described = yaml.safe_load((SEEDS_DIR / "_seeds.yml").read_text(encoding="utf-8"))["seeds"]
    assert {seed["name"]: seed["config"]["column_types"] for seed in described} == expected
    for name, columns in expected.items():
        model = yaml.safe_load((MODELS / f"ref_{name}.yml").read_text(encoding="utf-8"))["models"][0]
        assert {column["name"]: column["data_type"] for column in model["columns"]} == columns
        with (SEEDS_DIR / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == list(columns)
    assert {path.stem for path in SEEDS_DIR.glob("*.csv")} == set(TABLES)


MODELS: Path = SEEDS_DIR.parent / "dbt" / "models" / "core" / "reference"
