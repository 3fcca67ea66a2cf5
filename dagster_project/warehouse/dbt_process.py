"""dbt as a process of its own: build, test and document one candidate, or run some of its models; nothing is parsed.

A process of its own because dbt-duckdb keeps its connection, and so DuckDB's lock, for as long as its process lives.
Each line on standard output is a JSON object for the parent: ``phase``, ``done``, ``total``, or ``error``.
Exit codes: 0 all was built (tests may have failed: their results tell), 1 a model could not be built.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from dagster_project.warehouse import dbt_arguments

# dbt's events that say a node is done → the field that says how many there are.
_RESULT_EVENTS = {"LogModelResult": "total", "LogSeedResult": "total", "LogTestResult": "num_models"}


def _say(**message: object) -> None:
    print(json.dumps(message), flush=True)


def _counter(phase: str) -> Any:
    def on_event(event: Any) -> None:
        total = _RESULT_EVENTS.get(event.info.name)
        if total is not None:
            _say(phase=phase, done=event.data.index, total=getattr(event.data, total))

    return on_event


def main(target: Path, parsed: Path, models: list[str]) -> int:
    """``models``, where there are any, are run and nothing else is done."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    manifest = Manifest.from_msgpack(parsed.read_bytes())
    manifest.build_flat_graph()

    def invoke(phase: str, arguments: list[str]) -> Any:
        result = dbtRunner(manifest=manifest, callbacks=[_counter(phase)]).invoke([*arguments, "--quiet"])
        results = target / "run_results.json"
        if results.exists():
            shutil.copyfile(results, target / f"run_results_{phase}.json")
        return result

    built = invoke("run", dbt_arguments.run(target, models)) if models else invoke("build", dbt_arguments.build(target))
    if not built.success:
        _say(error=_why(built))
        return 1
    if models:
        return 0
    tested = invoke("test", dbt_arguments.test(target))
    if tested.exception is not None:
        _say(error=_why(tested))
        return 1
    documented = invoke("docs", dbt_arguments.docs(target))
    if not documented.success:
        _say(error=_why(documented))
        return 1
    (target / "static_index.html").replace(target / "index.html")
    shutil.copyfile(target / "run_results_test.json", target / "run_results.json")
    return 0


def _why(result: Any) -> str:
    if result.exception is not None:
        return str(result.exception)
    failed = [r for r in result.result.results if r.status not in ("success", "skipped", "pass")]
    return "; ".join(f"{r.node.name}: {(r.message or 'no message').strip()}" for r in failed[:3])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
