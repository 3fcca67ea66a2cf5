"""``datapackage.json`` (Data Package v2): what each file of a package holds, for programs that read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dagster_project.packages.tables import Package, Table
from dagster_project.releases.hashing import file_sha256

FILE = "datapackage.json"

_PROFILES = "https://datapackage.org/profiles/2.0"
_DIALECT = {
    "$schema": f"{_PROFILES}/tabledialect.json",
    "delimiter": ";",
    "lineTerminator": "\r\n",
    "quoteChar": '"',
    "doubleQuote": True,
    "header": True,
}
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write(package: Package, tables: Sequence[Table], out: Path) -> None:
    """Write the descriptor of the files that stand in ``out``; their hashes and bytes are taken from there."""
    facts = {
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": package.name,
        "title": package.title,
        "description": "\n\n".join(package.explanation),
        "version": package.version,
        "created": package.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "licenses": [dict(package.licence)],
        "sources": [{"title": source} for source in package.sources],
        "isSynthetic": package.is_synthetic,
        "resources": [
            *(_csv(table, out) for table in tables),
            *(
                _file(f"{table.name}-parquet", f"parquet/{table.name}.parquet", "application/vnd.apache.parquet", out)
                for table in tables
            ),
            *(
                _file(f"{table.name}-json-stat", f"json-stat/{table.name}.json", "application/json", out)
                for table in tables
                if table.dimensions
            ),
            _file("workbook", package.workbook, _WORKBOOK, out),
        ],
    }
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    (out / FILE).write_text(text + "\n", encoding="utf-8", newline="\n")


def _csv(table: Table, out: Path) -> dict[str, Any]:
    return {
        **_file(table.name, f"csv/{table.name}.csv", "text/csv", out),
        "type": "table",
        "title": table.title,
        "format": "csv",
        "encoding": "utf-8",
        "dialect": _DIALECT,
        "schema": {
            "$schema": f"{_PROFILES}/tableschema.json",
            "fields": [
                {
                    "name": column.name,
                    **column.kind.field,
                    "title": column.title,
                    "description": column.definition,
                    **({"unit": column.unit} if column.unit else {}),
                }
                for column in table.columns
            ],
            "primaryKey": table.primary_key,
            "missingValues": [""],
        },
    }


def _file(name: str, path: str, mediatype: str, out: Path) -> dict[str, Any]:
    file = out / path
    return {
        "name": name,
        "type": "file",
        "path": path,
        "mediatype": mediatype,
        "bytes": file.stat().st_size,
        "hash": f"sha256:{file_sha256(file)}",
    }
