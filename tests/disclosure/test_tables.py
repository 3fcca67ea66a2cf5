"""The open tables keep the contract of the internal ones: the same columns and types, and a status for each figure."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml

from dagster_project.disclosure import tables
from dagster_project.releases.dbt_facts import Described
from dagster_project.settings import DBT_DIR
from tests.disclosure.warehouses import CITY, Stay, release


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    stay = Stay(1, CITY, "01", "somatic", 1, "80+", 3, False)
    return release(tmp_path_factory.mktemp("open") / "one", [stay], [])


@pytest.mark.parametrize("table", tables.KEYS)
def test_the_columns_are_the_internal_tables_with_a_status_behind_each_figure(
    files: dict[str, Path], table: str
) -> None:
    [path] = (DBT_DIR / "models" / "marts").rglob(f"{table}.yml")
    [model] = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    types = {"string": "VARCHAR", "integer": "INTEGER", "date": "DATE", "boolean": "BOOLEAN"}
    internal = {column["name"]: column["data_type"].upper() for column in model["columns"]}
    found = {row[0]: row[1] for row in duckdb.execute("describe from read_parquet(?)", [str(files[table])]).fetchall()}
    figures = [name for name in found if f"{name}_status" in found]
    assert [name for name in found if name.removesuffix("_status") not in figures or name in figures] == list(internal)
    assert {name: found[name] for name in internal} == {
        name: types.get(type_.lower(), type_) for name, type_ in internal.items()
    }
    keys = {"population", "indicator", "month", "year", "category", "severity", "reporting_party"} | {
        name for name in internal if name.endswith(("_code", "_id"))
    }
    others = {"payment_class", "model", "last_free_day", "care_area", "sex", "age_band", "status", "invoicing_active"}
    others |= {"target", "direction", "months_included"}
    assert set(figures) == set(internal) - keys - others


def test_every_column_is_described_and_the_totals_are_told() -> None:
    internal = Described(["month"], "utskrivningsklara dagar", "One row per month.", {"ready_days": "ready: days"})
    found = tables.described({"mart_ready_days_monthly": internal})["mart_ready_days_monthly"]
    assert found.text.startswith("One row per month. Open table:")
    assert found.columns["ready_days"] == "ready: days"
    assert found.columns["ready_days_status"].startswith("status för ready: shown; suppressed")
    assert found.primary_key[:3] == ["region_code", "month", "municipality_code"]
