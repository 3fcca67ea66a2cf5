"""The same months told by four releases: what a later delivery may move, and what it must not.

The faults looked for are those that other implementations have had: a row that never was within reach moves a window,
stays within stays are thrown out, ids change when rows arrive, a month is final before its last days are.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.rules import bronze
from tests.rules.compiled import build_like
from tests.rules.conftest import Built
from tests.rules.scenario import case, message, stay

Rows = dict[str, list[dict[str, Any]]]
Figures = dict[tuple[str, str, str], Any]

NO_KEYS = ("region_code", "month", "status", "missing_for_verdict")

JANUARY, FEBRUARY, MARCH = "2020-01-01", "2020-02-01", "2020-03-01"
PLACE = {"district_code": "21", "birth_date": "1940-02-29"}


def of(month: str, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"delivery_month": month}


def ready(month: str, name: str, notified: str, notice: str) -> Rows:
    """A case in order: admission notice in time, ready notice, no plan needed."""
    return {
        "cases": [of(month, case(f"c_{name}", name))],
        "messages": [
            of(month, message(f"a_{name}", f"c_{name}", "admission_notice", notified)),
            of(month, message(f"m_{name}", f"c_{name}", "ready_notice", notice)),
        ],
    }


def together(*parts: Rows) -> Rows:
    feeds = {feed for part in parts for feed in part}
    return {feed: [row for part in parts for row in part.get(feed, [])] for feed in sorted(feeds)}


def stays(month: str, *rows: dict[str, Any]) -> Rows:
    return {"episodes": [of(month, row) for row in rows]}


IN_JANUARY = together(
    stays(
        JANUARY,
        stay("index", "p_index", "2020-01-20 10:00", "2020-01-29 10:00", **PLACE),
        stay("waiting", "p_waiting", "2020-01-20 10:00", None, **PLACE),
        stay("settled", "p_settled", "2020-01-05 10:00", "2020-01-15 10:00", **PLACE),
        stay("unsent", "p_unsent", "2020-01-05 10:00", None, **PLACE),
        # A stay within a stay, one that overlaps only the first, and a transfer on the day that this one ends.
        stay("outer", "p_chain", "2020-01-02 10:00", "2020-01-20 10:00", **PLACE),
        stay("inner", "p_chain", "2020-01-05 10:00", "2020-01-07 10:00", **PLACE),
        stay("chained", "p_chain", "2020-01-19 10:00", "2020-01-22 10:00", **PLACE),
        stay("same_day", "p_chain", "2020-01-22 23:00", "2020-01-24 10:00", **PLACE),
        stay("next_day", "p_chain", "2020-01-25 10:00", "2020-01-28 10:00", **PLACE),
        stay("reserve", "p_reserve", "2020-01-10 10:00", "2020-01-14 10:00", **PLACE),
        stay("person", "p_person", "2020-01-16 10:00", "2020-01-18 10:00", **PLACE),
    ),
    ready(JANUARY, "waiting", "2020-01-20 11:00", "2020-01-28 09:00"),
    ready(JANUARY, "settled", "2020-01-05 11:00", "2020-01-08 09:00"),
)
IN_FEBRUARY = together(
    stays(
        FEBRUARY,
        stay("waiting", "p_waiting", "2020-01-20 10:00", "2020-02-03 10:00", **PLACE),
        stay("again", "p_index", "2020-02-02 10:00", "2020-02-29 10:00", **PLACE),
        stay("sent", "p_unsent", "2020-02-15 10:00", "2020-02-20 10:00", **PLACE),
    ),
    {
        "identity_links": [
            {
                "old_person_key": "p_reserve",
                "new_person_key": "p_person",
                "linked_at": FEBRUARY,
                "delivery_month": FEBRUARY,
            }
        ]
    },
)
IN_MARCH = together(
    # Ids that sort before all others, and a person who is known, admitted after the month.
    stays(
        MARCH,
        stay("a_new", "a_person", "2020-03-05 10:00", "2020-03-12 10:00", **PLACE),
        stay("after", "p_settled", "2020-04-01 00:00", None, **PLACE),
        stay("seventh", "p_index", "2020-03-07 23:59", "2020-03-09 10:00", **PLACE),
    ),
    ready(MARCH, "a_new", "2020-03-05 11:00", "2020-03-06 09:00"),
)
CORRECTED = stays(MARCH, stay("settled", "p_settled", "2020-01-05 10:00", "2020-01-14 10:00", **PLACE))


@dataclass(frozen=True)
class Vintage:
    """A release's tables, as its warehouse holds them."""

    warehouse: Path

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(self.warehouse), read_only=True)
        connection.execute("set TimeZone = 'UTC'")
        return connection

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    @cached_property
    def figures(self) -> Figures:
        """Every figure of every mart with a month, by table, key (with the month first) and column."""
        found: Figures = {}
        tables = self.rows(
            "select table_name from duckdb_columns() where column_name = 'month' and table_name like 'mart_%' "
            "and schema_name = 'main' order by 1"
        )
        for (table,) in tables:
            columns = self.rows(
                "select column_name, data_type from duckdb_columns() "
                f"where table_name = '{table}' order by column_index"
            )
            figures = [name for name, kind in columns if kind.startswith(("INTEGER", "DECIMAL", "BOOLEAN"))]
            keys = [name for name, kind in columns if name not in (*figures, *NO_KEYS)]
            named = ", ".join(f'"{name}"' for name in ["month", *keys, *figures])
            for row in self.rows(f"select {named} from {table}"):
                key = "|".join(str(value) for value in row[: len(keys) + 1])
                for name, value in zip(figures, row[len(keys) + 1 :], strict=True):
                    found[table, key, name] = value
        return found

    def through(self, month_end: str) -> Figures:
        return {place: value for place, value in self.figures.items() if place[1][:10] <= month_end}

    def headline(self, month: str) -> tuple[Any, ...]:
        [row] = self.rows(
            "select index_discharges, readmissions, status from mart_readmissions_headline "
            f"where month = '{month}' and population = 'all'"
        )
        return row


