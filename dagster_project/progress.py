"""What a person sees of long work: the step under way, how far it is, and in the end how long each took.

Progress goes to standard error, so that ``--json`` on standard output stays clean and Dagster keeps it as the log of
the step.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Progress:
    """Collects ``steps`` as (name, seconds) and prints a line when a step starts, moves and ends."""

    quiet: bool = False
    steps: list[tuple[str, float]] = field(default_factory=list)
    _live: bool = field(default_factory=lambda: sys.stderr.isatty())

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        self.say(f"{name} …")
        try:
            yield
        finally:
            seconds = time.monotonic() - started
            self.steps.append((name, seconds))
            self.say(f"{name}: {seconds:.1f} s")

    def say(self, text: str) -> None:
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def count(self, what: str, done: int, total: int) -> None:
        """A counter that moves in place on a terminal; elsewhere every tenth part is a line."""
        if self.quiet or not total:
            return
        if self._live:
            print(f"\r  {what}: {done} of {total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
        elif done == total or done * 10 // total != (done - 1) * 10 // total:
            print(f"  {what}: {done} of {total}", file=sys.stderr, flush=True)
