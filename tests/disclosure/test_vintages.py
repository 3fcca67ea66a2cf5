"""All releases of a month as one system: what did not change is one unknown, what did is another before and after."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from dagster_project.disclosure.protect import hidden_cells
from dagster_project.disclosure.vintages import Vintages, system_of

TOTAL, FIRST, SECOND, THIRD = range(4)
NONE: list[int] = []


def told(values: list[list[int]], hidden: list[list[int]], **given: object) -> Vintages:
    """Cells in some releases, the newest last; ``hidden`` are those that the earlier ones hid.

    They are three parts of a total where no other ``relations`` are given.
    """
    is_hidden = np.zeros((len(values), len(values[0])), dtype=bool)
    for release, cells in enumerate(hidden):
        is_hidden[release, cells] = True
    known: dict[str, object] = {
        "relations": csr_matrix([[-1.0, 1.0, 1.0, 1.0]]),
        "above_zero": np.array([-1]),
        "values": np.array(values, dtype=float),
        "is_hidden": is_hidden,
        "is_published": np.ones(len(values[0]), dtype=bool),
        "is_kept": np.ones(len(values[0]), dtype=bool),
        "is_sensitive": np.array(values[-1]) < 5,
        "merged": [],
        "fewest": 5,
    }
    return Vintages(**(known | given))  # type: ignore[arg-type]


def newly_hidden(one: Vintages) -> list[int]:
    system, newest = system_of(one)
    return np.flatnonzero(hidden_cells(system)[newest]).tolist()


def test_the_smallest_of_the_others_is_hidden_with_a_few() -> None:
    assert newly_hidden(told([[60, 4, 20, 36]], [NONE])) == [FIRST, SECOND]


@pytest.mark.parametrize("late", [0, 12])
def test_what_was_hidden_and_has_not_changed_hides_nothing_that_has(late: int) -> None:
    """Readers rightly believe those two unchanged: what became few needs a total that moved with it."""
    before, now = [60, 4, 20, 36], [28 + late, 4, 20, 4 + late]
    assert newly_hidden(told([before, now], [[FIRST, SECOND], NONE])) == (
        [FIRST, SECOND] if late else [TOTAL, FIRST, SECOND, THIRD]
    )


def test_a_zero_is_hidden_where_no_secret_can_be_kept_otherwise() -> None:
    """A late readmission of another tells that there is one, and so how many the eldest are, but for a hidden zero."""
    both, eldest, youngest, headline, others, readmitted, not_readmitted, of_all, of_headline = range(9)
    relations = np.zeros((4, 9))
    relations[0, [both, eldest, youngest]] = -1, 1, 1
    relations[1, [eldest, headline, others]] = -1, 1, 1
    relations[2, [others, readmitted, not_readmitted]] = -1, 1, 1
    relations[3, [of_all, readmitted, of_headline]] = -1, 1, 1
    one = told(
        [[5, 4, 1, 3, 1, 0, 1, 0, 0], [5, 4, 1, 3, 1, 1, 0, 1, 0]],
        [[eldest, youngest], NONE],
        relations=csr_matrix(relations),
        above_zero=np.full(4, -1),
        is_published=~np.isin(np.arange(9), [others, readmitted, not_readmitted]),
        is_sensitive=np.isin(np.arange(9), [eldest, youngest, others, readmitted, of_all]),
    )
    assert newly_hidden(one) == [eldest, youngest, of_all, of_headline]


def test_what_was_shown_and_is_the_same_cannot_be_taken_back() -> None:
    assert newly_hidden(told([[60, 4, 20, 36], [60, 4, 20, 36]], [NONE, NONE])) == [FIRST]


def test_a_new_code_is_the_sum_of_those_that_it_took_the_place_of() -> None:
    one = told([[60, 20, 0, 40], [60, 0, 20, 40]], [[FIRST, THIRD], NONE], merged=[(SECOND, FIRST)])
    system, newest = system_of(one)
    assert system.relations.shape[0] == 3
    assert (system.relations @ system.values == 0).all()
    assert SECOND in np.flatnonzero(hidden_cells(system)[newest])


def test_an_unpublished_cell_follows_from_those_beside_it() -> None:
    one = told([[60, 0, 20, 36], [60, 5, 20, 35]], [NONE, NONE], is_published=np.array([True, False, True, True]))
    system, _ = system_of(one)
    assert sorted(system.values[~system.is_published]) == [4, 5]
    assert system.is_secret[~system.is_published].sum() == 1
