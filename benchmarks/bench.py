"""Times a whole cold release against its floor, on demonstration deliveries of several sizes.

    make bench
    .venv/bin/python benchmarks/bench.py --stays 300000 --scratch /mnt/scratch --write

For each size: twelve clean deliveries, ``lus release`` of the last month in an empty LUS_HOME as a user would run it,
then the models' compiled SQL alone (see ``floor.py``). The demonstration's own making is shown and is no part of the
release. ``--write`` also puts the tables into ``benchmarks/results.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import floor
import memory

from dagster_project.settings import Settings

REGION, FIRST, LAST, MONTHS = "01", "2024-01", "2024-12", 12
LUS = str(Path(sys.executable).with_name("lus"))
RESULTS = Path(__file__).with_name("results.md")


@dataclass(frozen=True)
class Result:
    """What one size cost. Seconds are wall time; ``steps`` are the release's own, in its order."""

    stays: int
    generated: float
    release: memory.Measured
    steps: list[dict[str, Any]]
    floor: memory.Measured
    models: int

    @property
    def ratio(self) -> float:
        return self.release.seconds / self.floor.seconds


def measure(stays: int, home: Path) -> Result:
    """Generate, release and measure one size in an empty ``home``. Raises SystemExit where a command fails."""
    environment = {**os.environ, "LUS_HOME": str(home)}
    settings = Settings.from_environment(home, home / "landing")
    months = ["--from", FIRST, "--to", LAST, "--stays-per-month", str(stays // MONTHS)]
    generated = _succeed([LUS, "generate", "--region", REGION, *months, "--clean", "--home", str(home)], environment)
    release = _succeed([LUS, "release", LAST, "--region", REGION, "--home", str(home), "--json"], environment)
    database, script, models = floor.write(
        settings.candidate(REGION, LAST), home / "floor", settings.threads, settings.memory_limit
    )
    alone = _succeed([sys.executable, "-c", floor.RUNNER, str(database), str(script)], environment)
    return Result(stays, generated.seconds, release, json.loads(release.output)["steps"], alone, models)


def _succeed(command: list[str], environment: dict[str, str]) -> memory.Measured:
    measured = memory.run(command, environment)
    if measured.exit_code:
        print(measured.output, file=sys.stderr)
        raise SystemExit(f"'{' '.join(command)}' ended with exit code {measured.exit_code}.")
    return measured


def report(results: list[Result]) -> str:
    """Two Markdown tables: the sizes, and the steps of each."""
    lines = [
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}.",
        "",
        "| stays | deliveries made | release, cold | floor | ratio | peak memory, release | peak memory, floor |",
        "|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {_thousands(r.stays)} | {r.generated:.1f} s | {r.release.seconds:.1f} s | {r.floor.seconds:.1f} s "
        f"({r.models} models) | {r.ratio:.1f} | {_gigabytes(r.release)} | {_gigabytes(r.floor)} |"
        for r in results
    ]
    names = list(dict.fromkeys(step["step"] for result in results for step in result.steps))
    seconds = [{step["step"]: step["seconds"] for step in result.steps} for result in results]
    lines += [
        "",
        "| step | " + " | ".join(f"{_thousands(result.stays)} stays" for result in results) + " |",
        "|---|" + "--:|" * len(results),
    ]
    lines += [f"| {name} | " + " | ".join(f"{row.get(name, 0):.1f} s" for row in seconds) + " |" for name in names]
    around = [result.release.seconds - sum(row.values()) for result, row in zip(results, seconds, strict=True)]
    lines.append("| in no step | " + " | ".join(f"{rest:.1f} s" for rest in around) + " |")
    if len(results) > 1:
        first, last = results[0], results[-1]
        lines += [
            "",
            f"{last.stays / first.stays:.1f} times the stays took {last.release.seconds / first.release.seconds:.1f} "
            "times as long.",
        ]
    return "\n".join(lines) + "\n"


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _gigabytes(measured: memory.Measured) -> str:
    return f"{measured.peak_bytes / 1e9:.1f} GB"


def main() -> None:
    parser = argparse.ArgumentParser(description="Time a cold release against its floor.")
    parser.add_argument("--stays", type=int, nargs="+", default=[300_000, 3_000_000], help="stays in twelve months")
    parser.add_argument("--scratch", type=Path, default=None, help="where to work (default: a temporary directory)")
    parser.add_argument("--keep", action="store_true", help="leave the LUS_HOME of each size in place")
    parser.add_argument("--write", action="store_true", help=f"also write {RESULTS.name}")
    arguments = parser.parse_args()
    if min(arguments.stays) < MONTHS:
        parser.error(f"--stays: give at least {MONTHS}, one a month")
    scratch = Path(tempfile.mkdtemp(prefix="lus-bench-", dir=arguments.scratch))
    results = []
    try:
        for stays in sorted(arguments.stays):
            home = scratch / str(stays)
            results.append(measure(stays, home))
            if not arguments.keep:
                shutil.rmtree(home)
    finally:
        if not arguments.keep:
            shutil.rmtree(scratch, ignore_errors=True)
    table = report(results)
    print(table)
    if arguments.write:
        RESULTS.write_text("# Benchmark\n\n" + table, encoding="utf-8")


if __name__ == "__main__":
    main()
