"""What the dbt project says about the published tables: key, description, Swedish terms (from dbt's manifest.json)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagster_project.errors import LusError


@dataclass(frozen=True)
class Described:
    """A table's primary key, its Swedish term, and the texts beside the table and its columns (by column name)."""

    primary_key: list[str] = field(default_factory=list)
    term_sv: str = ""
    text: str = ""
    columns: dict[str, str] = field(default_factory=dict)


def described_tables(manifest: Path) -> dict[str, Described]:
    """By table name, for every model of schema ``main``; its key is the one that a dbt test proves unique.

    Raises LusError where the manifest cannot be read.
    """
    try:
        nodes = dict(json.loads(manifest.read_text(encoding="utf-8"))["nodes"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LusError(
            f"{manifest} is missing or is not dbt's manifest: the candidate was not built to the end. Run the month "
            "again."
        ) from error
    keys = _tested_keys(nodes.values())
    return {
        str(node.get("alias") or node["name"]): _described(node, keys.get(unique_id, []))
        for unique_id, node in nodes.items()
        if node.get("resource_type") == "model" and node.get("schema") == "main"
    }


def with_term(description: str, term_sv: str) -> str:
    """A column's text with its Swedish term in front, as ``Utskrivningsklar dag: …``."""
    return ": ".join(part for part in (term_sv, description) if part)


def _tested_keys(nodes: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """By model, the columns of its test ``unique_key`` or ``unique_row``, or else the one that is tested ``unique``."""
    keys: dict[str, list[str]] = {}
    for node in nodes:
        test = node.get("test_metadata") or {}
        arguments = test.get("kwargs") or {}
        if test.get("name") in ("unique_key", "unique_row"):
            keys[str(node.get("attached_node"))] = [str(column) for column in arguments["key"]]
        elif test.get("name") == "unique":
            keys.setdefault(str(node.get("attached_node")), [str(arguments["column_name"])])
    return keys


def _described(node: dict[str, Any], primary_key: list[str]) -> Described:
    term = _one_line(_meta(node).get("term_sv"))
    return Described(
        primary_key=primary_key,
        term_sv=term,
        text=_one_line(node.get("description")) + (f" Swedish term: {term}." if term else ""),
        columns={
            str(name): with_term(_one_line(column.get("description")), _one_line(_meta(column).get("term_sv")))
            for name, column in (node.get("columns") or {}).items()
        },
    )


def _meta(part: dict[str, Any]) -> dict[str, Any]:
    """dbt writes ``meta`` of a node and of a column both directly and under ``config``."""
    return {**(part.get("meta") or {}), **((part.get("config") or {}).get("meta") or {})}


def _one_line(text: Any) -> str:
    return " ".join(str(text or "").split())
