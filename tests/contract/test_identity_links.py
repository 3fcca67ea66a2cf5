"""Identity links: chains are fine, a circle rejects and names pseudonyms alone."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dagster_project.deliveries import bronze, identity, pseudonyms
from dagster_project.errors import DeliveryRejected
from tests.contract.conftest import Site
from tests.deliveries import write_delivery


def links(site: Site, month: str, *pairs: tuple[str, str]) -> Path:
    rows = [{"old_person_id": f"S:{old}", "new_person_id": f"S:{new}"} for old, new in pairs]
    write_delivery(site.landing, "01", month, identity_links=rows)
    return bronze.ingest(site.settings, "01", month).path / "identity_links.parquet"


def check(files: list[Path]) -> None:
    with duckdb.connect() as connection:
        identity.check_links(connection, files)


def test_chains_and_meeting_chains_are_no_circle(site: Site) -> None:
    check([])
    check([links(site, "2026-01")])
    check([links(site, "2026-02", ("A", "B"), ("B", "C"), ("D", "C"), ("E", "A"))])


@pytest.mark.parametrize(
    "pairs", [[("A", "A")], [("A", "B"), ("B", "A")], [("X", "A"), ("A", "B"), ("B", "C"), ("C", "A")]]
)
def test_a_circle_rejects(site: Site, pairs: list[tuple[str, str]]) -> None:
    path = links(site, "2026-01", *pairs)
    with pytest.raises(DeliveryRejected) as error:
        check([path])
    message = str(error.value)
    names = {name: pseudonyms.pseudonym(b"a key of the tests alone", f"S:{name}") for name in "ABCX"}
    assert message.startswith("The identity links of region 01 run in a circle over the pseudonyms ")
    assert {name for name, found in names.items() if found in message} == {name for pair in pairs for name in pair} - {
        "X"
    }
    assert "S:" not in message


def test_the_latest_month_s_row_of_an_old_id_counts(site: Site) -> None:
    first = links(site, "2026-01", ("A", "B"), ("B", "A"))
    second = links(site, "2026-02", ("B", "C"))
    check([first, second])
    third = links(site, "2026-03", ("C", "A"))
    with pytest.raises(DeliveryRejected):
        check([third, first, second])
