"""dbt's data tests as checks of the gate, from the records of one ``dbt test``.

A test of the manifest that has no result did not run, and a check that did not run has failed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dagster_project.errors import LusError
from dagster_project.gate.checks import CheckResult, plain_message

_SEVERITIES = {"error": "block", "warn": "warn"}
_RESULTS = {"pass": "passed", "fail": "failed", "warn": "failed"}


def read(target_dir: Path) -> list[CheckResult]:
    """One check per data test of ``manifest.json``, in order of name, with its outcome in ``run_results.json``.

    The name is dbt's own, as in its log and documentation; ``protects`` is the table tested; the category is
    ``meta.category`` (conformance where not given). Raises LusError where a record is missing or cannot be read.
    """
    manifest = _load(target_dir / "manifest.json", "nodes")
    results = _load(target_dir / "run_results.json", "results")
    outcomes = {outcome["unique_id"]: outcome for outcome in results["results"]}
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    tests.sort(key=lambda node: str(node["name"]))
    return [_check(node, manifest, outcomes.get(node["unique_id"])) for node in tests]


def _load(path: Path, key: str) -> dict[str, Any]:
    try:
        record = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise LusError(
            f"dbt left no {path.name} in {path.parent}: its tests have not run. Start the run again."
        ) from None
    except ValueError:
        raise LusError(f"{path} is not JSON: dbt was interrupted while it wrote. Start the run again.") from None
    if not isinstance(record, dict) or key not in record:
        raise LusError(f"{path} is no record of dbt: it has no '{key}'.")
    return record


def _check(node: dict[str, Any], manifest: dict[str, Any], outcome: dict[str, Any] | None) -> CheckResult:
    status = outcome["status"] if outcome else "missing"
    severity = _SEVERITIES[node["config"]["severity"].lower()]
    return CheckResult(
        check_name=node["name"],
        source="dbt",
        category=node["config"].get("meta", {}).get("category", "conformance"),
        # A test of severity error whose rows stay below its `error_if` is a warning by dbt's own judgement.
        severity="warn" if status == "warn" else severity,
        protects=_protects(node, manifest),
        result=_RESULTS.get(status, "error"),
        observed=_observed(status, outcome),
        expected=_expected(node),
    )


def _protects(node: dict[str, Any], manifest: dict[str, Any]) -> str:
    """The table that a generic test is attached to; else the first that the test reads."""
    attached = node.get("attached_node") or next(iter(node.get("depends_on", {}).get("nodes", [])), None)
    if attached is None:
        return str(node["name"])
    tested = manifest["nodes"].get(attached) or manifest["sources"].get(attached)
    return str(tested["name"]) if tested else str(attached).rsplit(".", 1)[-1]


def _expected(node: dict[str, Any]) -> str:
    description = " ".join((node.get("description") or "").split())
    return f"0 failing rows: {description}" if description else "0 failing rows"


def _observed(status: str, outcome: dict[str, Any] | None) -> str:
    if outcome is None:
        return "did not run: dbt has no result for it"
    if status in _RESULTS:
        rows = outcome.get("failures") or 0
        return f"{rows} failing row{'' if rows == 1 else 's'}"
    return f"could not run ({status}): {plain_message(outcome.get('message') or 'no message')}"
