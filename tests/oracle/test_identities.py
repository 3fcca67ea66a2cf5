"""What must hold between the second implementation's own tables: it is held to the sums of the rules as the SQL is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from tests.oracle import clock, marts, random_feeds

Tables = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module", params=random_feeds.WINDOWS, ids=lambda window: f"{window.region}-{window.last}")
def tables(request: pytest.FixtureRequest) -> Tables:
    window: random_feeds.Window = request.param
    deliveries = random_feeds.random_deliveries(7, window.region, window.first, window.last, persons=300)
    return marts.release(deliveries, window.region, window.last)


def total(rows: list[dict[str, Any]], figure: str, **where: Any) -> Any:
    return sum(row[figure] or 0 for row in rows if all(row[name] == value for name, value in where.items()))


def months_of(rows: list[dict[str, Any]]) -> set[date]:
    return {row["month"] for row in rows}


def test_the_bridge_leaves_no_residual_and_its_stock_adds_up(tables: Tables) -> None:
    for row in tables["mart_definition_bridge_monthly"]:
        assert row["residual"] == 0
        ended = row["discharged"] + row["withdrawn"] + row["deceased"]
        assert row["ready_at_start"] + row["became_ready"] - ended == row["ready_at_end"]


def test_who_is_ready_at_the_end_is_ready_at_the_next_start(tables: Tables) -> None:
    rows = tables["mart_definition_bridge_monthly"]
    for month in months_of(rows):
        following = clock.next_month(month)
        if following in months_of(rows):
            assert total(rows, "ready_at_end", month=month) == total(rows, "ready_at_start", month=following)


def test_ready_days_are_the_same_by_payer_by_hospital_and_in_the_bridge(tables: Tables) -> None:
    by_payer = tables["mart_ready_days_monthly"]
    for month in months_of(by_payer):
        for figure in ("ready_days", "intervals_discharged", "open_at_month_end"):
            of_hospitals = total(tables["mart_ready_days_by_hospital_monthly"], figure, month=month)
            assert total(by_payer, figure, month=month) == of_hospitals
        for figure in ("ready_days", "ready_days_of_discharged"):
            of_bridge = total(tables["mart_definition_bridge_monthly"], figure, month=month)
            assert total(by_payer, figure, month=month) == of_bridge
        bands = tables["mart_ready_day_bands_monthly"]
        assert total(by_payer, "intervals_discharged", month=month) == total(bands, "intervals", month=month)
        assert total(by_payer, "ready_days_of_discharged", month=month) == total(bands, "ready_days", month=month)


def test_the_invoice_basis_adds_up_to_payment_responsibility(tables: Tables) -> None:
    for row in tables["mart_payment_responsibility_monthly"]:
        key = {name: row[name] for name in ("month", "municipality_code", "payment_class", "agreement_id")}
        assert total(tables["mart_invoice_basis"], "days", **key) == row["liable_days"]
        if row["amount"] is not None:
            assert total(tables["mart_invoice_basis"], "amount", **key) == row["amount"]


def test_districts_add_up_to_their_payer(tables: Tables) -> None:
    for row in tables["mart_payment_responsibility_monthly"]:
        key = {name: row[name] for name in ("month", "municipality_code", "payment_class", "agreement_id")}
        if row["municipality_code"] == "0180":
            for figure in ("intervals", "sum_days", "liable_days_alternative"):
                assert total(tables["mart_payment_responsibility_district_monthly"], figure, **key) == (
                    row[figure] or 0
                )


def test_liable_days_are_one_by_one_what_their_interval_says(tables: Tables) -> None:
    for row in tables["fct_readiness_intervals"]:
        dates = [day for day in tables["fct_liable_days"] if day["interval_id"] == row["interval_id"]]
        if row["model"] == "individual":
            assert len(dates) == row["liable_days"]
            assert row["is_liable"] or not dates
        else:
            assert not dates


def test_the_headline_is_part_of_the_readmissions(tables: Tables) -> None:
    by_age = [
        row
        for row in tables["mart_readmissions_monthly"]
        if row["age_band"] in ("65-79", "80+") and row["care_area"] in ("somatic", "geriatric")
    ]
    for figure in ("index_discharges", "readmissions"):
        assert total(tables["mart_readmissions_headline"], figure) == total(by_age, figure)
    for row in tables["mart_readmissions_headline"]:
        assert Decimal(0) <= row["share_low"] <= row["share"] <= row["share_high"] <= Decimal(1)


def test_stays_are_in_one_spell_each(tables: Tables) -> None:
    spells = tables["fct_spells"]
    assert len({row["spell_id"] for row in spells}) == len(spells)
    by_person: dict[str, list[dict[str, Any]]] = {}
    for row in spells:
        by_person.setdefault(row["person_key"], []).append(row)
    for of_person in by_person.values():
        of_person.sort(key=lambda row: row["admitted_at"])
        for one, following in pairwise(of_person):
            assert not one["is_open"]
            assert clock.date_of(one["discharged_at"]) < clock.date_of(following["admitted_at"])
