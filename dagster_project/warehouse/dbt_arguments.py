"""The arguments that dbt gets: pure functions, so that what runs can be read and tested without running it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dagster_project.settings import DBT_DIR

WAREHOUSE_VARIABLE = "LUS_WAREHOUSE"
"""The environment variable through which dbt's profile finds the candidate's database."""


def _project(target: Path) -> list[str]:
    return [
        "--project-dir",
        str(DBT_DIR),
        "--profiles-dir",
        str(DBT_DIR),
        "--target-path",
        str(target),
        "--log-path",
        str(target / "logs"),
    ]


def parse(target: Path) -> list[str]:
    return ["parse", *_project(target)]


def build(target: Path) -> list[str]:
    """Seeds and models, without tests: one red test must not keep the others from running."""
    return ["build", "--exclude-resource-type", "test", "unit_test", *_project(target)]


def run(target: Path, models: Sequence[str]) -> list[str]:
    """The models that ``models`` selects, as dbt's ``--select`` spells it, and no other: what they read is there."""
    return ["run", "--select", *models, *_project(target)]


def test(target: Path) -> list[str]:
    """Every data test. Unit tests prove the SQL on made-up rows and belong to ``make test``."""
    return ["test", "--exclude-resource-type", "unit_test", *_project(target)]


def docs(target: Path) -> list[str]:
    """The documentation, also as ``static_index.html`` with all that it shows inside: a browser reads no file beside
    a page that is opened from the file system."""
    return ["docs", "generate", "--static", "--no-compile", *_project(target)]
