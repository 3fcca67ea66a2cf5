"""A table as JSON-stat 2.0, for those who know the format from SCB: a cube of the key's columns and the figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dagster_project.packages.tables import Column, Package, Table

FIGURE = "figure"
_ROLES = {"month": "time", "year": "time", "municipality_code": "geo", "district_code": "geo", FIGURE: "metric"}


def write(package: Package, table: Table, rows: Sequence[Sequence[str | None]], path: Path) -> None:
    """Write the cube; ``rows`` are in the form ``csv``. A cell that is not there is no row, or an empty figure.

    ``status`` has what ``<figure>_status`` says of a figure, so that a hidden one is told from a missing one.
    """
    places = {column.name: place for place, column in enumerate(table.columns)}
    dimensions = [table.columns[places[name]] for name in table.dimensions]
    figures = [
        (place, column)
        for place, column in enumerate(table.columns)
        if column.kind.field["type"] in ("integer", "number") and column not in dimensions
    ]
    codes = [sorted({str(row[places[column.name]]) for row in rows}) for column in dimensions]
    size = [*map(len, codes), len(figures)]
    positions = [{code: position for position, code in enumerate(listed)} for listed in codes]
    value: dict[str, int | float] = {}
    status: dict[str, str] = {}
    for row in rows:
        cell = 0
        for column, of_code, length in zip(dimensions, positions, size, strict=False):
            cell = cell * length + of_code[str(row[places[column.name]])]
        for number, (place, column) in enumerate(figures, cell * len(figures)):
            text, said = row[place], table.hidden_by.get(place)
            if text is not None:
                value[str(number)] = int(text) if column.kind.field["type"] == "integer" else _decimal(text)
            if said is not None:
                status[str(number)] = str(row[said])
    names = [*table.dimensions, FIGURE]
    facts = {
        "version": "2.0",
        "class": "dataset",
        "label": table.title,
        "source": "; ".join(package.sources),
        "updated": package.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "id": names,
        "size": size,
        "role": {
            role: [name for name in names if _ROLES.get(name) == role]
            for role in ("time", "geo", "metric")
            if any(_ROLES.get(name) == role for name in names)
        },
        "dimension": {
            **{
                column.name: {"label": column.title, "category": {"index": listed}}
                for column, listed in zip(dimensions, codes, strict=True)
            },
            FIGURE: {"label": "uppgift", "category": _category([column for _, column in figures])},
        },
        "value": value,
        **({"status": status} if status else {}),
        "extension": {"isSynthetic": package.is_synthetic},
    }
    path.write_text(json.dumps(facts, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def _category(figures: Sequence[Column]) -> dict[str, Any]:
    return {
        "index": [column.name for column in figures],
        "label": {column.name: column.title for column in figures},
        "unit": {column.name: {"label": column.unit} for column in figures if column.unit},
    }


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))
