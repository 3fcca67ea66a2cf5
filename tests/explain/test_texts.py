"""Both languages say everything, and write numbers and instants as their readers do."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dagster_project.explain.texts import HARD_SPACE, LANGUAGES, Texts, sentences


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_the_languages_have_the_same_sentences_with_the_same_values() -> None:
    swedish, english = (sentences(language) for language in LANGUAGES)
    assert list(swedish) == list(english)
    assert {key: placeholders(swedish[key]) for key in swedish} == {key: placeholders(english[key]) for key in english}
    assert all(swedish.values()) and all(english.values())


def plain(text: str) -> str:
    return text.replace(HARD_SPACE, " ")


@pytest.mark.parametrize(
    ("value", "swedish", "english"),
    [
        (Decimal("24600.00"), "24 600 kr", "SEK 24,600"),
        (Decimal("1234567.50"), "1 234 567,50 kr", "SEK 1,234,567.50"),
        (Decimal(0), "0 kr", "SEK 0"),
        (None, "—", "—"),
    ],
)
def test_money(value: Decimal | None, swedish: str, english: str) -> None:
    assert [plain(Texts(language).money(value)) for language in LANGUAGES] == [swedish, english]


def test_a_mean_always_has_decimals() -> None:
    means = [Texts("sv").mean(Decimal(value)) for value in ("2.0000", "2.2500", "2.0004")]
    assert means == ["2,00", "2,25", "2,0004"]


def test_just_after_noon_does_not_read_as_noon() -> None:
    said = Texts("sv").exactly(datetime(2021, 3, 1, 11, 0, 1, tzinfo=UTC))
    assert plain(said) == "2021-03-01 12:00:01"
    assert plain(Texts("sv").exactly(datetime(2021, 7, 1, 10, 0, tzinfo=UTC))) == "2021-07-01 12:00"


def test_just_too_late_does_not_read_as_in_time() -> None:
    assert plain(Texts("sv").elapsed(24 * 3600 + 1)) == "24 tim 1 min"
    assert plain(Texts("sv").elapsed(24 * 3600)) == "24 tim 0 min"


def test_lists() -> None:
    assert [Texts("sv").listed(parts) for parts in (["a"], ["a", "b"], ["a", "b", "c"])] == [
        "a",
        "a och b",
        "a, b och c",
    ]
