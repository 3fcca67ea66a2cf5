"""A query's rows as dictionaries."""

from __future__ import annotations

from typing import Any

import duckdb


def rows(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any] | None = None
) -> list[dict[str, Any]]:
    """Each row by column name, in the query's order."""
    result = connection.execute(query, parameters or [])
    names = [str(column[0]) for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
