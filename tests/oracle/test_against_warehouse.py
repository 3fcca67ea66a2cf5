"""The SQL against the second implementation: a warehouse per region, built from adversarial deliveries as any other.

Each window's deliveries span a change of agreement, rate, district or year (random_feeds.WINDOWS). Some are also
released for an earlier month, from the same landing zone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dagster_project.settings import PROJECT_ROOT, Settings, private_directory
from dagster_project.warehouse import candidate, dbt_arguments
from tests.deliveries import write_delivery
from tests.oracle import compare, marts, random_feeds
from tests.oracle.feeds import Deliveries, add_up
from tests.oracle.random_feeds import WINDOWS, Window

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


def build(settings: Settings, region: str, month: str) -> Path:
    """The way of a release as far as the published tables, without the gate; returns the warehouse file."""
    deliveries, reference = candidate.collect(settings, region, month)
    inputs = candidate.gather_inputs(settings, region, month, deliveries, reference)
    directory = candidate.prepare(settings, inputs, deliveries, reference)
    warehouse, target = directory / "warehouse.duckdb", private_directory(directory / "dbt")
    arguments = [*dbt_arguments.build(target), "--select", "+path:models/marts"]
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


@pytest.fixture(scope="session")
def landed(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> tuple[Settings, Deliveries]:
    window: Window = request.param
    home = tmp_path_factory.mktemp(f"oracle-{window.region}")
    settings = Settings(home, home / "landing")
    deliveries = deliveries_of(window)
    land(deliveries, window.region, settings.landing)
    return settings, deliveries


@pytest.mark.parametrize(
    ("landed", "region", "month"),
    [
        pytest.param(
            window,
            window.region,
            month,
            marks=pytest.mark.xdist_group(f"oracle-{window.region}-{window.first}"),
            id=f"{window.region}-{month}",
        )
        for window in WINDOWS
        for month in window.releases
    ],
    indirect=["landed"],
    scope="session",
)
def test_the_warehouse_says_what_the_rules_say(landed: tuple[Settings, Deliveries], region: str, month: str) -> None:
    settings, deliveries = landed
    expected = marts.release(deliveries, region, month)
    differences, _ = compare.compare(build(settings, region, month), expected)
    assert not differences, "\n".join(differences)


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: f"{window.region}-{window.last}")
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
