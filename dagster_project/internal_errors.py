"""A fault of our own: its trace goes to a file for its owner alone, and the user is told which."""

from __future__ import annotations

import re
import traceback
from datetime import UTC, datetime

from dagster_project.errors import LusError
from dagster_project.settings import Settings, private_directory

# An engine may quote the row it stumbled over: nothing that could be a person id reaches the log.
_COULD_BE_A_PERSON = re.compile(r"\d{6,8}[-+ ]?\d{4}|SE\d{10}-[^\s:]*:\S+")


def internal_error(settings: Settings, error: Exception, outcome: str = "Nothing was published.") -> LusError:
    """Write the trace of ``error`` to ``work/errors/`` and return what to tell the user; ``outcome`` is a sentence."""
    log = private_directory(settings.work / "errors") / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}.log"
    log.touch(mode=0o600)
    log.write_text(_COULD_BE_A_PERSON.sub("***", "".join(traceback.format_exception(error))), encoding="utf-8")
    return LusError(
        "An internal error: this is a fault in LUS, not in the data or in how it was used. "
        f"{outcome} What happened is in {log}; send it to those who keep your installation."
    )
