"""Why a mart's figures may have moved between two releases: which of the things that it is made from differ.

A mart is made from deliveries, reference tables, frozen amounts and SQL, and from no other: dbt's lineage tells which
of them it rests on. Which of several moved one figure cannot be told from outside, so that all are named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster_project.revisions.edition import Edition

LATE_DATA = "late_data"
CHANGED_RULE = "changed_rule"
CHANGED_REFERENCE = "changed_reference"
CHANGED_FROZEN = "changed_frozen_amount"
NOT_TOLD = "not_told"


def cause(before: Edition, now: Edition, mart: str) -> str:
    """The codes of all that differs and that the mart rests on, joined by ``|``; ``not_told`` where nothing does."""
    upstream = _upstream(before.dbt, mart) | _upstream(now.dbt, mart)
    tables = {unique_id.rsplit(".", 1)[-1] for unique_id in upstream if unique_id.startswith("seed.")}
    rests_on_frozen = any(".released." in unique_id for unique_id in upstream)
    found = [
        *([LATE_DATA] if deliveries(before) != deliveries(now) else []),
        *([CHANGED_RULE] if _sql(before.dbt, upstream) != _sql(now.dbt, upstream) or read_anew(before, now) else []),
        *(f"{CHANGED_REFERENCE}:{table}" for table in changed_reference(before, now) if table in tables),
        *([CHANGED_FROZEN] if rests_on_frozen and _frozen_otherwise(before, now) else []),
    ]
    return "|".join(found) or NOT_TOLD


def deliveries(edition: Edition) -> dict[str, tuple[int, dict[str, str]]]:
    """By month, the delivery's version and the SHA-256 of each file as it was delivered."""
    return {
        delivery["month"]: (delivery["version"], {name: file["sha256"] for name, file in delivery["files"].items()})
        for delivery in edition.facts["deliveries"]
    }


def read_anew(before: Edition, now: Edition) -> list[str]:
    """The months whose delivery is the same and was read otherwise: by another mapping or by other code."""
    digests = {delivery["month"]: delivery["digest"] for delivery in before.facts["deliveries"]}
    same = [month for month, files in deliveries(now).items() if deliveries(before).get(month) == files]
    read = {delivery["month"]: delivery["digest"] for delivery in now.facts["deliveries"]}
    return [month for month in same if digests[month] != read[month]]


def changed_reference(before: Edition, now: Edition) -> list[str]:
    """The reference tables whose rows differ, one that only one of the two has among them."""
    old, new = before.facts["reference"], now.facts["reference"]
    return sorted(table for table in old.keys() | new.keys() if old.get(table) != new.get(table))


def _frozen_otherwise(before: Edition, now: Edition) -> bool:
    """Whether an earlier month that both were told of was frozen with another file: a new month is no change."""
    old, new = ({one["month"]: one["sha256"] for one in side.facts["earlier_releases"]} for side in (before, now))
    return any(old[month] != new[month] for month in old.keys() & new.keys())


def _upstream(dbt: Mapping[str, Any], mart: str) -> set[str]:
    """The unique ids of the mart and of all that it is made from."""
    parents = dbt["parent_map"]
    found: set[str] = set()
    waiting = [unique_id for unique_id in parents if unique_id.startswith("model.") and unique_id.endswith(f".{mart}")]
    while waiting:
        unique_id = waiting.pop()
        if unique_id not in found:
            found.add(unique_id)
            waiting += parents.get(unique_id, [])
    return found


def _sql(dbt: Mapping[str, Any], upstream: set[str]) -> dict[str, str]:
    """By unique id, what tells the SQL of these models and of the macros that they call."""
    found: dict[str, str] = {}
    waiting: list[str] = []
    for unique_id in upstream:
        node = dbt["nodes"].get(unique_id)
        if node and node["resource_type"] == "model":
            found[unique_id] = node["checksum"]["checksum"]
            waiting += node["depends_on"]["macros"]
    while waiting:
        unique_id = waiting.pop()
        macro = dbt["macros"].get(unique_id)
        if macro and unique_id not in found:
            found[unique_id] = macro["macro_sql"]
            waiting += macro["depends_on"]["macros"]
    return found
