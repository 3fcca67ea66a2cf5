"""Source adapters: a mapping file says which of a system's columns and codes are the contract's (data, not code)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import yaml

from dagster_project.deliveries import contract
from dagster_project.deliveries.contract import Feed
from dagster_project.errors import ConfigurationError, DeliveryRejected

SHIPPED = Path(__file__).with_name("mappings")
CANONICAL = "canonical"
# Kinds of column whose texts may be written in a format of the source's own.
_FORMATTED = ("date", "timestamp", "month")
_ISO = {"date": "%Y-%m-%d", "timestamp": "%Y-%m-%dT%H:%M:%S.%f", "month": "%Y-%m"}


@dataclass(frozen=True)
class FeedMapping:
    """How one feed of a source is read. ``columns`` is theirs → ours, ``values`` ours → their code → our code."""

    columns: dict[str, str]
    ignored: tuple[str, ...] = ()
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)

    @cached_property
    def theirs(self) -> dict[str, str]:
        """Ours → theirs."""
        return {ours: theirs for theirs, ours in self.columns.items()}

    def sql(self, feed: Feed, column: str, delivered: str | None) -> str:
        """SQL for the contract's text of ``column``, where ``delivered`` is the SQL of theirs (None: not delivered).

        A code that the mapping does not name, or a time that is not of its format, stays as it stands.
        """
        if column in self.constants:
            return _quote(self.constants[column])
        if delivered is None:
            return "null::varchar"
        value = f"nullif({delivered}, '')"
        if column in self.values:
            branches = " ".join(f"when {_quote(old)} then {_quote(new)}" for old, new in self.values[column].items())
            return f"nullif(case {value} {branches} else {value} end, '')"
        if column in self.formats:
            moment = f"try_strptime({value}, {_quote(self.formats[column])})"
            return f"coalesce(strftime({moment}, '{_ISO[feed.columns[column].kind]}'), {value})"
        return value


@dataclass(frozen=True)
class Mapping:
    """A source system's mapping. A feed that it does not name is delivered in the contract's own layout."""

    source_system: str
    feeds: dict[str, FeedMapping]

    def feed(self, feed: Feed) -> FeedMapping:
        return self.feeds.get(feed.name) or FeedMapping({name: name for name in feed.columns})

    @property
    def digest(self) -> str:
        content = {name: [given.columns, given.ignored, given.constants, given.values, given.formats]
                   for name, given in self.feeds.items()}  # fmt: skip
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def find(source_system: str, own: Path) -> Mapping:
    """The mapping of ``source_system``: the installation's in the directory ``own``, else the shipped one.

    Raises ConfigurationError for a mapping file that cannot be, DeliveryRejected where there is none.
    """
    for directory in (own, SHIPPED):
        path = directory / f"{source_system}.yml"
        if path.is_file():
            return load(path)
    if source_system == CANONICAL:
        return Mapping(CANONICAL, {})
    known = sorted({CANONICAL, *(path.stem for directory in (own, SHIPPED) for path in directory.glob("*.yml"))})
    raise DeliveryRejected(
        f"delivery.json names the source system '{source_system}', and there is no mapping for it (known: "
        f"{', '.join(known)}). Correct the name, or write {own / f'{source_system}.yml'}."
    )


def load(path: Path) -> Mapping:
    """Read and check a mapping file. Raises ConfigurationError naming the file and the key."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise ConfigurationError(f"The mapping {path}{place} is not YAML in UTF-8.") from None
    document = _keys(document, path, "the file", {"source_system", "feeds"})
    if document.get("source_system") != path.stem:
        raise ConfigurationError(f"The mapping {path}: 'source_system' must be the file's name, '{path.stem}'.")
    feeds = _keys(document.get("feeds"), path, "'feeds'", set(contract.feeds()))
    return Mapping(path.stem, {name: _feed(contract.feeds()[name], given, path) for name, given in feeds.items()})


def _keys(given: Any, path: Path, what: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ConfigurationError(f"The mapping {path}: {what} must hold keys and values.")
    unknown = sorted(str(name) for name in given if name not in known)
    if unknown:
        raise ConfigurationError(
            f"The mapping {path}: {what} holds unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}."
        )
    return given


def _texts(given: Any, path: Path, what: str) -> dict[str, str]:
    if not isinstance(given, dict):
        raise ConfigurationError(f"The mapping {path}: {what} must hold keys and values.")
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise ConfigurationError(
                f"The mapping {path}: {what}: '{name}: {value}' must be texts; put yes, no, "
                "true, false and numbers in quotes."
            )
    return given


def _feed(feed: Feed, given: Any, path: Path) -> FeedMapping:
    what = f"feeds.{feed.name}"
    given = _keys(given, path, f"'{what}'", {"columns", "ignored", "constants", "values", "formats"})
    columns = _texts(given.get("columns"), path, f"'{what}.columns'")
    constants = _texts(given.get("constants", {}), path, f"'{what}.constants'")
    formats = _texts(given.get("formats", {}), path, f"'{what}.formats'")
    values = given.get("values", {})
    _keys(values, path, f"'{what}.values'", set(feed.columns))
    values = {name: _texts(codes, path, f"'{what}.values.{name}'") for name, codes in values.items()}
    ignored = given.get("ignored", [])
    if not isinstance(ignored, list) or not all(isinstance(name, str) for name in ignored):
        raise ConfigurationError(f"The mapping {path}: '{what}.ignored' must be a list of column names.")
    for name, given_format in formats.items():
        _check_format(given_format, path, f"{what}.formats.{name}")
    for name in [*columns.values(), *constants, *formats]:
        if name not in feed.columns:
            raise ConfigurationError(f"The mapping {path}: '{what}' names {name}, which is no column of {feed.name}.")
    made = [*columns.values(), *constants]
    twice = sorted({name for name in made if made.count(name) > 1})
    missing = [name for name, column in feed.columns.items() if column.required and name not in made]
    wrong = [name for name in formats if feed.columns[name].kind not in _FORMATTED]
    for names, problem in (
        (twice, "gets more than one source"),
        (missing, "is required and gets no source"),
        (wrong, "has a format and is no date, time or month"),
        (sorted(columns.keys() & set(ignored)), "is both read and ignored"),
        (sorted({person.name for person in feed.person_ids} & (values.keys() | formats.keys() | constants.keys())),
         "is a person id and can only be read as it stands"),
    ):  # fmt: skip
        if names:
            raise ConfigurationError(f"The mapping {path}: '{what}': {', '.join(names)} {problem}.")
    return FeedMapping(columns, tuple(ignored), constants, values, formats)


def _check_format(given: str, path: Path, what: str) -> None:
    try:
        duckdb.execute("select try_strptime('', ?)", [given])
    except duckdb.Error:
        fits = False
    else:
        fits = "%z" not in given.lower()
    if not fits:
        raise ConfigurationError(
            f"The mapping {path}: '{what}': '{given}' is no format of a local date or time, such as '%Y%m%d %H:%M'. A "
            "time with an offset needs none: it is read as ISO 8601."
        )


def _quote(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