@pytest.fixture(scope="module")
def vintages(built: Built, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Vintage]:
    home = tmp_path_factory.mktemp("vintages")
    deliveries = {
        "2020-01": [IN_JANUARY],
        "2020-02": [IN_JANUARY, IN_FEBRUARY],
        "2020-03": [IN_JANUARY, IN_FEBRUARY, IN_MARCH],
        "2020-03 corrected": [IN_JANUARY, IN_FEBRUARY, IN_MARCH, CORRECTED],
    }
    found = {}
    for name, parts in deliveries.items():
        warehouse = home / name / built.warehouse.name
        warehouse.parent.mkdir()
        bronze.build(warehouse, together(*parts), month=name[:7], first_month="2020-01")
        build_like(built.warehouse, built.target, warehouse)
        found[name] = Vintage(warehouse)
    return found


def test_the_months_last_days_are_completed_by_the_next_delivery(vintages: dict[str, Vintage]) -> None:
    told = [vintages[name].headline(JANUARY) for name in ("2020-01", "2020-02", "2020-03")]
    # Discharged on 29 January and readmitted on 2 February; two of January's stays are one person's since the link.
    assert told == [(6, 1, "preliminary"), (6, 3, "final"), (6, 3, "final")]
    waiting = "select ready_days, open_at_month_end from mart_ready_days_monthly where month = '2020-01-01'"
    assert vintages["2020-01"].rows(waiting) == [(7 + 4, 1)]
    assert vintages["2020-02"].rows(waiting) == [(7 + 4, 1)]


def test_a_later_months_delivery_changes_no_final_figure(vintages: dict[str, Vintage]) -> None:
    before, after = vintages["2020-02"].through(JANUARY), vintages["2020-03"].through(JANUARY)
    assert len(before) > 300
    assert {place: after.get(place) for place in before | after if before.get(place) != after.get(place)} == {}


