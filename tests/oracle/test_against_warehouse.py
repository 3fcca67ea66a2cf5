"""The SQL against the second implementation: a warehouse per region, built from adversarial deliveries as any other.

Each window's deliveries span a change of agreement, rate, district or year (random_feeds.WINDOWS). Some are also
released for an earlier month, from the same landing zone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.settings import PROJECT_ROOT, Settings, private_directory
from dagster_project.warehouse import candidate, dbt_arguments
from tests.deliveries import write_delivery
from tests.oracle import annual, compare, marts, random_feeds
from tests.oracle.feeds import Deliveries, Frozen, InForce, add_up
from tests.oracle.random_feeds import WINDOWS, Window
from tests.rules import compiled

SEED = 20260401
CASES = 4000


def deliveries_of(window: Window, seed: int = SEED, persons: int = 1800) -> Deliveries:
    made = random_feeds.random_deliveries(seed, window.region, window.first, window.last, persons)
    for month in window.releases:
        owed = marts.release(made, window.region, month)["mart_payment_responsibility_monthly"]
        made = random_feeds.with_invoices(made, month, owed, window.region, seed)
    return made


def land(deliveries: Deliveries, region: str, landing: Path) -> None:
    for month, feeds in deliveries.items():
        write_delivery(landing, region, month, **feeds)


def frozen_of(deliveries: Deliveries, window: Window, month: str, seed: int = SEED) -> Frozen:
    reconciled = marts.release(deliveries, window.region, month)["mart_invoice_reconciliation"]
    return random_feeds.frozen_amounts(reconciled, month, window.region, seed)


def build(settings: Settings, region: str, month: str, frozen: Frozen, like: Path | None = None) -> Path:
    """The way of a release as far as the published tables, without the gate; returns the warehouse file.

    ``frozen`` takes the place of what earlier releases said. The SQL is that of ``like``, a warehouse which dbt built
    before: dbt compiles the same for every candidate. Without it dbt itself builds.
    """
    sources = candidate.collect(settings, region, month)
    inputs = candidate.gather_inputs(settings, region, month, sources)
    directory = candidate.prepare(settings, inputs, sources)
    warehouse = directory / "warehouse.duckdb"
    freeze(warehouse, frozen)
    if like is not None:
        compiled.build_like(like, like.parent / "dbt", warehouse)
        return warehouse
    arguments = [*dbt_arguments.build(private_directory(directory / "dbt")), "--select", "+path:models/marts"]
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--quiet", *arguments],
        cwd=PROJECT_ROOT,
        env=os.environ | {dbt_arguments.WAREHOUSE_VARIABLE: str(warehouse), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return warehouse


def freeze(warehouse: Path, frozen: Frozen) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        for care_month, said in frozen.items():
            connection.execute("insert into released.frozen_months values (?, 'r01')", [care_month])
            for (payer, payment_class), amount in said.items():
                connection.execute(
                    "insert into released.frozen_amounts values (?, ?, ?, ?)",
                    [care_month, payer, payment_class, amount],
                )


def name_of(window: Window) -> str:
    return f"{window.region}-{window.last}"


@pytest.fixture(scope="module")
def built_by_dbt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("dbt")
    settings = Settings(home, home / "landing")
    window = WINDOWS[-1]
    land(deliveries_of(window, persons=20), window.region, settings.landing)
    return build(settings, window.region, window.last, {})


@pytest.mark.parametrize("window", WINDOWS, ids=name_of)
def test_the_warehouse_says_what_the_rules_say(window: Window, built_by_dbt: Path, tmp_path: Path) -> None:
    settings = Settings(tmp_path, tmp_path / "landing")
    deliveries = deliveries_of(window)
    land(deliveries, window.region, settings.landing)
    for month in window.releases:
        frozen = frozen_of(deliveries, window, month)
        warehouse = build(settings, window.region, month, frozen, built_by_dbt)
        expected = marts.release(deliveries, window.region, month, frozen, with_years=True)
        differences = compare.compare(warehouse, expected)
        assert not differences, "\n".join([f"release of {month}:", *differences])


@pytest.mark.parametrize("window", WINDOWS, ids=name_of)
def test_the_deliveries_are_many_and_reach_every_rule(window: Window) -> None:
    deliveries = random_feeds.random_deliveries(SEED, window.region, window.first, window.last)
    given = add_up(deliveries, window.region, window.last)
    tables = marts.tables(given)
    delivered = {row["case_id"] for feeds in deliveries.values() for row in feeds["cases"]}
    codes = {code for row in tables["fct_readiness_intervals"] for code in (row["reason_codes"] or "").split("|")}
    reasons = {row["end_reason"] for row in tables["fct_readiness_intervals"]}
    assert len(delivered) >= CASES
    assert given.orphans
    assert reasons == {"withdrawn", "discharged", "deceased", "open"}
    assert len(codes - {"", "NO_AGREEMENT"}) == 9
    assert any(row["stays"] > 2 for row in tables["fct_spells"])


def test_a_window_has_the_same_months_of_two_years() -> None:
    spans = [(date.fromisoformat(f"{one.first}-01"), date.fromisoformat(f"{one.last}-01")) for one in WINDOWS]
    years = [annual.years_through(InForce("01", first, last)) for first, last in spans]
    assert any(year.before for found in years for year in found.values())
