"""The order of the tests: the longest first, so that no process waits for another at the end."""

from __future__ import annotations

import pytest

LONGEST = ("tests/run/", "tests/simulation/", "tests/oracle/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        return next((number for number, folder in enumerate(LONGEST) if item.nodeid.startswith(folder)), len(LONGEST))

    items.sort(key=rank)
