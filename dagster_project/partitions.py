"""One partition is one region's month: the unit that is delivered, judged and released."""

from __future__ import annotations

import csv

from dagster import (
    MonthlyPartitionsDefinition,
    MultiPartitionKey,
    MultiPartitionsDefinition,
    StaticPartitionsDefinition,
)

from dagster_project.settings import SEEDS_DIR

FIRST_MONTH = "2018-01"
"""LUS entered into force on 2018-01-01: no region owes figures by it for an earlier month."""


def _region_codes() -> list[str]:
    with (SEEDS_DIR / "regions.csv").open(encoding="utf-8", newline="") as seed:
        return sorted(row["region_code"] for row in csv.DictReader(seed))


REGION_MONTHS = MultiPartitionsDefinition(
    {
        "region": StaticPartitionsDefinition(_region_codes()),
        # end_offset: the month under way may be released early, on what is there.
        "month": MonthlyPartitionsDefinition(start_date=FIRST_MONTH, fmt="%Y-%m", end_offset=1),
    }
)


def partition_key(region: str, month: str) -> MultiPartitionKey:
    return MultiPartitionKey({"region": region, "month": month})


def region_and_month(key: str) -> tuple[str, str]:
    """The two parts of a partition key, whatever form Dagster hands it over in."""
    parts = REGION_MONTHS.get_partition_key_from_str(key).keys_by_dimension
    return parts["region"], parts["month"]
