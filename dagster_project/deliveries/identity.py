"""Identity links: a reserve number that became a personnummer. Chains are followed; a cycle cannot be."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dagster_project.errors import DeliveryRejected


def check_links(connection: duckdb.DuckDBPyConnection, files: list[Path]) -> None:
    """Raise DeliveryRejected where the links in ``files`` (bronze ``identity_links.parquet``) run in a circle.

    For each old id the row of the latest month counts. The message names pseudonyms, never ids.
    """
    if not files:
        return
    rows = connection.execute(
        """
        select region_code, old_person_key, new_person_key
        from read_parquet(?)
        qualify row_number() over (
            partition by region_code, old_person_key order by delivery_month desc, version desc, line
        ) = 1
        order by region_code, old_person_key
        """,
        [[str(path) for path in files]],
    ).fetchall()
    following = {(region, old): (region, new) for region, old, new in rows}
    done: set[tuple[str, str]] = set()
    for start in following:
        path: dict[tuple[str, str], None] = {}
        person = start
        while person in following and person not in done:
            if person in path:
                circle = [name for _, name in list(path)[list(path).index(person) :]]
                raise DeliveryRejected(
                    f"The identity links of region {person[0]} run in a circle over the pseudonyms "
                    f"{' → '.join([*circle, circle[0]])}: an old id must lead to one that is in force. Correct one of "
                    "these links in a new version of identity_links."
                )
            path[person] = None
            person = following[person]
        done.update(path)
