"""The feeds contract as typed objects, read from ``feeds.yml``: the one place where a feed's columns are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FEEDS_FILE = Path(__file__).with_name("feeds.yml")


@dataclass(frozen=True)
class Column:
    """One column of a feed. ``kind`` is text, date, timestamp, boolean, integer, decimal, month or enum."""

    name: str
    kind: str
    length: int | None = None
    precision: int = 0
    scale: int = 0
    values: tuple[str, ...] = ()
    required: bool = False
    future: bool = False
    person_id: bool = False
    stored_as: str = ""
    stored_type: str = ""
    kept: bool = True

    @property
    def sql_type(self) -> str:
        """The type of the column in bronze. A timestamp is two columns there, see ``bronze_columns``."""
        if self.kind == "decimal":
            return f"DECIMAL({self.precision},{self.scale})"
        kinds = {
            "date": "DATE",
            "month": "DATE",
            "boolean": "BOOLEAN",
            "integer": "INTEGER",
            "timestamp": "TIMESTAMPTZ",
        }
        return kinds.get(self.kind, "INTEGER" if self.stored_type == "integer" else "VARCHAR")

    @property
    def bronze_columns(self) -> dict[str, str]:
        """Name → SQL type of what the column becomes in bronze."""
        columns = {self.stored_as: self.sql_type}
        if self.kind == "timestamp":
            columns[f"{self.name}_local"] = "TIMESTAMP"
        return columns


@dataclass(frozen=True)
class Feed:
    """A feed: its columns in the contract's order, its key, and the rules of its own that quarantine or report."""

    name: str
    description: str
    required: bool
    key: tuple[str, ...]
    columns: dict[str, Column]
    rules: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()

    @property
    def person_ids(self) -> list[Column]:
        return [column for column in self.columns.values() if column.person_id]

    @property
    def bronze_columns(self) -> dict[str, str]:
        """Name → SQL type of every column of the feed's bronze Parquet, in order."""
        columns = {name: kind for column in self.columns.values() for name, kind in column.bronze_columns.items()}
        return columns | {"delivery_month": "DATE", "version": "INTEGER", "file": "VARCHAR", "line": "BIGINT"}


def _column(name: str, facts: dict[str, Any]) -> Column:
    kind, _, arguments = facts["type"].partition("(")
    numbers = [int(number) for number in re.findall(r"\d+", arguments)]
    return Column(
        name=name,
        kind=kind,
        length=numbers[0] if kind == "text" and numbers else None,
        precision=numbers[0] if kind == "decimal" else 0,
        scale=numbers[1] if kind == "decimal" else 0,
        values=tuple(facts.get("values", ())),
        required=facts.get("required", False),
        future=facts.get("future", False),
        person_id=facts.get("person_id", False),
        stored_as=facts.get("stored_as", name),
        stored_type=facts.get("stored_type", ""),
        kept=facts.get("stored", True),
    )


@cache
def feeds() -> dict[str, Feed]:
    """Every feed by name, in the contract's order."""
    document = yaml.safe_load(FEEDS_FILE.read_text(encoding="utf-8"))
    return {
        name: Feed(
            name=name,
            description=facts["description"],
            required=facts["required"],
            key=tuple(facts["key"]),
            columns={column: _column(column, given) for column, given in facts["columns"].items()},
            rules=tuple(facts.get("rules", ())),
            reports=tuple(facts.get("reports", ())),
        )
        for name, facts in document.items()
    }
