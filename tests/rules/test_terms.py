"""The published tables speak the agreement's language: every column has the Swedish term of seeds/terms.csv."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from dagster_project.releases import audit_gate
from dagster_project.revisions import mart_revisions
from dagster_project.settings import DBT_DIR, SEEDS_DIR
from tests.rules import bronze

PUBLISHED = ("dim_", "fct_", "mart_", "audit_")


@cache
def terms() -> dict[str, dict[str, str]]:
    with (SEEDS_DIR / "terms.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def models() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted((DBT_DIR / "models").rglob("*.yml")):
        found += yaml.safe_load(path.read_text(encoding="utf-8")).get("models", [])
    return found


def published() -> list[Any]:
    return [pytest.param(model, id=model["name"]) for model in models() if model["name"].startswith(PUBLISHED)]


@pytest.mark.parametrize("model", published())
def test_each_column_has_the_term_of_the_terms_table(model: dict[str, Any]) -> None:
    wrong = []
    for column in model["columns"]:
        name = column["name"]
        term = terms().get(f"{model['name']}.{name}") or terms().get(name)
        given = column.get("config", {}).get("meta", {}).get("term_sv")
        if term is None or term["term_sv"] != given:
            wrong.append((name, given, term and term["term_sv"]))
    assert wrong == []


@pytest.mark.parametrize("table", [audit_gate, mart_revisions])
def test_each_column_of_a_table_that_tells_of_releases_has_its_term_too(table: ModuleType) -> None:
    given = {name: term for name, (_, term, _) in table.COLUMNS.items()}
    known = terms()
    assert given == {name: (known.get(f"{table.TABLE}.{name}") or known[name])["term_sv"] for name in given}
    assert table.DESCRIBED.text.startswith("One row per ")


@pytest.mark.parametrize("model", published())
def test_the_first_sentence_states_the_grain(model: dict[str, Any]) -> None:
    assert model["description"].startswith("One row per ")
    assert model["config"]["meta"]["term_sv"]


def test_every_term_is_whole_and_named_once() -> None:
    with (SEEDS_DIR / "terms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["name"] for row in rows}) == len(rows)
    assert [row for row in rows if not all(row.values())] == []


@pytest.mark.parametrize("feed", bronze.FEEDS)
def test_staging_names_every_column_of_the_feeds_contract(feed: str) -> None:
    sql = Path(DBT_DIR / "models" / "staging" / f"stg_{feed}.sql").read_text(encoding="utf-8")
    words = set(sql.replace(",", " ").replace("(", " ").replace(")", " ").split())
    assert set(bronze.columns(feed)) - words == set()
