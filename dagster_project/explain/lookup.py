"""Which release explains a case, and what to tell where none does."""

from __future__ import annotations

import re
from contextlib import suppress

import duckdb

from dagster_project.errors import ConfigurationError, LusError
from dagster_project.explain import read
from dagster_project.explain.facts import CaseFacts
from dagster_project.releases import catalogue
from dagster_project.releases.catalogue import Release
from dagster_project.settings import Settings

_SIGNS = re.compile(r"[\s+\-\u2010-\u2015\u2212]")
"""What people write between the parts of a person id: blanks, plus, and hyphens and dashes of every kind."""
_PERSON_ID = re.compile(r"(?<!\d)(\d{8}|\d{6})([0-9]{4}|[A-Za-z]{2}[0-9]{2})(?!\d)")
_RESERVE_NUMBER = re.compile(r"[A-Za-z]{2}\d{10}[^\s:]*:\S+")
_NEAR = 3
_LONGEST_NEAR = 60
_OTHER_RELEASES = 3


def facts_of(settings: Settings, case_id: str, release: str | None, region: str | None) -> CaseFacts:
    """What the named release, or else ``current``, says of the case.

    Raises ConfigurationError where the case is in none, or in several regions: it names what is near, and the releases
    that hold the case. What could be a person id is refused unread, and never repeated.
    """
    if is_person_like(case_id) or _holds_person_id(release or ""):
        raise ConfigurationError(
            "What was given looks like a person id and is not repeated here: LUS keeps none. A case is asked for "
            "by its case id (ärendets id in WebCare, Lifecare SP or Prator), as in 'lus explain CASE-ID'."
        )
    searched = _releases(settings, release, region)
    found = []
    for one in searched:
        with read.marts(settings, one) as connection:
            if read.holds(connection, case_id):
                found.append(read.case(settings, connection, one, case_id))
    if len(found) > 1:
        regions = " and ".join(facts.edition.region_code for facts in found)
        raise ConfigurationError(f"Case {case_id} is in regions {regions}: say which with --region.")
    if not found:
        raise ConfigurationError(_unknown(settings, case_id, searched))
    return found[0]


def is_person_like(text: str) -> bool:
    """Whether a text is a person id: ten or twelve digits however they are set apart, or a reserve number."""
    bare = _SIGNS.sub("", text)
    return bool(_PERSON_ID.fullmatch(bare) or _RESERVE_NUMBER.fullmatch(bare))


def _releases(settings: Settings, name: str | None, region: str | None) -> list[Release]:
    """The named release, or what readers see of each region that is meant."""
    if name is not None:
        return [catalogue.find(settings, name, region)]
    regions = sorted({release.region for release in catalogue.all_releases(settings)})
    meant = [code for code in regions if region in (None, code)]
    found = [current for code in meant if (current := catalogue.current(settings, code))]
    if not found:
        whose = f" of region {region}" if region else ""
        raise ConfigurationError(
            f"There is no current release{whose} in {settings.releases}: publish one with 'lus release', or check "
            "--home and --region."
        )
    return found


def _unknown(settings: Settings, case_id: str, searched: list[Release]) -> str:
    """That nothing searched holds the case, which ids are near, and which other releases hold it."""
    names = " and ".join(release.name for release in searched)
    said = f"There is no case {_repeated(case_id)} in {names}."
    near = _near(settings, case_id, searched)
    if near:
        said += f" Near are {', '.join(near)}."
    elsewhere = _elsewhere(settings, case_id, searched)
    if elsewhere:
        said += f" It is in {', '.join(elsewhere)}: name one with --release."
    elif not near:
        said += " Check the case id; 'lus releases' lists what else to look in, with --release."
    return said


def _repeated(case_id: str) -> str:
    """The id as it was given, unless a part of it could be a person id or it is no id of a person's writing."""
    is_plain = case_id.isprintable() and len(case_id) <= _LONGEST_NEAR
    return f"'{case_id}'" if is_plain and not _holds_person_id(case_id) else "of that id"


def _holds_person_id(text: str) -> bool:
    """Whether any part of a text could be a person id, with the signs between its parts or without them."""
    return any(_PERSON_ID.search(form) or _RESERVE_NUMBER.search(form) for form in (text, _SIGNS.sub("", text)))


def _near(settings: Settings, case_id: str, searched: list[Release]) -> list[str]:
    """At most three case ids of the releases that differ least from what was asked, or that begin with it."""
    if not case_id.strip() or len(case_id) > _LONGEST_NEAR:
        return []
    found: list[tuple[int, float, str]] = []
    for release in searched:
        with read.marts(settings, release) as connection:
            found += _near_in(connection, case_id.strip())
    ids = [near for *_, near in sorted(found) if not _holds_person_id(near)]
    return ids[:_NEAR]


def _near_in(connection: duckdb.DuckDBPyConnection, case_id: str) -> list[tuple[int, float, str]]:
    """(Edits, unlikeness, case id), nearest first.

    Edits cost ten times as much to count as likeness: they are counted for the likest thousand alone.
    """
    return connection.execute(
        """
        with cases as (
            select case_id, upper(case_id) as id, jaro_winkler_similarity(upper(case_id), upper($asked)) as likeness
            from fct_case_events
            where event = 'stay_start'
        ),
        likest as (
            select * from cases
            order by starts_with(id, upper($asked)) desc, likeness desc, case_id
            limit 1000
        ),
        measured as (
            select
                case_id,
                1 - likeness as unlikeness,
                case
                    when length($asked) >= 4 and starts_with(id, upper($asked)) then 0
                    else levenshtein(id, upper($asked))
                end as edits
            from likest
        )
        select edits, unlikeness, case_id
        from measured
        where edits <= greatest(1, least(3, length($asked) // 3))
        order by edits, unlikeness, case_id
        limit 10
        """,
        {"asked": case_id},
    ).fetchall()


def _elsewhere(settings: Settings, case_id: str, searched: list[Release]) -> list[str]:
    """Up to three other releases that hold the case, newest month first; each month by its newest revision."""
    found: list[str] = []
    for code in dict.fromkeys(release.region for release in searched):
        newest = {release.month: release for release in catalogue.of_region(settings, code)}
        for release in sorted(newest.values(), key=lambda one: one.month, reverse=True):
            if len(found) == _OTHER_RELEASES:
                return found
            if release in searched:
                continue
            with suppress(LusError), read.marts(settings, release) as connection:
                if read.holds(connection, case_id):
                    found.append(release.name)
    return found