def test_a_late_correction_changes_exactly_what_it_should(vintages: dict[str, Vintage]) -> None:
    """A discharge a day earlier: 6 ready days and p = 6 in place of 7, in the only interval of the month's mean."""
    before, after = vintages["2020-03"].figures, vintages["2020-03 corrected"].figures
    moved = {place: (before.get(place), after.get(place)) for place in before | after}
    moved = {place: values for place, values in moved.items() if values[0] != values[1]}
    assert {key.split("|")[0] for _, key, _ in moved} == {JANUARY}
    found: dict[str, dict[str, tuple[Any, Any]]] = {}
    for (table, key, figure), values in moved.items():
        found.setdefault(f"{table} {key.split('|')[-1]}" if "bands" in table else table, {})[figure] = values
    kronor = (Decimal(41000), Decimal(32800))
    mean = (Decimal(7), Decimal(6))
    assert found == {
        "mart_ready_days_monthly": {
            "ready_days": (11, 10),
            "ready_days_of_discharged": (7, 6),
            "beds_equivalent": (Decimal("0.3548"), Decimal("0.3226")),
        },
        "mart_ready_days_by_hospital_monthly": {"ready_days": (11, 10)},
        "mart_ready_day_bands_monthly 7-13": {"intervals": (1, None), "ready_days": (7, None)},
        "mart_ready_day_bands_monthly 4-6": {"intervals": (None, 1), "ready_days": (None, 6)},
        "mart_definition_bridge_monthly": {
            "ready_days": (11, 10),
            "ready_days_of_discharged": (7, 6),
            "mean_including_day_zero": mean,
            "mean_excluding_day_zero": mean,
        },
        "mart_payment_responsibility_monthly": {
            "sum_days": (7, 6),
            "mean_days": mean,
            "liable_days": (5, 4),
            "liable_days_alternative": (5, 4),
            "amount": kronor,
            "amount_to_invoice": kronor,
        },
        "mart_payment_responsibility_district_monthly": {"sum_days": (7, 6), "liable_days_alternative": (5, 4)},
        "mart_invoice_basis": {"days": (5, 4), "amount": kronor, "amount_to_invoice": kronor},
        "mart_invoice_reconciliation": {"expected_amount": kronor, "adjustment": kronor},
        "mart_billing_readiness_monthly": {"value": kronor},
    }


def test_stays_within_stays_and_chains_are_one_spell_and_none_is_thrown_out(vintages: dict[str, Vintage]) -> None:
    for name in ("2020-01", "2020-03"):
        spells = "select spell_id, stays from fct_spells where person_key = 'p_chain' order by admitted_at"
        assert vintages[name].rows(spells) == [("outer", 4), ("next_day", 1)]


def test_ids_are_the_same_whatever_arrives_later(vintages: dict[str, Vintage]) -> None:
    ids = "select spell_id from fct_spells union all select interval_id from fct_readiness_intervals"
    earlier, later = (set(vintages[name].rows(ids)) for name in ("2020-02", "2020-03"))
    assert later - earlier == {("a_new",), ("m_a_new",), ("seventh",)}
    assert earlier <= later


def test_a_stay_before_the_discharge_is_no_readmission(vintages: dict[str, Vintage]) -> None:
    # All but the first have an unplanned stay before and none after: days counted the other way round would find it.
    rows = vintages["2020-03"].rows(
        "select spell_id, is_readmitted from rules.int_readmissions__index_spells "
        "where spell_id in ('index', 'next_day', 'person', 'seventh') order by 1"
    )
    assert rows == [("index", True), ("next_day", False), ("person", False), ("seventh", False)]


def test_the_seventh_day_counts_across_a_leap_day_and_whatever_the_hour(vintages: dict[str, Vintage]) -> None:
    # Discharged on 29 February at 10, admitted on 7 March a minute before midnight. Born on a leap day: 79, 80 on this.
    readmitted = "select is_readmitted, age_band from rules.int_readmissions__index_spells where spell_id = 'again'"
    assert vintages["2020-03"].rows(readmitted) == [(True, "80+")]
    assert vintages["2020-02"].rows(readmitted) == [(False, "80+")]


def test_a_discharge_that_was_never_sent_counts_at_the_next_admission(vintages: dict[str, Vintage]) -> None:
    told = "select stays, is_open, discharge_destination from fct_spells where spell_id = 'unsent'"
    assert vintages["2020-01"].rows(told) == [(1, True, None)]
    assert vintages["2020-02"].rows(told) == [(2, False, "home")]


def test_a_stay_after_the_month_moves_nothing(vintages: dict[str, Vintage]) -> None:
    assert vintages["2020-03"].rows("select count(*) from fct_spells where spell_id = 'after'") == [(0,)]
    assert vintages["2020-03"].rows(
        "select is_readmitted from rules.int_readmissions__index_spells where spell_id = 'settled'"
    ) == [(False,)]
