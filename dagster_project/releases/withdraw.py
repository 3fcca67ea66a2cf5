"""Withdrawing: a release keeps its place and its bytes; a record beside it says that it is not to be relied on."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from dagster_project.errors import ConfigurationError
from dagster_project.releases import files, publish
from dagster_project.releases.catalogue import Release, Withdrawal
from dagster_project.settings import Settings

REASON_LIMIT = 1000
_PERSON_ID = re.compile(r"(?<!\d)(\d{8}|\d{6})[-+ ]?\d{4}(?!\d)")


def withdraw(settings: Settings, release: Release, reason: str, now: datetime | None = None) -> Withdrawal:
    """Write ``rNN.withdrawn.json`` beside the release. ``current`` stays: publishing a corrected revision moves it.

    Raises ConfigurationError without a reason, with one that holds what could be a person id, or where the release is
    withdrawn already.
    """
    text = " ".join(reason.split())
    if not text or len(text) > REASON_LIMIT:
        raise ConfigurationError(
            f"A withdrawal needs a reason of at most {REASON_LIMIT} characters: readers of {release.name} see it."
        )
    if _PERSON_ID.search(text):
        raise ConfigurationError("The reason holds what could be a person id: write it without. Nothing was changed.")
    with files.exclusive(settings.releases / release.region / publish.LOCK):
        if earlier := release.withdrawal:
            raise ConfigurationError(
                f"{release.name} is withdrawn already, since {earlier.withdrawn_at}: {earlier.reason}. "
                "Nothing was changed."
            )
        withdrawal = Withdrawal(text, (now or datetime.now(UTC)).isoformat(timespec="seconds"))
        record = {"release": release.name, "reason": withdrawal.reason, "withdrawn_at": withdrawal.withdrawn_at}
        files.write_whole(release.withdrawal_record, json.dumps(record, ensure_ascii=False, indent=1), files.FILE_MODE)
    return withdrawal
