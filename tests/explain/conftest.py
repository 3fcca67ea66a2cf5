"""Telling the case of a worked example, from a release that is made for the test."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dagster_project.explain import layout, lookup, render, story
from dagster_project.explain.story import Story
from dagster_project.explain.texts import LANGUAGES
from dagster_project.settings import Settings
from tests.explain import small_releases
from tests.oracle.worked_examples import Example

PERSON_KEY = "19401300"
"""What the pseudonyms of the examples' people begin with: the second implementation leaves the ids as they are."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    home.mkdir()
    return Settings(home, home / "landing")


@pytest.fixture
def tell(settings: Settings) -> Callable[..., Story]:
    """Publish an example and tell one of its cases; every story is held to what holds for all."""

    def told(example: Example, case_id: str = "C1", first: str | None = None, **options: Any) -> Story:
        small_releases.publish(settings, example, first, **options)
        found = story.tell(lookup.facts_of(settings, case_id, None, None))
        for language in LANGUAGES:
            _fits_a_terminal(render.text(found, language))
        _tells_nothing_of_the_person(found)
        return found

    return told


def _fits_a_terminal(text: str) -> None:
    lines = text.splitlines()
    assert max(map(len, lines)) <= layout.WIDTH
    assert not [line for line in lines if "{" in line or line != line.rstrip()]


def _tells_nothing_of_the_person(told: Story) -> None:
    """The pseudonym that the example's people have in fct_spells, and the columns that tell of them."""
    said = json.dumps(story.as_json(told)) + "".join(render.text(told, language) for language in LANGUAGES)
    assert PERSON_KEY not in said
    assert not {"person_key", "sex", "age", "age_band"} & _keys(story.as_json(told))


def _keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list) else set()
