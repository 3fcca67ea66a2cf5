"""What each reference table must look like, read from ``tables.yml``. No rows here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("tables.yml")


@dataclass(frozen=True)
class Lookup:
    """A column's value must be in ``column`` of ``table``, or one of ``others``."""

    table: str
    column: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """What ``tables.yml`` says of one column; ``None`` and empty where it says nothing."""

    name: str
    type: str
    required: bool
    values: tuple[str, ...]
    reserved: tuple[str, ...]
    length: int | None
    min: int | None
    max: int | None
    starts_with: str | None
    not_before: str | None
    references: Lookup | None


@dataclass(frozen=True)
class Dated:
    """Rows alike in ``group`` never overlap; those of ``unbroken`` groups cover every day from ``since`` on."""

    group: tuple[str, ...]
    whole_months: bool
    since: date | None
    unbroken: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Successor:
    """``column`` names a row whose ``of`` has that value, among the rows that are alike in ``within``."""

    column: str
    of: str
    within: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    name: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    dated: Dated | None
    successor: Successor | None
    every_year: str | None


def _column(name: str, given: dict[str, Any]) -> Column:
    lookup = given.get("references")
    return Column(
        name=name,
        type=given["type"],
        required=given.get("required", False),
        values=tuple(given.get("values", ())),
        reserved=tuple(given.get("reserved", ())),
        length=given.get("length"),
        min=given.get("min"),
        max=given.get("max"),
        starts_with=given.get("starts_with"),
        not_before=given.get("not_before"),
        references=Lookup(lookup["table"], lookup["column"], tuple(lookup.get("or", ()))) if lookup else None,
    )


def _dated(given: dict[str, Any] | None) -> Dated | None:
    if given is None:
        return None
    unbroken = given.get("unbroken", {"since": None, "groups": []})
    return Dated(
        group=tuple(given["group"]),
        whole_months=given.get("whole_months", False),
        since=unbroken["since"],
        unbroken=tuple(tuple(group) for group in unbroken["groups"]),
    )


def _successor(given: dict[str, Any] | None) -> Successor | None:
    return Successor(given["column"], given["of"], tuple(given["within"])) if given else None


def _table(name: str, given: dict[str, Any]) -> Table:
    return Table(
        name=name,
        key=tuple(given["key"]),
        columns={column: _column(column, facts) for column, facts in given["columns"].items()},
        dated=_dated(given.get("dated")),
        successor=_successor(given.get("successor")),
        every_year=given.get("every_year"),
    )


TABLES = {name: _table(name, given) for name, given in yaml.safe_load(_FILE.read_text(encoding="utf-8")).items()}
