"""The comparison finds what it is there to find, and shows no person key."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.oracle.compare import compare

SPELL = {"region_code": "24", "spell_id": "E1", "person_key": "one", "admitted_at": datetime(2020, 1, 1, 9, tzinfo=UTC)}
OTHER = SPELL | {"spell_id": "E2"}
MONTH: dict[str, Any] = {
    "month": date(2020, 1, 1), "municipality_code": "2480", "payment_class": "somatic", "agreement_id": "a",
    "mean_days": Decimal("2.5000"),
}  # fmt: skip


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create table fct_spells (
                region_code varchar, spell_id varchar, person_key varchar, admitted_at timestamptz
            );
            insert into fct_spells values
                ('24', 'E1', 'abc', '2020-01-01 10:00:00+01:00'), ('24', 'E2', 'abc', '2020-01-01 09:00:00Z');
            create table mart_payment_responsibility_monthly as
            select date '2020-01-01' as month, '2480' as municipality_code, 'somatic' as payment_class,
                'a' as agreement_id, 2.5::decimal(12, 4) as mean_days
            """
        )
    return path


def differences(warehouse: Path, spells: list[dict[str, Any]], months: list[dict[str, Any]]) -> list[str]:
    return compare(warehouse, {"fct_spells": spells, "mart_payment_responsibility_monthly": months})


def test_the_same_rows_do_not_differ(warehouse: Path) -> None:
    assert differences(warehouse, [SPELL, OTHER], [MONTH]) == []


@pytest.mark.parametrize(
    ("spells", "months", "said"),
    [
        ([SPELL], [MONTH], "fct_spells: spell_id E2: not expected"),
        ([SPELL, OTHER, SPELL | {"spell_id": "E3"}], [MONTH], "fct_spells: spell_id E3: missing"),
        ([SPELL, OTHER | {"person_key": "two"}], [MONTH], "E2: person_key is 'person of E1', expected 'person of E2'"),
        ([SPELL, OTHER | {"admitted_at": datetime(2020, 1, 1, 8, tzinfo=UTC)}], [MONTH], "E2: admitted_at is"),
        ([SPELL, OTHER], [MONTH | {"mean_days": Decimal("2.5001")}], "mean_days is Decimal('2.5000')"),
        ([SPELL, OTHER], [MONTH | {"mean_days": None}], "mean_days is Decimal('2.5000'), expected None"),
    ],
)
def test_a_difference_is_told(
    warehouse: Path, spells: list[dict[str, Any]], months: list[dict[str, Any]], said: str
) -> None:
    found = differences(warehouse, spells, months)
    assert any(said in line for line in found)
    assert not any("abc" in line for line in found)


def test_what_is_not_built_is_a_difference(warehouse: Path) -> None:
    expected = {"fct_spells": [SPELL | {"age": 70}, OTHER | {"age": 70}], "mart_invoice_basis": [MONTH]}
    assert compare(warehouse, expected) == ["fct_spells: has no age", "mart_invoice_basis: is not built"]
