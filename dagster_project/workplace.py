"""What every step of a run needs, as one Dagster resource: settings, progress, and how to fail in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dagster import AssetExecutionContext, Failure

from dagster_project.errors import LusError
from dagster_project.internal_errors import internal_error
from dagster_project.partitions import region_and_month
from dagster_project.progress import Progress
from dagster_project.settings import Settings

OWNER = "team:data-engineering"
"""Who answers for an asset: a role, which an installation fills."""


@dataclass
class Workplace:
    """Where a run works, what it shows, and, once a step has failed, the ``error`` that it failed with."""

    settings: Settings
    progress: Progress = field(default_factory=Progress)
    error: LusError | None = None

    @contextmanager
    def step(self, context: AssetExecutionContext, name: str) -> Iterator[tuple[str, str]]:
        """Run a step with progress; gives (region, month). An error fails the step in plain words, untraced."""
        try:
            with self.progress.step(name):
                yield region_and_month(context.partition_key)
        except LusError as error:
            self.error = error
        except Exception as error:
            self.error = internal_error(self.settings, error)
        if self.error is not None:
            raise Failure(str(self.error), allow_retries=False)
